"""A control hub for moderated telephone conferences. docs/architecture.md shows the house."""
