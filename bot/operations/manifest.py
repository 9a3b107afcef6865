"""The manifest to create the Slack app from, with the reason for each scope.

https://docs.slack.dev/reference/app-manifest
"""

from collections.abc import Mapping
from typing import Any

from bot import ids
from bot.config.addresses import safe_address
from bot.errors import ConfigError

SCOPES: Mapping[str, str] = {
    "commands": "the command /kickscale, and Upload to Kickscale in a message's menu",
    "chat:write": "sharing answers in channels that the bot was invited to, and direct messages",
    "im:write": "opening a direct message, e.g. to send a transcript",
    "users:read": "a person's time zone and language, and whether they are a guest or from another company",
    "users:read.email": "finding out which conversations are a rep's own",
    "files:write": "sending a transcript as a file",
    "files:read": "reading recordings to upload; after a crash: checking whether a transcript was already sent",
    "app_mentions:read": "commands and recordings in messages that mention the bot",
    "channels:history": "noticing recordings in public channels where uploads are on; after a crash: "
    "checking whether an answer was already shared there",
    "groups:history": "the same for private channels",
    "im:history": "commands in the app's own messages; after a crash: checking whether a direct message was already "
    "sent",
    "im:read": "finding out who a direct message is with, before posting a digest there and when erasing",
    "channels:read": "finding out whether the bot is in a public channel, and who else can see what it posts there",
    "groups:read": "the same for private channels",
    "usergroups:read": "finding out who is in the user groups named in the settings",
}
"""Every bot scope, and what it is used for. The bot requests no scope that it doesn't use."""


EVENTS: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "channel_shared": "channels:read",
    "file_shared": "files:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "member_joined_channel": "channels:read",
}
"""Every event that the bot subscribes to, and its scope. The bot ignores messages in channels that have no files."""


def build(url: str | None = None) -> dict[str, Any]:
    """Return the manifest for Socket Mode, or for HTTP at the bot's public address. Raises ConfigError."""
    events = None if url is None else f"{_public(url)}/slack/events"
    request_url = {} if events is None else {"request_url": events}
    return {
        "display_information": {
            "name": "Kickscale",
            "description": "Your Kickscale calls and meetings, in Slack",
            "long_description": (
                "Look up the calls and meetings with a customer, e.g. with /kickscale calls acme.com last-week, and "
                "read their summary, action items and questions without leaving Slack. Only you see an answer until "
                "you share it in a channel. Transcripts arrive by direct message, and recording links are always fresh."
            ),
            "background_color": "#1d2b4f",
        },
        "features": {
            # Without the Messages tab Slack refuses the bot's direct messages: `messages_tab_disabled`
            # (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
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
                    "description": "Look up calls and meetings with your customers",
                    "usage_hint": "calls acme last week | meetings … | search … | stats | digest … | uploads … | help",
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
    """Return the manifest as YAML, with the reason next to each scope."""
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
