"""The page for the night: whom to ring, who leads, and where the originals are."""
