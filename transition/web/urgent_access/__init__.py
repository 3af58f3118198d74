"""Opening a record in an emergency, and reviewing it afterwards."""
