"""Slack's requests over HTTP: whether Slack signed them, and what is in them."""

import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import parse_qsl

WINDOW = 300
"""Seconds (https://docs.slack.dev/authentication/verifying-requests-from-slack/)."""
MALFORMED = (LookupError, TypeError, AttributeError, ValueError)
"""What reading a payload raises if it isn't shaped like Slack's."""
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def could_be_genuine(timestamp: str, signature: str, now: float) -> bool:
    """Return whether the headers alone don't rule out that a request is Slack's; the rest takes its body."""
    is_recent = bool(re.fullmatch(r"[0-9]{1,15}", timestamp)) and abs(now - int(timestamp)) <= WINDOW
    return is_recent and bool(_SIGNATURE.fullmatch(signature))


def is_genuine(secret: str, body: bytes, timestamp: str, signature: str, now: float) -> bool:
    """Return whether Slack signed this request within five minutes of `now`, in seconds since 1970. Never raises.

    Not the SDK's `SignatureVerifier`: it raises on a timestamp that isn't a number, on a body that isn't UTF-8 and on
    a signature that isn't ASCII (slack_sdk 3.47, `signature/__init__.py`), which turns a bad request into a 500.
    """
    if not could_be_genuine(timestamp, signature, now):
        return False
    expected = "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


def read_body(body: bytes) -> dict[str, Any] | None:
    """Return the JSON of an event or an interaction, or the fields of a command; None if the body is neither."""
    try:
        text = body.decode()
        if not text.startswith("{"):
            fields = dict(parse_qsl(text, keep_blank_values=True))
            if "payload" not in fields:
                return fields or None
            text = fields["payload"]
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None
