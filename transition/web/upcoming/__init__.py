"""The screen of who moves when."""
