"""From the log to the watchers. Never decodes the body of an event."""
