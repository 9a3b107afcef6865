"""The embedded Slack with everything that tests and the sandbox use."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.typedefs import Middleware

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

    Triggers, response_urls and rates follow `clock`; `ack_seconds` are real ones. `commands` maps each slash command of
    the app to whether Slack escapes what is typed after it (`should_escape`).
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
        middlewares: Sequence[Middleware] = (),
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
        application = web.Application(client_max_size=LARGEST + 1_000_000, middlewares=middlewares)
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
        """The value for `SLACK_API_URL`."""
        return f"{self.base_url}/api/"

    @property
    def signing_secret(self) -> str:
        return self.state.signing_secret

    @property
    def request_url(self) -> str:
        """Where commands, clicks and events are posted if there is no Socket Mode connection."""
        return self._outbound.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._outbound.request_url = url

    @property
    def ack_seconds(self) -> float:
        """How long to wait for an acknowledgement, in real seconds."""
        return self._outbound.ack_seconds

    @ack_seconds.setter
    def ack_seconds(self, seconds: float) -> None:
        self._outbound.ack_seconds = seconds

    # ---- what people do ----------------------------------------------------------------------------------------------

    async def command(self, user: str, channel: str, line: str) -> Delivery:
        """Type `line`, a slash command, in a channel. Returns once the app acknowledged it, or its time is over.

        Users and channels are given by id or name. Raises LookupError for unknown ones, and ValueError for what Slack's
        client wouldn't send: an unknown command, or one in a channel that the person isn't in.
        """
        return await self._people.command(self.state.user(user), self._channel(user, channel), line)

    async def click(
        self, user: str, where: Message | View, action: str, value: Any = None, *, index: int = 0
    ) -> Delivery:
        """Click the element with that action_id, or that text, in a message or a view.

        `value` selects one of several buttons with the same action_id, or is what is chosen in a menu. Raises
        LookupError if it isn't there, or this person doesn't see it.
        """
        return await self._people.click(self.state.user(user), where, action, value, index)

    async def message_shortcut(self, user: str, channel: str, message: Message, callback_id: str) -> Delivery:
        """Use a message's shortcut. Raises LookupError if the person doesn't see that message there."""
        if self._channel(user, channel).id != message.channel:
            raise LookupError(f"There is no such message in {channel}.")
        return await self._people.message_shortcut(self.state.user(user), message, callback_id)

    async def fill(self, user: str, view: View, values: Mapping[str, Any]) -> View:
        """Fill in a modal's inputs by block_id or action_id, and return the view.

        Options are given by value or text (a list of them for check boxes), people by id or name, moments as a
        datetime. None or an empty string clears an input. Raises LookupError for what can't be chosen.
        """
        return await self._people.fill(self.state.user(user), view, values)

    async def submit(self, user: str, view: View, values: Mapping[str, Any] | None = None) -> Delivery:
        """Submit a modal, with values as in `fill`. Raises ValueError for what Slack's client wouldn't submit.

        If the app answers with errors, the modal stays open and has them in its `errors`.
        """
        return await self._people.submit(self.state.user(user), view, values or {})

    async def close(self, user: str, view: View, *, everything: bool = False) -> Delivery | None:
        """Close a modal. Returns the delivery to the app, if it wanted to be notified."""
        return await self._people.close(self.state.user(user), view, everything=everything)

    async def event(self, event: Mapping[str, Any]) -> Delivery:
        """Send the app an event. Returns the first attempt; if it fails, more follow in the background."""
        return await self._events.send(event)

    async def verify_url(self) -> bool:
        """Return whether the app answers the challenge that Slack sends when a Request URL is saved."""
        return await self._events.verify_url()

    def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> Message:
        """Post a person's message in a channel. The app gets no event."""
        where = self._channel(user, channel)
        return self.state.post(
            Message(where.id, self.state.new_ts(), text, self.state.user(user).id, thread_ts=thread_ts)
        )

    async def write(self, user: str, text: str, *, thread_ts: str = "", again: int = 0) -> Message:
        """Write to the bot, in its messages tab. The app gets the event, and `again` times with a different id."""
        who = self.state.user(user)
        where = self.state.im(who.id)
        return await self._sharing.share(who, where, [], text, thread_ts, events=("file_share",), again=again)

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
        """Share a file in a channel, or several `files` in one message. Returns once the app got the `events`.

        `size` (or a number in `files`) makes a file of that many bytes, which depend on its name; it is a WAV if it is
        named so. `repeats` is how often each event is delivered, `again` how often in addition with a different id. The
        app gets the events to which it subscribed, with the scope, and in its channels. Raises ValueError if the person
        can't write there.
        """
        who = self.state.user(user)
        added = [
            self._sharing.add(
                who,
                file_name,
                bytes_or_size,
                mode=mode,
                subtype=subtype,
                duration_ms=duration_ms,
                needs_info=needs_info,
            )
            for file_name, bytes_or_size in (files or [(name, size or content)])
        ]
        where = self._channel(user, channel)
        return await self._sharing.share(
            who, where, added, text, thread_ts, events=events, repeats=repeats, again=again
        )

    async def share_again(
        self, user: str, file_id: str, channel: str, *, text: str = "", thread_ts: str = ""
    ) -> Message:
        """Share an existing file in one more channel. Raises LookupError if the person doesn't see it."""
        where = self._channel(user, channel)
        return await self._sharing.share_again(self.state.user(user), file_id, where, text, thread_ts)

    async def forward(
        self, user: str, message: Message, channel: str, *, text: str = "", thread_ts: str = "", mention: bool = False
    ) -> Message:
        """Forward a message to a channel, as an attachment. The app gets an event only if it is mentioned."""
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
        """Mention the bot in a channel, with or without files. The app gets events for the message and the mention."""
        who, where = self.state.user(user), self._channel(user, channel)
        added = [self._sharing.add(who, name, content) for name, content in files]
        mention = f"<@{self.state.bot_user}>"
        line = text if mention in text else f"{mention} {text}".strip()
        return await self._sharing.share(who, where, added, line, thread_ts, events=(*FILE_EVENTS, "app_mention"))

    def delete_file(self, user: str, file_id: str) -> None:
        """Delete a file; messages keep a tombstone of it. Raises ValueError if it isn't this person's."""
        self._sharing.delete(self.state.user(user), file_id)

    async def join(self, user: str, channel: str, *, inviter: str = "") -> None:
        """Make somebody a member of a channel. Returns once the app got the event, if it may get it.

        Raises ValueError if they are a member already.
        """
        by = self.state.user(inviter) if inviter else None
        await self._memberships.join(self.state.user(user), self.state.channel(channel), by)

    async def connect(self, channel: str, team_id: str = PARTNER_TEAM) -> None:
        """Share a channel with another workspace. Returns once the app got the event, if it may get it."""
        await self._memberships.connect(self.state.channel(channel), team_id)

    # ---- what people see ---------------------------------------------------------------------------------------------

    @property
    def calls(self) -> list[Call]:
        """Every request from the app, in order: Web API methods, `response_url`, `upload` and `download`."""
        return self.state.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that was sent to the app, in the order in which it was finished."""
        return self._outbound.deliveries

    def posts(self, channel: str) -> list[Message]:
        """Return the bot's messages in a channel for everybody, oldest first."""
        where = self.state.channel(channel)
        return [message for message in self.state.messages[where.id] if message.user == self.state.bot_user]

    def direct_messages(self, user: str) -> list[Message]:
        """Return the bot's direct messages to a user."""
        return self.posts(self.state.im(self.state.user(user).id).id)

    def ephemerals(self, channel: str, user: str) -> list[Message]:
        """Return what only this user sees in a channel, oldest first."""
        return self.state.ephemerals[self._channel(user, channel).id, self.state.user(user).id]

    def open_view(self, user: str) -> View | None:
        """Return the topmost modal."""
        stack = self.state.stacks.get(self.state.user(user).id)
        return self.state.views[stack[-1]] if stack else None

    def home(self, user: str) -> View | None:
        """Return the Home tab, if it was published."""
        return self.state.views.get(self.state.homes.get(self.state.user(user).id, ""))

    def text(self, what: Message | View, reader: str) -> str:
        """Return a message or a view as plain text, with names and in the reader's time zone and language."""
        names = {user.id: user.real_name for user in self.state.users.values()}
        names |= {channel.id: channel.name for channel in self.state.channels.values() if channel.name}
        payload = what.payload if isinstance(what, View) else {"text": what.text, "blocks": list(what.blocks)}
        user = self.state.user(reader)
        entered = {"values": what.values, "errors": what.errors} if isinstance(what, View) else {}
        now = self.state.clock.now()
        return render_text(payload, names=names, zone=ZoneInfo(user.tz), now=now, locale=user.locale, **entered)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 30.0) -> T:  # noqa: ASYNC109
        """Return the result of `predicate` once it is true. It is called at every change, for `timeout` real seconds.

        Raises TimeoutError, which shows the latest calls.
        """
        try:
            return await self.state.wait_for(predicate, timeout)
        except TimeoutError as exc:
            latest = ", ".join(f"{call.method} {call.error or 'ok'}" for call in self.calls[-8:])
            raise TimeoutError(f"not seen within {timeout} s; the app's latest calls: {latest or 'none'}") from exc

    def _channel(self, user: str, channel: str) -> Channel:
        """Find a channel by id or name; `dm` is the user's direct messages with the bot."""
        return self.state.im(self.state.user(user).id) if channel == "dm" else self.state.channel(channel)

    def user(self, which: str) -> User:
        """Find a user by id or name. Raises LookupError."""
        return self.state.user(which)
