"""The workspace's people, channels, messages, views, files and tokens. Only the event loop's thread writes."""

import asyncio
import itertools
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.sandbox.slack.mrkdwn import mentions_in
from bot.sandbox.slack.refusals import Refused
from bot.sandbox.slack.synthetic import CHUNK, Synthetic

Json = dict[str, Any]
T = TypeVar("T")
Mode = Literal["hosted", "external", "tombstone", "hidden_by_limit"]


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    real_name: str
    email: str
    tz: str
    team_id: str
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    locale: str = "en-US"


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str
    members: tuple[str, ...] = ()
    is_private: bool = False
    is_im: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    topic: str = ""

    @property
    def kind(self) -> Literal["channels", "groups", "im"]:
        """The first part of the scopes for it: `channels:read`, `groups:read`, `im:read`."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"


@dataclass(frozen=True, slots=True)
class UserGroup:
    id: str
    handle: str
    name: str
    members: tuple[str, ...] = ()
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One version of a message: an edit or a deletion replaces it in the state."""

    channel: str
    ts: str
    text: str
    user: str
    bot_id: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str = ""
    edited: str = ""
    """The ts of the edit."""
    files: tuple[str, ...] = ()
    subtype: str = ""
    reply_broadcast: bool = False
    ephemeral_for: str = ""
    """The only user who sees it; empty if everybody in the channel does."""

    @property
    def mentions(self) -> tuple[str, ...]:
        """What would ping somebody: `<!channel>`, `<@U…>`, … in texts that Slack parses."""
        return mentions_in({"text": self.text, "blocks": self.blocks, "attachments": self.attachments})

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in {"", self.ts}


