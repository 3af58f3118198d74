"""Screens about the trail: who saw or did what, for auditors and leads."""
