"""Help, and the messages while an answer takes long."""
