"""Files of any size that are nowhere: their bytes are made while they are sent, the same ones each time."""

import functools
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 256 * 1024
_PERIOD = 65_521
"""A prime, so that no two chunks in a row are alike."""
_HEADER = 44
_BYTES_A_SECOND = 32_000
"""16 kHz, 16 bits, one channel: what a WAV of this size plays at."""


@dataclass(frozen=True, slots=True)
class Synthetic:
    """`size` bytes that depend on `seed`; a WAV has its header in front of them."""

    size: int
    seed: int = 0
    is_wav: bool = False

    @property
    def duration_ms(self) -> int:
        """How long a WAV plays; 0 for what is none."""
        return max(0, self.size - _HEADER) * 1000 // _BYTES_A_SECOND if self.is_wav else 0

    def chunks(self, start: int, stop: int, length: int = CHUNK) -> Iterator[memoryview]:
        """The bytes from `start` until before `stop`, at most `length` (and never more than CHUNK) at a time."""
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
    """The period, as often as a chunk from anywhere in it needs."""
    period = random.Random(seed).randbytes(_PERIOD)
    return (period * (CHUNK // _PERIOD + 2))[: _PERIOD + CHUNK]


def _wav_header(size: int) -> bytes:
    """http://soundfile.sapp.org/doc/WaveFormat/ : RIFF, `fmt ` for PCM, and `data` up to the end."""
    data = max(0, size - _HEADER)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _BYTES_A_SECOND // 2, _BYTES_A_SECOND, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", data + 36, b"WAVE") + form + struct.pack("<4sI", b"data", data)
