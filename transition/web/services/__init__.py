"""The services map of a case."""
