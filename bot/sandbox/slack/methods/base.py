"""What every method of the Web API uses."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.slack.state import Channel, State, Token


class Refused(Exception):
    """`{"ok": false, "error": …}`."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    @classmethod
    def because(cls, error: str, problems: Sequence[str]) -> "Refused":
        """Return it with what is wrong in `response_metadata.messages`, and again in `errors`."""
        messages = [f"[ERROR] {problem}" for problem in problems]
        return cls(error, errors=list(problems), response_metadata={"messages": messages})

    @classmethod
    def for_scope(cls, needed: str, token: Token) -> "Refused":
        return cls("missing_scope", needed=needed, provided=",".join(sorted(token.scopes)))


class Args:
    """The arguments as they were sent: strings from a form, anything from JSON."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None or value is False:
            return ""
        if isinstance(value, dict | list):
            return json.dumps(value)
        return str(value)

    def required(self, *keys: str) -> None:
        """Raise Refused if one is missing, like Slack's argument check."""
        if missing := [key for key in keys if not self.text(key)]:
            raise Refused.because("invalid_arguments", [f"missing required field: {key}" for key in missing])

    def flag(self, key: str) -> bool:
        return self.text(key).lower() in {"true", "1"}

    def number(self, key: str, default: int, at_most: int) -> int:
        text = self.text(key)
        if not text:
            return default
        if not text.isdecimal() or int(text) < 1:
            raise Refused("invalid_limit")
        return min(int(text), at_most)

    def document(self, key: str, error: str) -> Any:
        """Return the JSON of an argument, which is a string in a form. Raises Refused with `error`."""
        value = self.values.get(key)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as exc:
            raise Refused(error) from exc


@dataclass(slots=True)
class Request:
    state: State
    args: Args
    token: Token
    base_url: str
    take_place: Callable[[str], None] = lambda _channel: None
    """Takes a channel's turn for a message, once everything else is valid. Raises if there is none yet."""

    def need(self, scope: str) -> None:
        if scope not in self.token.scopes:
            raise Refused.for_scope(scope, self.token)

    def channel(self, *, scope: str = "", member: bool = False, key: str = "channel") -> Channel:
        """Return the channel in an argument, if the bot may know it. Raises Refused.

        `scope` is the part after the colon of the scope that is needed for its kind. A private channel that the bot
        isn't in, and a user's id, are `channel_not_found`; with `member`, a public one is `not_in_channel`:
        https://docs.slack.dev/reference/methods/conversations.history#errors
        """
        self.args.required(key)
        channel = self.state.channels.get(self.args.text(key))
        if channel is None:
            raise Refused("channel_not_found")
        if scope:
            self.need(f"{channel.kind}:{scope}")
        if self.state.bot_user not in channel.members:
            if channel.is_private or channel.is_im:
                raise Refused("channel_not_found")
            if member:
                raise Refused("not_in_channel")
        return channel


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    run: Callable[[Request], Awaitable[dict[str, Any]]]
    scopes: tuple[str, ...] = ()
    """One of them is needed."""
    tier: int = 3
    """https://docs.slack.dev/apis/web-api/rate-limits#tiers ; 0 if it has a limit of its own."""
    token: Literal["bot", "app"] = "bot"  # noqa: S105 -- a kind of token
    takes_json: bool = True
    """False for methods that only read: https://docs.slack.dev/apis/web-api/using-the-slack-web-api#methods_supporting_json"""


def page(args: Args, items: Sequence[Any], default: int, at_most: int) -> tuple[list[Any], dict[str, Any]]:
    """Return a page of `items`, and the metadata for the next one: https://docs.slack.dev/apis/web-api/pagination"""
    limit = args.number("limit", default, at_most)
    cursor = args.text("cursor")
    if cursor and not cursor.removeprefix("next:").isdecimal():
        raise Refused("invalid_cursor")
    begin = int(cursor.removeprefix("next:") or 0)
    end = begin + limit
    following = f"next:{end}" if end < len(items) else ""
    return list(items[begin:end]), {"next_cursor": following}
