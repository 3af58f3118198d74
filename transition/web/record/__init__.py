"""The case record: its sections to read and write, the people around somebody, and two prints."""
