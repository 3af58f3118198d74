"""The second step: showing it, setting it up, and changing it."""
