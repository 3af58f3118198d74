"""My letters."""
