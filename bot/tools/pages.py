"""Pages of a list that people leaf through."""


def count_pages(total: int, size: int) -> int:
    """Return how many pages of a size a list has: at least one, which may be empty."""
    return max(1, -(-total // size))
