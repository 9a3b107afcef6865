"""The Slack app's manifest: what to make the app from, and why it asks for each scope.

https://docs.slack.dev/reference/app-manifest
"""

from collections.abc import Mapping
from typing import Any

from bot import ids
from bot.config.addresses import safe_address
from bot.errors import ConfigError

SCOPES: Mapping[str, str] = {
    "commands": "the command /kickscale, and Upload to Kickscale in the menu of a message",
    "chat:write": "sharing an answer in a channel that the bot was invited to, and messages to a person",
    "im:write": "opening the direct message that a transcript is sent to",
    "users:read": "a person's time zone, and whether they are a guest or from outside",
    "users:read.email": "telling which conversations are a rep's own",
    "files:write": "sending a transcript as a file",
    "files:read": "reading a recording that is uploaded; after a crash: whether a transcript was already sent",
    "app_mentions:read": "uploading the recording of a message that mentions the bot",
    "channels:history": "seeing that a recording is shared in a public channel where uploads are on; after a crash: "
    "whether an answer was already shared there",
    "groups:history": "the same in a private channel",
    "im:history": "after a crash: whether a message to a person was already sent",
    "im:read": "whom a direct message is with, before a digest is posted there, and when it is erased",
    "channels:read": "whether the bot is a member of a public channel, and who else sees what it posts there",
    "groups:read": "the same of a private channel",
    "usergroups:read": "who is in the user groups that the settings name",
}
"""Every bot scope, and what it is used for. Nothing is asked for that is not used."""


EVENTS: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "channel_shared": "channels:read",
    "file_shared": "files:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "member_joined_channel": "channels:read",
}
"""Every event that the bot is told of, and the scope for it. Of messages only those with files are looked at."""


def build(url: str | None = None) -> dict[str, Any]:
    """The manifest for Socket Mode; with the bot's own public address, the one for HTTP. Raises ConfigError for it."""
    events = None if url is None else f"{_public(url)}/slack/events"
    request_url = {} if events is None else {"request_url": events}
    return {
        "display_information": {
            "name": "Kickscale",
            "description": "Meetings and calls from Kickscale, in Slack",
            "long_description": (
                "Ask for the meetings and calls of a customer with /kickscale calls acme.com last-week, and read their "
                "summary, action items and questions in Slack. An answer is for you alone until you share it in a "
                "channel; transcripts come by direct message, and a recording's link is fresh whenever you ask."
            ),
            "background_color": "#1d2b4f",
        },
        "features": {
            # Without the Messages tab Slack refuses the bot's direct messages: `messages_tab_disabled`
            # (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Kickscale", "always_online": True},
            "shortcuts": [
                {
                    "name": "Upload to Kickscale",
                    "type": "message",
                    "callback_id": ids.UPLOAD_SHORTCUT,
                    "description": "Upload the recording in this message to Kickscale",
                }
            ],
            "slash_commands": [
                {
                    "command": "/kickscale",
                    **({} if events is None else {"url": events}),
                    "description": "Calls and meetings of your customers",
                    "usage_hint": "calls acme.com last-week | meetings … | call ID | meeting ID | status | help",
                    # Mentions arrive as ids, not as names that two people may share.
                    "should_escape": True,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": events is None,
            "token_rotation_enabled": False,
        },
    }


def to_yaml(manifest: Mapping[str, Any]) -> str:
    """The manifest as people read it, each scope with its reason."""
    import yaml  # noqa: PLC0415 only this command needs it

    lines = yaml.safe_dump(dict(manifest), sort_keys=False, allow_unicode=True, width=100).splitlines()
    return "".join(f"{_with_reason(line)}\n" for line in lines)


def _with_reason(line: str) -> str:
    reason = SCOPES.get(line.strip().removeprefix("- "))
    return line if reason is None else f"{line}  # {reason}"


def _public(url: str) -> str:
    try:
        return safe_address(url)
    except ValueError as exc:
        raise ConfigError("--url", str(exc)) from exc
