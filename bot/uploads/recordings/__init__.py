"""What can be learned from a recording's first bytes, its tags and its name."""
