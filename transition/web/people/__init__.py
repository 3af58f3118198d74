"""Settings: who works here, what they may do, and how somebody comes in."""
