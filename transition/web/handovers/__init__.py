"""Handovers: proposing one, the inbox, the pack and the reply."""
