"""The whole of it behind one door."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.slack.api import WebApi
from bot.sandbox.slack.downloads import Downloads
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.hooks import Hooks
from bot.sandbox.slack.limits import Limits, RateLimiter
from bot.sandbox.slack.memberships import Memberships
from bot.sandbox.slack.methods.files import LARGEST, receive
from bot.sandbox.slack.outbound import Delivery, Outbound
from bot.sandbox.slack.people import People
from bot.sandbox.slack.plain import render_text
from bot.sandbox.slack.sharing import FILE_EVENTS, Sharing, Subtype
from bot.sandbox.slack.socketmode import Sockets
from bot.sandbox.slack.state import Call, Channel, Message, Mode, State, User, View
from bot.sandbox.slack.world import APP_TOKEN, BOT_TOKEN, PARTNER_TEAM, default_world

T = TypeVar("T")


class EmbeddedSlack:
    """A Slack on 127.0.0.1, from `start` to `stop`; or as an async context manager.

    `clock` is what triggers, response_urls and rates go by; `ack_seconds` are real ones. `commands` maps each slash
    command of the app to whether Slack escapes what is typed after it (`should_escape`).
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        state: State | None = None,
        limits: Limits | None = None,
        ack_seconds: float = 3.0,
        request_url: str = "",
        commands: Mapping[str, bool] | None = None,
        port: int = 0,
    ) -> None:
        self.state = state or default_world(clock)
        self.bot_token = BOT_TOKEN
        self.app_token = APP_TOKEN
        self.faults = Faults()
        self.sockets = Sockets(self.state)
        self._stopping = asyncio.Event()
        self._limiter = RateLimiter(limits or Limits(), self.state.clock)
        self._api = WebApi(self.state, self.faults, self._limiter, self._stopping)
        self._outbound = Outbound(self.state, self.sockets, ack_seconds)
        self._outbound.request_url = request_url
        hooks = Hooks(self.state, self._api, self.faults)
        self._people = People(self.state, self._outbound, hooks, commands or {"/kickscale": True})
        self._events = Events(self.state, self._outbound)
        self._sharing = Sharing(self.state, self._events)
        self._memberships = Memberships(self.state, self._events)
        self.downloads = Downloads(self.state, self._api, self.faults, self._stopping)
        self._port = port
        application = web.Application(client_max_size=LARGEST + 1_000_000)
        application.router.add_route("*", "/api/{method}", self._api.handle)
        application.router.add_get("/link/", self.sockets.handle)
        application.router.add_post("/commands/{rest:.+}", hooks.handle)
        application.router.add_post("/actions/{rest:.+}", hooks.handle)
        application.router.add_post("/app/{rest:.+}", hooks.handle)
        application.router.add_post("/upload/v1/{token}", self._receive)
        application.router.add_get("/files-pri/{file}/{rest:.+}", self.downloads.handle, allow_head=False)
        application.router.add_get("/", self.downloads.sign_in)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)

    async def start(self) -> None:
        await self._outbound.start()
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._api.base_url = self._people.base_url = self.state.base_url = self.base_url

    async def stop(self) -> None:
        self._stopping.set()
        await self._outbound.stop()
        await self.sockets.stop()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.take("upload")
        if fault is not None:
            return await self._api.fail(request, "upload", fault)
        response = await receive(self.state, request)
        self._api.note("upload", {}, {"ok": response.status == 200}, response.status)
        return response

    # ---- where it is -------------------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """What to set `SLACK_API_URL` to."""
        return f"{self.base_url}/api/"

    @property
    def signing_secret(self) -> str:
        return self.state.signing_secret

    @property
    def request_url(self) -> str:
        """Where commands, clicks and events are posted to when there is no Socket Mode connection."""
        return self._outbound.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._outbound.request_url = url

    @property
    def ack_seconds(self) -> float:
        """How long an acknowledgement is waited for from now on, in real seconds."""
        return self._outbound.ack_seconds

    @ack_seconds.setter
    def ack_seconds(self, seconds: float) -> None:
        self._outbound.ack_seconds = seconds

    # ---- what people do ----------------------------------------------------------------------------------------------

    async def command(self, user: str, channel: str, line: str) -> Delivery:
        """Type `line`, a slash command, in a channel; returns once the app acknowledged it, or did not in time.

        Users and channels are named by id or name. Raises LookupError for whom and what there is not, and ValueError
        for what Slack's client would not send: an unknown command, or somewhere the person is not.
        """
        return await self._people.command(self.state.user(user), self._channel(user, channel), line)

    async def click(
        self, user: str, where: Message | View, action: str, value: Any = None, *, index: int = 0
    ) -> Delivery:
        """Click what has that action_id, or that text, in a message or a view.

        `value` tells one button from another with the same action_id, or is what is chosen in a menu. Raises
        LookupError when it is not there, or not for this person to see.
        """
        return await self._people.click(self.state.user(user), where, action, value, index)

    async def message_shortcut(self, user: str, channel: str, message: Message, callback_id: str) -> Delivery:
        """Use a message's shortcut. Raises LookupError where the person does not see that message there."""
        if self._channel(user, channel).id != message.channel:
            raise LookupError(f"there is no such message in {channel}")
        return await self._people.message_shortcut(self.state.user(user), message, callback_id)

    async def fill(self, user: str, view: View, values: Mapping[str, Any]) -> View:
        """Put values into a modal's inputs by block_id or action_id; the view with them.

        Text as it is, options by value or text (a list of them for check boxes), people by id or name, moments as a
        datetime. None or an empty string empties an input. Raises LookupError for what cannot be chosen.
        """
        return await self._people.fill(self.state.user(user), view, values)

    async def submit(self, user: str, view: View, values: Mapping[str, Any] | None = None) -> Delivery:
        """Submit a modal, with values as in `fill`. Raises ValueError for what Slack's client holds back.

        Where the app answers with errors, the modal stays open and has them in its `errors`.
        """
        return await self._people.submit(self.state.user(user), view, values or {})

    async def close(self, user: str, view: View, *, everything: bool = False) -> Delivery | None:
        """Close a modal; the delivery to the app, where it wanted to hear of it."""
        return await self._people.close(self.state.user(user), view, everything=everything)

    async def event(self, event: Mapping[str, Any]) -> Delivery:
        """Tell the app of an event; the first try of it. More follow in the background when that one fails."""
        return await self._events.send(event)

    async def verify_url(self) -> bool:
        """Whether the app answers the challenge that Slack sends when a Request URL is saved."""
        return await self._events.verify_url()

    def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> Message:
        """Put a person's message into a channel. The app is not told."""
        where = self._channel(user, channel)
        return self.state.post(
            Message(where.id, self.state.new_ts(), text, self.state.user(user).id, thread_ts=thread_ts)
        )

    async def share(
        self,
        user: str,
        channel: str,
        name: str = "",
        content: bytes = b"",
        *,
        size: int = 0,
        files: Sequence[tuple[str, bytes | int]] = (),
        text: str = "",
        thread_ts: str = "",
        mode: Mode = "hosted",
        subtype: Subtype = "",
        duration_ms: int = 0,
        needs_info: bool = False,
        events: Collection[str] = FILE_EVENTS,
        repeats: int = 1,
        again: int = 0,
    ) -> Message:
        """Share a file in a channel, or several `files` in one message; returns once the app was told in `events`.

        `size` (a number in `files`) makes a file of so many bytes that are the same for every file of that name, and
        a WAV where it is called one. `repeats` is how often each event is delivered, `again` how often more with
        another id. The app hears of it where it subscribed, has the scope and is in the channel. Raises ValueError
        where the person cannot write.
        """
        who = self.state.user(user)
        added = [
            self._sharing.add(
                who,
                each,
                bytes_or_size,
                mode=mode,
                subtype=subtype,
                duration_ms=duration_ms,
                needs_info=needs_info,
            )
            for each, bytes_or_size in (files or [(name, size or content)])
        ]
        where = self._channel(user, channel)
        return await self._sharing.share(
            who, where, added, text, thread_ts, events=events, repeats=repeats, again=again
        )

    async def share_again(
        self, user: str, file_id: str, channel: str, *, text: str = "", thread_ts: str = ""
    ) -> Message:
        """Share a file that is there in one more channel. Raises LookupError where the person does not see it."""
        where = self._channel(user, channel)
        return await self._sharing.share_again(self.state.user(user), file_id, where, text, thread_ts)

    async def forward(
        self, user: str, message: Message, channel: str, *, text: str = "", thread_ts: str = "", mention: bool = False
    ) -> Message:
        """Forward a message to a channel, where it is an attachment; the app hears of it only if it is mentioned."""
        line = f"<@{self.state.bot_user}> {text}".strip() if mention else text
        where = self._channel(user, channel)
        return await self._sharing.forward(self.state.user(user), message, where, line, thread_ts, mention=mention)

    async def mention(
        self,
        user: str,
        channel: str,
        text: str = "",
        *,
        files: Sequence[tuple[str, bytes | int]] = (),
        thread_ts: str = "",
    ) -> Message:
        """Write to the bot in a channel, with or without files. The app hears of the message and of the mention."""
        who, where = self.state.user(user), self._channel(user, channel)
        added = [self._sharing.add(who, name, content) for name, content in files]
        mention = f"<@{self.state.bot_user}>"
        line = text if mention in text else f"{mention} {text}".strip()
        return await self._sharing.share(who, where, added, line, thread_ts, events=(*FILE_EVENTS, "app_mention"))

    def delete_file(self, user: str, file_id: str) -> None:
        """Delete a file; messages keep a tombstone of it. Raises ValueError where it is not this person's."""
        self._sharing.delete(self.state.user(user), file_id)

    async def join(self, user: str, channel: str, *, inviter: str = "") -> None:
        """Make somebody a member of a channel; returns once the app was told, where it may hear of it.

        Raises ValueError where they are one already.
        """
        by = self.state.user(inviter) if inviter else None
        await self._memberships.join(self.state.user(user), self.state.channel(channel), by)

    async def connect(self, channel: str, team_id: str = PARTNER_TEAM) -> None:
        """Share a channel with another workspace; returns once the app was told, where it may hear of it."""
        await self._memberships.connect(self.state.channel(channel), team_id)

    # ---- what is to be seen ------------------------------------------------------------------------------------------

    @property
    def calls(self) -> list[Call]:
        """Every request of the app's, in order: Web API methods, `response_url`, `upload` and `download`."""
        return self.state.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that was sent to the app, in the order in which it was over."""
        return self._outbound.deliveries

    def posts(self, channel: str) -> list[Message]:
        """The bot's messages in a channel for everybody, oldest first."""
        where = self.state.channel(channel)
        return [message for message in self.state.messages[where.id] if message.user == self.state.bot_user]

    def direct_messages(self, user: str) -> list[Message]:
        """The bot's messages in its direct messages with a user."""
        return self.posts(self.state.im(self.state.user(user).id).id)

    def ephemerals(self, channel: str, user: str) -> list[Message]:
        """What this user alone sees in a channel, oldest first."""
        return self.state.ephemerals[self._channel(user, channel).id, self.state.user(user).id]

    def open_view(self, user: str) -> View | None:
        """The modal on top."""
        stack = self.state.stacks.get(self.state.user(user).id)
        return self.state.views[stack[-1]] if stack else None

    def home(self, user: str) -> View | None:
        """The Home tab, where it was published."""
        return self.state.views.get(self.state.homes.get(self.state.user(user).id, ""))

    def text(self, what: Message | View, reader: str) -> str:
        """A message or a view as plain text, with names and in the reader's time zone."""
        names = {user.id: user.real_name for user in self.state.users.values()}
        names |= {channel.id: channel.name for channel in self.state.channels.values() if channel.name}
        payload = what.payload if isinstance(what, View) else {"text": what.text, "blocks": list(what.blocks)}
        zone = ZoneInfo(self.state.user(reader).tz)
        entered = {"values": what.values, "errors": what.errors} if isinstance(what, View) else {}
        return render_text(payload, names=names, zone=zone, now=self.state.clock.now(), **entered)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 30.0) -> T:  # noqa: ASYNC109
        """What `predicate` returns, once that is true: asked at every change, for `timeout` real seconds.

        Raises TimeoutError, which tells the latest calls.
        """
        try:
            return await self.state.wait_for(predicate, timeout)
        except TimeoutError as exc:
            latest = ", ".join(f"{call.method} {call.error or 'ok'}" for call in self.calls[-8:])
            raise TimeoutError(f"not seen within {timeout} s; the app's latest calls: {latest or 'none'}") from exc

    def _channel(self, user: str, channel: str) -> Channel:
        """By id or name; `dm` is the user's direct messages with the bot."""
        return self.state.im(self.state.user(user).id) if channel == "dm" else self.state.channel(channel)

    def user(self, which: str) -> User:
        """By id or name. Raises LookupError."""
        return self.state.user(which)
