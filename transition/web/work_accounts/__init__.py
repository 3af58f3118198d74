"""Signing in with a work account."""
