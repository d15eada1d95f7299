"""The 云通讯 platform in a box: its REST API, its calls, its callbacks. Reached only over HTTP."""
