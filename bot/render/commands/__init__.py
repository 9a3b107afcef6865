"""Help, and the messages for people who have to wait."""
