"""Help, and what is said while an answer is on its way."""
