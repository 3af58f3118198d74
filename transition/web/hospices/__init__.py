"""What is known of one's own hospice."""
