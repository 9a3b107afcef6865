"""Search: conversations by what was said in them, from the mirror."""
