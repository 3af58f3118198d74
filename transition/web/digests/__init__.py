"""What my next digest will say."""