@dataclass(frozen=True, slots=True)
class View:
    id: str
    type: Literal["modal", "home"]
    user: str
    payload: Json
    """What the app sent, with the block ids and action ids that Slack adds if they are missing."""
    hash: str
    root_view_id: str
    previous_view_id: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    """By block id, from the latest `response_action: errors`."""
    values: Json = field(default_factory=dict)
    """What the person has entered so far: block id → action id → value."""

    @property
    def callback_id(self) -> str:
        return str(self.payload.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        return str(self.payload.get("external_id") or "")


class Share(NamedTuple):
    """Where a file was shared."""

    channel: str
    ts: str
    thread_ts: str = ""


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    title: str
    user: str
    size: int
    created: int
    content: bytes | None = None
    """None until its bytes were posted to the upload address, or if they are synthetic."""
    is_complete: bool = False
    shares: tuple[Share, ...] = ()
    synthetic: Synthetic | None = None
    mimetype: str = ""
    filetype: str = ""
    mode: Mode = "hosted"
    external_url: str = ""
    subtype: Literal["", "slack_audio", "slack_video"] = ""
    """The length of a clip that was recorded in Slack."""
    duration_ms: int = 0
    needs_info: bool = False
    """Messages only have a reference for files.info, as in Slack Connect."""

    @property
    def has_bytes(self) -> bool:
        return self.mode == "hosted" and (self.content is not None or self.synthetic is not None)

    def chunks(self, start: int, stop: int, length: int = CHUNK) -> Iterator[memoryview]:
        """Yield its bytes from `start` to before `stop`, a chunk at a time."""
        if self.synthetic is not None:
            yield from self.synthetic.chunks(start, stop, length)
            return
        content = memoryview(self.content or b"")
        for begin in range(start, stop, length):
            yield content[begin : min(begin + length, stop)]


@dataclass(frozen=True, slots=True)
class Token:
    kind: Literal["bot", "app"]
    scopes: frozenset[str]
    is_revoked: bool = False


@dataclass(slots=True)
class Trigger:
    """An interaction's trigger: it can be exchanged for one view, within three seconds."""

    user: str
    created_at: datetime
    view: str = ""
    """The modal that was open when it was created."""
    is_used: bool = False


@dataclass(slots=True)
class Hook:
    """A response_url."""

    kind: Literal["commands", "actions", "app"]
    channel: str
    user: str
    created_at: datetime
    message: Message | None = None
    """The message whose button was clicked."""
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A request from the app to the Web API (or `response_url`, `upload`, `download`), and its result."""

    method: str
    args: Mapping[str, Any]
    at: datetime
    ok: bool
    error: str = ""
    status: int = 200
    response: Mapping[str, Any] = field(default_factory=dict)


class State:
    """The workspace. Ids are unique, but the same in every run."""

    def __init__(self, clock: Clock, *, team_id: str, team_name: str, team_domain: str, app_id: str) -> None:
        self.clock = clock
        self.team_id = team_id
        self.team_name = team_name
        self.team_domain = team_domain
        self.app_id = app_id
        self.bot_id = "B0SANDBOX1"
        self.bot_user = ""
        self.base_url = ""
        """The address of this Slack, once it is started."""
        self.subscriptions = frozenset(
            {
                "app_mention",
                "channel_shared",
                "file_shared",
                "member_joined_channel",
                "message.channels",
                "message.groups",
            }
        )
        """The events to which the app subscribed in its manifest."""
        self.verification_token = secrets.token_urlsafe(18)
        self.signing_secret = secrets.token_hex(16)
        self.users: dict[str, User] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: defaultdict[str, list[Message]] = defaultdict(list)
        self.ephemerals: defaultdict[tuple[str, str], list[Message]] = defaultdict(list)
        self.views: dict[str, View] = {}
        self.stacks: defaultdict[str, list[str]] = defaultdict(list)
        """Each user's open modals, the visible one last."""
        self.homes: dict[str, str] = {}
        self.files: dict[str, File] = {}
        self.uploads: dict[str, str] = {}
        """The token of an upload address → the file's id."""
        self.tokens: dict[str, Token] = {}
        self.tickets: set[str] = set()
        """For future Socket Mode connections."""
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.calls: list[Call] = []
        self._numbers = itertools.count(1)
        self._latest = 0
        self._pulse = asyncio.Event()
        self.version = 0
        """It grows with every change."""

    # ---- find --------------------------------------------------------------------------------------------------------

    def user(self, which: str) -> User:
        """Find a user by id or name, with or without the `@`. Raises LookupError."""
        name_or_id = which.removeprefix("@")
        for user in self.users.values():
            if name_or_id in {user.id, user.name}:
                return user
        raise Refused("person", f"There is no person {which!r} in the sandbox.", name=which)

    def channel(self, which: str) -> Channel:
        """Find a channel by id or name, with or without the `#`. Raises LookupError."""
        name_or_id = which.removeprefix("#")
        for channel in self.channels.values():
            if name_or_id in {channel.id, channel.name}:
                return channel
        raise Refused("channel", f"There is no channel {which!r} in the sandbox.", name=which)

    def message(self, channel: str, ts: str) -> Message | None:
        return next((message for message in self.messages[channel] if message.ts == ts), None)

    def everything(self, channel: str) -> Iterator[Message]:
        """Yield a channel's messages, and the ephemeral ones in it."""
        yield from self.messages[channel]
        for (where, _), messages in self.ephemerals.items():
            if where == channel:
                yield from messages

    def is_in(self, channel: str) -> bool:
        """Return whether the bot is in a channel."""
        return channel in self.channels and self.bot_user in self.channels[channel].members

    def sees(self, file: File) -> bool:
        """Return whether the bot sees a file: its own, and those in conversations that it is in.

        "The file does not exist, or is not visible to the calling user":
        https://docs.slack.dev/reference/methods/files.info#errors
        """
        return file.user == self.bot_user or any(self.is_in(share.channel) for share in file.shares)

    @property
    def bot_scopes(self) -> frozenset[str]:
        """The scopes of the app's bot token."""
        tokens = [token for token in self.tokens.values() if token.kind == "bot" and not token.is_revoked]
        return frozenset().union(*(token.scopes for token in tokens))

    # ---- create ------------------------------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        return f"{prefix}0SB{next(self._numbers):07X}"

    def new_ts(self) -> str:
        """Return a ts for a message, which must be unique and increasing whatever the clock does."""
        micros = int(self.clock.now().timestamp() * 1_000_000)
        self._latest = max(micros, self._latest + 1)
        return f"{self._latest // 1_000_000}.{self._latest % 1_000_000:06d}"

    def new_trigger(self, user: str, view: str = "") -> str:
        number = next(self._numbers)
        trigger = f"{number}.{number + 7}.{secrets.token_hex(16)}"
        self.triggers[trigger] = Trigger(user, self.clock.now(), view)
        return trigger

    def new_hook(
        self, kind: Literal["commands", "actions", "app"], user: str, channel: str, message: Message | None
    ) -> str:
        """Return the path of a new response_url."""
        path = f"/{kind}/{self.team_id}/{next(self._numbers):013d}/{secrets.token_urlsafe(18)}"
        self.hooks[path] = Hook(kind, channel, user, self.clock.now(), message)
        return path

    def im(self, user: str) -> Channel:
        """Return the bot's direct messages with a user, which are opened if necessary."""
        for channel in self.channels.values():
            if channel.is_im and {user, self.bot_user} <= set(channel.members):
                return channel
        channel = Channel(self.new_id("D"), "", (user, self.bot_user), is_im=True)
        self.channels[channel.id] = channel
        return channel

    def post(self, message: Message) -> Message:
        """Add a message to the channel, or to what one user sees."""
        if message.ephemeral_for:
            self.ephemerals[message.channel, message.ephemeral_for].append(message)
        else:
            self.messages[message.channel].append(message)
        self.changed()
        return message

    def replace(self, old: Message, new: Message | None) -> bool:
        """Replace `old` by `new`, or delete it. Returns False if `old` isn't there any more."""
        seen_by = old.ephemeral_for
        messages = self.ephemerals[old.channel, seen_by] if seen_by else self.messages[old.channel]
        for index, message in enumerate(messages):
            if message.ts == old.ts:
                messages[index : index + 1] = [] if new is None else [new]
                self.changed()
                return True
        return False

    def bury(self, file: File) -> None:
        """Delete a file: only its id, its owner and its shares remain."""
        self.files[file.id] = replace(file, name="", title="", content=None, synthetic=None, mode="tombstone")
        self.changed()

    # ---- watch -------------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Wake those who wait for a change."""
        self.version += 1
        self._pulse.set()
        self._pulse = asyncio.Event()

    async def wait_for(self, predicate: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109
        """Return the result of `predicate` once it is true. It is called after each change. Raises TimeoutError.

        `timeout` is in real seconds.
        """
        async with asyncio.timeout(timeout):
            while True:
                pulse = self._pulse
                if result := predicate():
                    return result
                await pulse.wait()


def tz_offset(zone: str, now: datetime) -> int:
    """Return the seconds east of UTC at that moment."""
    return int((now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)).total_seconds())
