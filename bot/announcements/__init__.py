"""Public lines in a channel about changes that affect everybody there."""
