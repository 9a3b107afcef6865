"""The mirror: copies of the last `MIRROR_DAYS` days, kept as Kickscale has them, to be searched and counted."""
