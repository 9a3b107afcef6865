"""Settings of the C library's allocator that fit how the bot uses memory."""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""`M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD` of glibc's malloc.h: https://man7.org/linux/man-pages/man3/mallopt.3.html"""
_KEPT = 16 * 2**20
_LARGEST = 4 * 2**20


def keep_freed() -> None:
    """Let the process keep up to 16 MiB of freed memory, if the C library supports that.

    By default glibc returns each freed chunk of a recording to the system and requests memory for the next one, about a
    thousand times per gigabyte, which took a tenth of a transfer's time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _LARGEST)
