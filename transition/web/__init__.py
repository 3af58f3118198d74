"""Screens: read the form, do one action, choose the next page. A screen never writes a row."""
