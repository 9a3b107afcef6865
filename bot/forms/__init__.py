"""What a modal asks, and what was entered in it."""
