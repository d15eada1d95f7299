"""Where everything is kept: one writer, one log per conference, committed before it is told to anybody."""
