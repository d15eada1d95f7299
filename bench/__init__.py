"""What the hub costs and how fast it is; see README.md."""
