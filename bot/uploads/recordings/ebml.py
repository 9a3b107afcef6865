"""EBML, the format underlying Matroska and WebM (RFC 8794)."""

from collections.abc import Iterator

from bot.uploads.recordings.window import Unknown

_ELEMENTS = 1_000
"""The most elements that are read; real files have a few dozen before their media."""


def element(data: bytes, at: int) -> tuple[int, int, int]:
    """Return an element's id, where its content starts, and its size (RFC 8794, 4 and 5). Raises Unknown."""
    wide = 9 - data[at].bit_length() if at < len(data) else 9
    sized = at + wide
    width = 9 - data[sized].bit_length() if sized < len(data) else 9
    start = sized + width
    if wide > 4 or width > 8 or start > len(data):
        raise Unknown
    size = int.from_bytes(data[sized:start], "big") & ~(1 << 7 * width)
    return int.from_bytes(data[at:sized], "big"), start, size


def children(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the id and the content of each element within the content of another one. Raises Unknown."""
    at = 0
    for _ in range(_ELEMENTS):
        if at >= len(data):
            break
        identity, start, size = element(data, at)
        at = start + size
        yield identity, data[start:at]
