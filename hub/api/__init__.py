"""The doors: HTTP, JSON-RPC, callbacks. Here the hub's words become the documented ones and back."""
