"""Files of any size that aren't stored: their bytes are generated when they are sent, the same each time."""

import functools
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 256 * 1024
_PERIOD = 65_521
"""A prime, so that consecutive chunks differ."""
_HEADER = 44
_BYTES_A_SECOND = 32_000
"""The rate of a WAV: 16 kHz, 16 bits, one channel."""


@dataclass(frozen=True, slots=True)
class Synthetic:
    """`size` bytes that depend on `seed`; a WAV begins with its header."""

    size: int
    seed: int = 0
    is_wav: bool = False

    @property
    def duration_ms(self) -> int:
        """The length of a WAV; 0 for any other file."""
        return max(0, self.size - _HEADER) * 1000 // _BYTES_A_SECOND if self.is_wav else 0

    def chunks(self, start: int, stop: int, length: int = CHUNK) -> Iterator[memoryview]:
        """Yield the bytes from `start` to before `stop`, at most `length` (and never more than CHUNK) at a time."""
        if self.is_wav and start < min(_HEADER, stop):
            header = memoryview(_wav_header(self.size))[start : min(_HEADER, stop)]
            yield header
            start += len(header)
        pattern = memoryview(_pattern(self.seed))
        while start < stop:
            begin = start % _PERIOD
            size = min(length, CHUNK, stop - start)
            yield pattern[begin : begin + size]
            start += size


@functools.lru_cache(maxsize=16)
def _pattern(seed: int) -> bytes:
    """Return the pattern, repeated often enough for a chunk from any position."""
    period = random.Random(seed).randbytes(_PERIOD)
    return (period * (CHUNK // _PERIOD + 2))[: _PERIOD + CHUNK]


def _wav_header(size: int) -> bytes:
    """http://soundfile.sapp.org/doc/WaveFormat/ : RIFF, `fmt ` for PCM, and `data` to the end."""
    data = max(0, size - _HEADER)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _BYTES_A_SECOND // 2, _BYTES_A_SECOND, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", data + 36, b"WAVE") + form + struct.pack("<4sI", b"data", data)
