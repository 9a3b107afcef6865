"""`kickscale-bot upload`: recordings from the disk."""
