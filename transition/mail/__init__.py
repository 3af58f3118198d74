"""What is said in letters. Nothing in this room can name a young person."""
