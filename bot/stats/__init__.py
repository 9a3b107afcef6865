"""Statistics: how many conversations there were and how long they took, and which customers went quiet."""
