"""Milestones of a case: done, not needed, put back."""
