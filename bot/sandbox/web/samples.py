"""A sample recording."""

import io
import math
import random
import wave
from datetime import datetime, timedelta
from functools import lru_cache

NAME = "Pricing with Acme.wav"
TEXT = "@Kickscale acme.com"
"""What is written beside it, so that the bot knows the customer."""
AGO = timedelta(minutes=30)
SECONDS = 75
_RATE = 8_000
_SYLLABLE = _RATE // 5


def sample(now: datetime) -> tuple[str, bytes]:
    """Return the name and the content of a recording of a call that began half an hour ago."""
    return f"{now - AGO:%Y-%m-%d %H.%M} {NAME}", recording()


@lru_cache(maxsize=1)
def recording() -> bytes:
    """Return two low voices that take turns, without words: 8 bits, 8 kHz, mono."""
    rng, samples = random.Random("sample"), bytearray()
    while len(samples) < SECONDS * _RATE:
        pitch = 110 if (len(samples) // (_RATE * 6)) % 2 else 180
        tone, loudness = pitch * rng.uniform(0.8, 1.3), rng.choice((0, 12, 20, 30))
        samples += bytes(
            128 + int(loudness * math.sin(math.pi * place / _SYLLABLE) * math.sin(math.tau * tone * place / _RATE))
            for place in range(_SYLLABLE)
        )
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(_RATE)
        out.writeframes(bytes(samples[: SECONDS * _RATE]))
    return file.getvalue()
