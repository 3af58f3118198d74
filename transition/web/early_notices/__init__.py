"""Early notices to adult hospices."""
