"""How Slack and Kickscale sign their requests, worked out apart from the bot."""

import hashlib
import hmac


def slack_signature(secret: str, timestamp: str, body: bytes) -> str:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def slack_headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": slack_signature(secret, timestamp, body)}


def webhook_signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of Kickscale's webhook. The secret is in hexadecimal digits."""
    return hmac.new(bytes.fromhex(secret), timestamp.encode() + body, hashlib.sha256).hexdigest()


def webhook_headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    signature = webhook_signature(secret, timestamp, body)
    return {"kickscale-signature-hash": signature, "kickscale-signature-timestamp": timestamp}
