"""What Slack's error codes mean for the bot: pure."""

import re
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import NotInChannel, SlackDenied, SlackError, SlackUnavailable

DIRECT_MESSAGE = "direct_message"
"""The code of NotInChannel for a direct message between two people. It is ours: Slack says `channel_not_found`."""
NO_FILE = {"file_not_found": "unseen", "file_deleted": "gone"}
"""Codes for a missing file, as reasons of RecordingRefused. Slack also says the first one of a file that is shared only
in channels that the bot isn't in (https://docs.slack.dev/reference/methods/files.info#errors)."""
_NO_CHANNEL = {"not_in_channel", "channel_not_found"}
_BAD_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
_DENIED = {
    *_BAD_TOKEN,
    "missing_scope",
    "not_allowed_token_type",
    "no_permission",
    "ekm_access_denied",
}
_CLOSED_CHANNEL = {
    "is_archived",
    "is_inactive",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
}
"""The bot may not post in the channel (https://docs.slack.dev/reference/methods/chat.postMessage#errors) or may not
edit its messages there (https://docs.slack.dev/reference/methods/chat.update#errors)."""
_TEMPORARY = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    # While a workspace moves into an organisation, or a channel moves between two workspaces
    # (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
    "team_added_to_org",
    "org_login_required",
    "external_channel_migrating",
}
_COUNTED = {
    *_NO_CHANNEL,
    *NO_FILE,
    *_DENIED,
    *_CLOSED_CHANNEL,
    *_TEMPORARY,
    "cant_delete_message",
    "cant_update_message",
    "edit_window_closed",
    "expired_trigger_id",
    "invalid_arguments",
    "invalid_blocks",
    "message_not_found",
    "msg_too_long",
    "not_found",
    "thread_not_found",
    "trigger_expired",
    "user_not_found",
    "user_not_in_channel",
    "users_not_found",
}
"""The codes that are counted by name. Any other text comes from outside and must not become a metric's label."""


def is_closed(exc: SlackError) -> bool:
    """Return whether the bot can't write in that channel until somebody changes something."""
    return isinstance(exc, NotInChannel | SlackDenied) or exc.code in _CLOSED_CHANNEL


def may_pass(exc: SlackError) -> bool:
    """Return whether Slack may answer differently later: it is away or busy, or the bot's token is being replaced."""
    return isinstance(exc, SlackUnavailable) or exc.code in _BAD_TOKEN


def read_failure(exc: SlackApiError, channel: str, bot_user: str) -> tuple[SlackError, float | None]:
    """Return Slack's refusal as an error of ours, and how many seconds to wait if it was a 429.

    `channel` is the one that the call was about, and `bot_user` the bot's own id, if they are known.
    """
    response: Any = exc.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)  # text if a proxy answered, and missing if the body was no JSON
    code = data.get("error") if isinstance(data, dict) else None
    if status == 429:
        return SlackUnavailable("ratelimited"), read_retry_after(response.headers.get("Retry-After"))
    if status >= 500 or code is None or code in _TEMPORARY:
        return SlackUnavailable(str(code or status)), None
    if code in _NO_CHANNEL:
        return NotInChannel(DIRECT_MESSAGE if channel.startswith("D") else code, bot_user), None
    if code in _DENIED:
        return SlackDenied(code), None
    return SlackError(str(code)), None


def outcome(error: SlackError) -> str:
    """Return how a failed call is counted: by the HTTP status, a code that we know, or `other`."""
    is_known = error.code in _COUNTED or re.fullmatch("[1-5][0-9]{2}", error.code)
    return error.code if is_known else "other"


def read_retry_after(header: str | None) -> float:
    """Return the seconds that a `Retry-After` header asks for, limited to between one second and one day."""
    try:
        return min(max(1.0, float(header or 1)), 86_400.0)
    except ValueError:
        return 1.0
