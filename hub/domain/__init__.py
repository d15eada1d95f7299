"""The rules of a conference, pure: no I/O, no clock, no ids, no logging."""
