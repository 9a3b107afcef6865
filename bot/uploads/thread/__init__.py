"""What is said about an upload: in its thread, where it is asked for again, and to one person."""
