"""The letters of a demonstration, to be read in the browser."""
