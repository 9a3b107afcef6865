"""Recordings at signed addresses that expire after two days, as the connector says about `recordingRef`."""

import hashlib
import hmac
import io
import math
import struct
import wave
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

LIFETIME = timedelta(days=2)
_RATE = 8_000


class Signer:
    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def path(self, record_id: str, now: datetime) -> str:
        """Return the path at which the server offers the recording for two days from `now`."""
        expires = int((now + LIFETIME).timestamp())
        signature = self._signature(record_id, str(expires))
        return f"/recordings/{quote(record_id, safe='')}.wav?expires={expires}&signature={signature}"

    def allows(self, record_id: str, query: Mapping[str, str], now: datetime) -> bool:
        expires = query.get("expires", "")
        signature = self._signature(record_id, expires)
        is_ours = hmac.compare_digest(query.get("signature", "").encode(), signature.encode())
        return is_ours and now.timestamp() < int(expires)

    def _signature(self, record_id: str, expires: str) -> str:
        return hmac.new(self._secret, f"{record_id}\n{expires}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=1)
def sample_wav() -> bytes:
    """Return a second of a soft tone: mono, 16 bits, 8 kHz."""
    tone = (int(6_000 * math.sin(2 * math.pi * 330 * place / _RATE)) for place in range(_RATE))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in tone))
    return file.getvalue()
