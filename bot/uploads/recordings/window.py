"""A file of which only the first and the last bytes are known."""

from functools import cached_property


class Unknown(OSError):
    """These bytes are between the first and the last ones, or after the end."""


class Window:
    def __init__(self, head: bytes, tail: bytes, size: int) -> None:
        """`size` is the whole file's, in bytes."""
        self.head, self.tail, self.size = head, tail[-size:] if size else b"", max(size, len(head))
        self.tail_start = self.size - len(self.tail)

    def at(self, position: int, length: int) -> bytes:
        """Return `length` bytes from `position` on. Raises Unknown if not all are known."""
        if position >= 0 and position + length <= len(self.head):
            return self.head[position : position + length]
        if position >= self.tail_start and position + length <= self.size:
            return self.tail[position - self.tail_start : position - self.tail_start + length]
        raise Unknown

    def known_from(self, position: int) -> bytes:
        """Return all known bytes from `position` on, up to a gap."""
        if self.whole is not None:
            return self.whole[position:]
        return self.head[position:] if position < len(self.head) else self.tail[max(0, position - self.tail_start) :]

    @cached_property
    def whole(self) -> bytes | None:
        """All bytes of the file; None if some are missing."""
        if len(self.head) == self.size:
            return self.head
        missing = self.size - len(self.head)
        return self.head + self.tail[-missing:] if missing <= len(self.tail) else None

    @property
    def last(self) -> bytes:
        """The last bytes, also if the head is the whole file."""
        return self.head if len(self.head) == self.size else self.tail
