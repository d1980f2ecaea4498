"""What grants says to people, by subject."""
