"""Kickscale's webhook: whether a request is genuine, and what it contains. Pure.

Its signature and contents are described in Kickscale's help article 10392979, "Using Webhooks on Kickscale".
"""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta

from bot.kickscale.records.parsing import conversation
from bot.model.conversation import Conversation, Kind

SIGNATURE = "kickscale-signature-hash"
TIMESTAMP = "kickscale-signature-timestamp"
"""The headers that each request has."""
ANALYSED = "meeting_analyzed"
WINDOW = timedelta(minutes=5)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MILLISECONDS = 10**11
"""As seconds this is in the year 5138, as milliseconds in 1973."""
_NUMBER = re.compile(r"[0-9]{1,14}")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_HASH = re.compile(r"[0-9a-fA-F]{64}")


def could_be_genuine(timestamp: str, signature: str, now: datetime) -> bool:
    """Return whether a request may be genuine by its headers. To be sure, its body is needed: see `verify`."""
    moment = _moment(timestamp)
    return moment is not None and abs(now - moment) <= WINDOW and bool(_HASH.fullmatch(signature))


def verify(secret_hex: str, timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """Return whether body and timestamp were signed with the secret, within five minutes of `now`. Never raises.

    The timestamp is in seconds or milliseconds since 1970, or in ISO 8601, by default in UTC. Without a secret the
    result is always False.
    """
    try:
        key = bytes.fromhex(secret_hex)
    except ValueError:
        return False
    if not key or not could_be_genuine(timestamp, signature, now):
        return False
    expected = hmac.new(key, timestamp.encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature.lower())


def read_event(body: bytes) -> Conversation | None:
    """Return the meeting that was analysed; None if the body can't be read. Never raises."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):  # ValueError also for bytes that aren't UTF-8, and for overlong numbers
        return None
    if not isinstance(event, dict) or event.get("eventType") != ANALYSED:
        return None
    return conversation(event.get("meeting"), Kind.MEETING)


def _moment(timestamp: str) -> datetime | None:
    if _NUMBER.fullmatch(timestamp):
        number = int(timestamp)
        unit = timedelta(seconds=1) if number < _FIRST_MILLISECONDS else timedelta(milliseconds=1)
        return _EPOCH + number * unit
    if not _ISO.fullmatch(timestamp):
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # e.g. the 30th of February, or a zone that leads out of the calendar
        return None
