"""The transfer: what it waits for, the two signatures, and who leads what from which day."""
