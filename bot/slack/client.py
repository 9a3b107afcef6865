"""Outbound Slack: ask who somebody is, answer, post, open views, send files.

Slack's rate is kept here: one message a second in a channel, and a 429 blocks its method until `Retry-After` is over
(https://docs.slack.dev/apis/web-api/rate-limits). The SDK's own retry handlers are off, since they would send a
message again whose fate is unknown: only what can be repeated without harm is repeated here.
"""

import asyncio
import functools
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.clock import Clock
from bot.errors import NotInChannel, RecordingRefused, SlackDenied, SlackError, SlackUnavailable
from bot.model.people import Listeners, Person
from bot.model.uploads import SharedMessage, SlackFile
from bot.slack.files import is_slacks_own, read_file, read_message
from bot.tools.cache import Kept

log = logging.getLogger(__name__)

Payload = Mapping[str, Any]
Observe = Callable[[str, str, float], None]

POST_INTERVAL = timedelta(seconds=1)
"""Between two messages in one channel (https://docs.slack.dev/apis/web-api/rate-limits#posting)."""
PERSON_TTL = timedelta(minutes=5)
GROUP_TTL = timedelta(minutes=5)
AT_ONCE = 8
"""How many people are asked for side by side; where more than `ONE_BY_ONE` are, the whole list of them is."""
ONE_BY_ONE = 40
PATIENCE = timedelta(seconds=60)
"""How long a call waits out 429s before it gives up."""
TRIES = 3

_NOT_THERE = {"not_in_channel", "channel_not_found"}
_NO_FILE = {"file_not_found", "file_deleted"}
_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
_DENIED = {
    *_TOKEN,
    "missing_scope",
    "not_allowed_token_type",
    "no_permission",
    "ekm_access_denied",
}
_CLOSED = {
    "is_archived",
    "is_inactive",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
}
"""For a channel that takes no messages of the bot's (https://docs.slack.dev/reference/methods/chat.postMessage), or no
changes of them (https://docs.slack.dev/reference/methods/chat.update)."""
_PASSING = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    # While a workspace moves into an organisation, or a channel between two
    # (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
    "team_added_to_org",
    "org_login_required",
    "external_channel_migrating",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot itself is, as `auth.test` tells it."""

    team: str
    team_name: str
    user: str
    enterprise: str = ""
    scopes: frozenset[str] = frozenset()
    answered_at: datetime | None = None
    """Slack's own clock."""


def is_closed(exc: SlackError) -> bool:
    """Whether nothing can be written in that channel until somebody does something about it."""
    return isinstance(exc, NotInChannel | SlackDenied) or exc.code in _CLOSED


def may_pass(exc: SlackError) -> bool:
    """Whether Slack may say something else later: it is away or busy, or the bot's token is just being exchanged."""
    return isinstance(exc, SlackUnavailable) or exc.code in _TOKEN


def new_session(timeout: float) -> aiohttp.ClientSession:
    """For requests to Slack, of so many seconds each. None follows a redirect: it would take what is posted elsewhere.

    To be closed at the end. slack_sdk itself can't be told to follow none.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_stay)
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout), trace_configs=[trace])


async def _stay(_session: object, _context: object, told: aiohttp.TraceRequestRedirectParams) -> None:
    told.response.close()
    raise aiohttp.ClientError("redirected")


class Slack:
    def __init__(self, client: AsyncWebClient, clock: Clock, *, observe: Observe | None = None) -> None:
        self._client = client
        self._clock = clock
        self._observe = observe or (lambda _method, _outcome, _seconds: None)
        self._identity: Identity | None = None
        self._people: Kept[Person] = Kept(clock, PERSON_TTL)
        self._groups: Kept[frozenset[str]] = Kept(clock, GROUP_TTL)
        self._blocked: dict[str, datetime] = {}
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """There as long as somebody posts in a channel, or waits for that."""
        self._next_post: Kept[datetime] = Kept(clock, POST_INTERVAL)

    # ---- who ---------------------------------------------------------------------------------------------------------

    async def identity(self) -> Identity:
        """The bot's own workspace and user; asked once. Raises SlackError."""
        if self._identity is None:
            self._identity = await self.check()
        return self._identity

    async def check(self) -> Identity:
        """Ask Slack whether the token is good, every time anew. Raises SlackError."""
        response = await self._call("auth.test", self._client.auth_test, patience=timedelta(0))
        scopes = str(response.headers.get("x-oauth-scopes", ""))
        return Identity(
            team=str(response.get("team_id", "")),
            team_name=str(response.get("team", "")),
            user=str(response.get("user_id", "")),
            enterprise=str(response.get("enterprise_id") or ""),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
            answered_at=_http_date(response.headers.get("date", "")),
        )

    async def open_socket(self, app_token: str) -> str:
        """An address for one Socket Mode connection. Raises SlackError."""
        response = await self._call(
            "apps.connections.open",
            lambda: self._client.apps_connections_open(app_token=app_token),
            repeatable=False,  # the client that connects asks again by itself
            patience=timedelta(0),
        )
        return str(response.get("url") or "")

    async def person(self, user: str) -> Person:
        """A user's zone, address and standing, at most five minutes old. Raises SlackError, also for an unknown one."""
        if (known := self._people.get(user)) is not None:
            return known
        home, response = await asyncio.gather(
            self.identity(), self._call("users.info", lambda: self._client.users_info(user=user))
        )
        found = response.get("user") or {}
        if not found.get("id"):
            raise SlackError("user_not_found")
        person = _person(found, home)
        self._people.put(user, person)
        return person

    async def group(self, id: str) -> frozenset[str]:  # noqa: A002
        """The users of a user group, known for at most five minutes. Raises SlackError."""
        if (known := self._groups.get(id)) is not None:
            return known
        ask = functools.partial(self._client.usergroups_users_list, usergroup=id)
        response = await self._call("usergroups.users.list", ask)
        users = frozenset(map(str, response.get("users") or []))
        self._groups.put(id, users)
        return users

    async def listeners(self, channel: str) -> Listeners:
        """Who sees what is posted in a channel, asked anew. Raises SlackError."""
        found = await self._channel(channel)
        is_shared = bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))
        people = await self._people_of(await self._users(channel, found))
        return Listeners(tuple(each for each in people if not each.is_bot and not each.is_deleted), is_shared)

    async def can_read(self, channel: str, user: str) -> bool:
        """Whether a member of the workspace can read a channel: a public one, or one they are in, asked anew.

        Raises SlackError, also (NotInChannel) for a private one that the bot is not in.
        """
        found = await self._channel(channel)
        is_public = found.get("is_private") is False and not (found.get("is_im") or found.get("is_mpim"))
        return is_public or user in await self._users(channel, found)

    async def is_in(self, channel: str, user: str) -> bool:
        """Whether somebody is in a channel, asked anew. Raises SlackError."""
        return user in await self._users(channel, await self._channel(channel))

    async def _channel(self, channel: str) -> Mapping[str, Any]:
        ask = functools.partial(self._client.conversations_info, channel=channel)
        return (await self._call("conversations.info", ask)).get("channel") or {}

    async def _users(self, channel: str, found: Mapping[str, Any]) -> list[str]:
        """Who is in the channel of which Slack told that."""
        return [str(found.get("user"))] if found.get("is_im") else await self._members(channel)

    async def _members(self, channel: str) -> list[str]:
        read = functools.partial(self._client.conversations_members, channel=channel, limit=999)
        return [str(user) async for page in self._pages("conversations.members", read) for user in page["members"]]

    async def _people_of(self, users: Sequence[str]) -> list[Person]:
        """These people. Of many, the workspace's list is read, in which those from outside are missing."""
        unknown = [each for each in users if self._people.get(each) is None]
        if len(unknown) > ONE_BY_ONE:
            home = await self.identity()
            read = functools.partial(self._client.users_list, limit=500)
            async for page in self._pages("users.list", read):
                for each in page.get("members") or []:
                    self._people.put(str(each.get("id")), _person(each, home))
        slots = asyncio.Semaphore(AT_ONCE)

        async def ask(user: str) -> Person:
            async with slots:
                try:
                    return await self.person(user)
                except SlackUnavailable:
                    raise
                except SlackError:  # a stranger of whom Slack tells nothing
                    return Person(user, team="", is_outside=True)

        return list(await asyncio.gather(*map(ask, users)))

    async def _pages(self, method: str, read: Callable[..., Awaitable[Any]]) -> AsyncIterator[Any]:
        """Every page of a list (https://docs.slack.dev/apis/web-api/pagination). Raises SlackError."""
        cursor = ""
        while True:
            response = await self._call(method, functools.partial(read, cursor=cursor))
            yield response
            cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    # ---- answer ------------------------------------------------------------------------------------------------------

    async def respond(self, response_url: str, payload: Payload, *, replace: bool = False) -> None:
        """Answer the asker alone, through the address that came with the command or the click.

        Good for 5 uses and 30 minutes (https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
        Only a click's can replace the message it came from. Raises SlackError, also for an address that is not Slack's:
        an answer is for nobody else.
        """
        if not is_slacks_own(response_url, self._client.base_url):
            raise SlackError("invalid_url")
        webhook = AsyncWebhookClient(response_url, session=self._client.session, retry_handlers=[])
        body = {**payload, "response_type": "ephemeral", "replace_original": replace}
        for attempt in range(1, TRIES + 1):
            started = time.perf_counter()
            try:
                response = await webhook.send_dict(body)
            except (aiohttp.ClientError, TimeoutError) as exc:
                # The answer may have arrived before the connection broke: an answer twice is worse than a late one,
                # but none at all is worst, and only a connection that was never made is surely unused.
                self._observe("response_url", "unavailable", time.perf_counter() - started)
                if not isinstance(exc, aiohttp.ClientConnectorError) or attempt == TRIES:
                    raise SlackUnavailable("no_answer") from exc
                await self._clock.sleep(attempt)
                continue
            self._observe("response_url", str(response.status_code), time.perf_counter() - started)
            if response.status_code == 200:
                return
            # What a 5xx did is not known either, but an error in place of the answer is the worse of the two.
            if response.status_code == 429 or response.status_code >= 500:
                wait = _seconds(response.headers.get("Retry-After"))
                if attempt == TRIES or wait > PATIENCE.total_seconds():
                    raise SlackUnavailable(str(response.status_code))
                await self._clock.sleep(wait)
                continue
            raise SlackError(response.body[:100] or str(response.status_code))

    async def open_view(self, trigger: str, view: Payload) -> str:
        """Open a modal within the 3 s of `trigger`; its id. Raises SlackError."""
        response = await self._call("views.open", lambda: self._client.views_open(trigger_id=trigger, view=dict(view)))
        return str(response["view"]["id"])

    async def push_view(self, trigger: str, view: Payload) -> str:
        """Put a modal on top of the open one; its id. Raises SlackError."""
        response = await self._call("views.push", lambda: self._client.views_push(trigger_id=trigger, view=dict(view)))
        return str(response["view"]["id"])

    async def update_view(self, view_id: str, view: Payload) -> bool:
        """Replace a modal's content; False where it was closed meanwhile. Raises SlackError."""
        try:
            await self._call("views.update", lambda: self._client.views_update(view_id=view_id, view=dict(view)))
        except SlackError as exc:
            if exc.code != "not_found":
                raise
            return False
        return True

    # ---- post --------------------------------------------------------------------------------------------------------

    async def post(self, channel: str, payload: Payload, thread_ts: str = "") -> str:
        """Post a message, in a thread if one is named; its ts.

        Never sent twice from here: SlackUnavailable means that its fate is unknown. Waits for the channel's turn, one
        message a second, and waits out a 429. Raises SlackError.
        """
        async with self._lanes.setdefault(channel, asyncio.Lock()):
            await self._sleep_until(self._next_post.get(channel))
            try:
                response = await self._call(
                    "chat.postMessage",
                    lambda: self._client.chat_postMessage(
                        channel=channel,
                        thread_ts=thread_ts or None,
                        unfurl_links=False,
                        unfurl_media=False,
                        **payload,
                    ),
                    repeatable=False,
                )
            except SlackUnavailable:
                self._next_post.put(channel, self._clock.now() + POST_INTERVAL)
                raise
            self._next_post.put(channel, self._clock.now() + POST_INTERVAL)
        return str(response["ts"])

    async def edit(self, channel: str, ts: str, payload: Payload) -> None:
        """Replace a message of the bot's own. Waits out a 429. Raises SlackError, also where it was deleted.

        Free of the channel's turn: editing has a rate of its own (https://docs.slack.dev/reference/methods/chat.update).
        """
        await self._call("chat.update", lambda: self._client.chat_update(channel=channel, ts=ts, **payload))

    async def delete(self, channel: str, ts: str) -> None:
        """Take back a message of the bot's own; nothing where it is gone already. Raises SlackError.

        What it may say: https://docs.slack.dev/reference/methods/chat.delete#errors
        """
        try:
            await self._call("chat.delete", lambda: self._client.chat_delete(channel=channel, ts=ts))
        except SlackError as exc:
            if exc.code != "message_not_found":
                raise

    async def ephemeral(self, channel: str, user: str, payload: Payload, thread_ts: str = "") -> None:
        """Tell one person in a channel something. Never sent twice from here.

        Raises NotInChannel where the bot isn't, and SlackError (`user_not_in_channel`) where the person isn't.
        """
        await self._call(
            "chat.postEphemeral",
            lambda: self._client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread_ts or None, **payload),
            repeatable=False,
        )

    async def find_posted(
        self, channel: str, event_type: str, key: str, since: datetime, thread_ts: str = ""
    ) -> str | None:
        """The ts of the bot's message with this key in its metadata, or None where there is none since then.

        Looks into one thread if that is named, and otherwise at what is not in threads. For recovery after a crash
        alone. Raises SlackError where the history can't be read.
        """
        me = await self.identity()
        method, read = "conversations.history", self._client.conversations_history
        if thread_ts:
            method, read = "conversations.replies", functools.partial(self._client.conversations_replies, ts=thread_ts)
        cursor = ""
        while True:
            ask = functools.partial(
                read,
                channel=channel,
                oldest=str(since.timestamp() - 60),
                include_all_metadata=True,
                limit=200,
                cursor=cursor,
            )
            try:
                response = await self._call(method, ask)
            except SlackError as exc:
                if exc.code == "thread_not_found":  # deleted, and nothing was in it
                    return None
                raise
            for message in response.get("messages") or []:
                metadata = message.get("metadata") or {}
                if (
                    message.get("user") == me.user
                    and metadata.get("event_type") == event_type
                    and (metadata.get("event_payload") or {}).get("key") == key
                ):
                    return str(message["ts"])
            cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def message(self, channel: str, ts: str, thread_ts: str) -> SharedMessage | None:
        """One message, in the thread that it hangs under or begins; None where it is gone. Raises SlackError."""
        read = functools.partial(
            self._client.conversations_replies, channel=channel, ts=thread_ts, oldest=ts, latest=ts, inclusive=True
        )
        try:
            response = await self._call("conversations.replies", read)
        except SlackError as exc:
            if exc.code == "thread_not_found":
                return None
            raise
        found = (each for each in response.get("messages") or [] if each.get("ts") == ts)
        return next((read_message(each, channel) for each in found), None)

    async def thread(self, channel: str, thread_ts: str, before: str) -> list[SharedMessage]:
        """The messages of a thread, its first one included, that came before one of it. Raises SlackError."""
        read = functools.partial(
            self._client.conversations_replies, channel=channel, ts=thread_ts, latest=before, limit=200
        )
        try:
            return [
                read_message(each, channel)
                async for page in self._pages("conversations.replies", read)
                for each in page.get("messages") or []
            ]
        except SlackError as exc:
            if exc.code == "thread_not_found":
                return []
            raise

    async def permalink(self, channel: str, ts: str) -> str:
        """The address of a message, for those who may see it. Raises SlackError."""
        ask = functools.partial(self._client.chat_getPermalink, channel=channel, message_ts=ts)
        return str((await self._call("chat.getPermalink", ask)).get("permalink") or "")

    async def is_member(self, channel: str) -> bool:
        """Whether the bot is in the channel; of a private one that it is not in Slack says that there is none.

        Raises SlackError, also (`is_archived`) for one that nobody can write in any more.
        """
        try:
            response = await self._call("conversations.info", lambda: self._client.conversations_info(channel=channel))
        except NotInChannel:
            return False
        found = response.get("channel") or {}
        if found.get("is_archived"):
            raise SlackError("is_archived")
        return bool(found.get("is_member"))

    async def open_dm(self, user: str) -> str:
        """The `D…` channel of a person: a file can't be sent to a `U…` id (slackapi/bolt-js#2115)."""
        response = await self._call("conversations.open", lambda: self._client.conversations_open(users=user))
        return str(response["channel"]["id"])

    async def direct_messages(self, users: Collection[str]) -> list[str]:
        """The `D…` channels that are with these, also with one who is deactivated. Raises SlackError."""
        read = functools.partial(self._client.conversations_list, types="im", limit=999)
        found = [each async for page in self._pages("conversations.list", read) for each in page.get("channels") or []]
        return [str(each["id"]) for each in found if each.get("user") in users]

    # ---- files -------------------------------------------------------------------------------------------------------

    async def file(self, id: str) -> SlackFile:  # noqa: A002
        """What Slack tells of a file. Raises RecordingRefused("gone") where there is none, and SlackError."""
        try:
            response = await self._call("files.info", lambda: self._client.files_info(file=id))
        except SlackError as exc:
            if exc.code in _NO_FILE:
                raise RecordingRefused("gone") from exc
            raise
        return read_file(response.get("file"))

    async def put_file(self, name: str, content: bytes) -> str:
        """Bring a file's bytes to Slack; its id. Nobody sees it until `share_file`. Raises SlackError."""
        response = await self._call(
            "files.getUploadURLExternal",
            lambda: self._client.files_getUploadURLExternal(filename=name, length=len(content)),
        )
        session = self._client.session
        if session is None:
            raise RuntimeError("the Web API client needs a session of its own")
        started = time.perf_counter()
        try:
            async with session.post(response["upload_url"], data=content, allow_redirects=False) as uploaded:
                self._observe("files.upload", str(uploaded.status), time.perf_counter() - started)
                if uploaded.status != 200:
                    raise SlackUnavailable(f"upload_{uploaded.status}")
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise SlackUnavailable("no_answer") from exc
        return str(response["file_id"])

    async def share_file(self, file: str, title: str, channel: str, comment: str) -> None:
        """Make an uploaded file appear in a channel. Never sent twice from here. Raises SlackError."""
        await self._call(
            "files.completeUploadExternal",
            lambda: self._client.files_completeUploadExternal(
                files=[{"id": file, "title": title}], channel_id=channel, initial_comment=comment
            ),
            repeatable=False,
        )

    async def delete_file(self, file: str) -> None:
        """Remove a file of the bot's own; nothing where it is gone already. Raises SlackError."""
        try:
            await self._call("files.delete", lambda: self._client.files_delete(file=file))
        except SlackError as exc:
            if exc.code not in _NO_FILE:
                raise

    async def is_file_shared(self, file: str) -> bool:
        """Whether `share_file` took effect. For recovery after a crash alone. Raises SlackError."""
        try:
            response = await self._call("files.info", lambda: self._client.files_info(file=file))
        except SlackError as exc:
            if exc.code == "file_not_found":
                return False
            raise
        found = response.get("file") or {}
        return any(found.get(where) for where in ("shares", "channels", "groups", "ims"))

    # ---- the call ----------------------------------------------------------------------------------------------------

    async def _call(
        self,
        method: str,
        send: Callable[[], Awaitable[Any]],
        *,
        repeatable: bool = True,
        patience: timedelta = PATIENCE,
    ) -> Any:
        give_up = self._clock.now() + patience
        attempt = 0
        while True:
            attempt += 1
            blocked = self._blocked.get(method)
            if blocked is not None and blocked > max(give_up, self._clock.now()):
                raise SlackUnavailable("ratelimited")
            await self._sleep_until(blocked)
            started = time.perf_counter()
            try:
                response = await send()
            except SlackApiError as exc:
                error, wait = _error(exc)
                self._observe(method, error.code, time.perf_counter() - started)
                if wait is not None:
                    self._blocked[method] = self._clock.now() + timedelta(seconds=wait)
                    if self._blocked[method] <= give_up:
                        log.info("%s is rate limited for %s s", method, wait)
                        continue
                elif repeatable and isinstance(error, SlackUnavailable) and attempt < TRIES:
                    await self._clock.sleep(attempt)
                    continue
                raise error from exc
            except (aiohttp.ClientError, TimeoutError, AttributeError, ValueError) as exc:
                # AttributeError: the SDK looks for `ok` in a plain text, as proxies answer (async_slack_response.py).
                # ValueError is for what is not UTF-8.
                self._observe(method, "no_answer", time.perf_counter() - started)
                if attempt < TRIES and (repeatable or isinstance(exc, aiohttp.ClientConnectorError)):
                    await self._clock.sleep(attempt)
                    continue
                raise SlackUnavailable("no_answer") from exc
            self._observe(method, "ok", time.perf_counter() - started)
            return response

    async def _sleep_until(self, when: datetime | None) -> None:
        if when is not None and (seconds := (when - self._clock.now()).total_seconds()) > 0:
            await self._clock.sleep(seconds)


def _error(exc: SlackApiError) -> tuple[SlackError, float | None]:
    """Slack's refusal as one of ours, and the seconds that a 429 asks to wait."""
    response: Any = exc.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)  # text where Slack did not answer itself, absent where it was no JSON
    code = data.get("error") if isinstance(data, dict) else None
    if status == 429:
        return SlackUnavailable("ratelimited"), _seconds(response.headers.get("Retry-After"))
    if status >= 500 or code is None or code in _PASSING:
        return SlackUnavailable(str(code or status)), None
    if code in _NOT_THERE:
        return NotInChannel(code), None
    if code in _DENIED:
        return SlackDenied(code), None
    return SlackError(str(code)), None


def _seconds(retry_after: str | None) -> float:
    """From a second to a day."""
    try:
        return min(max(1.0, float(retry_after or 1)), 86_400.0)
    except ValueError:
        return 1.0


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _person(user: Mapping[str, Any], home: Identity) -> Person:
    profile = user.get("profile") or {}
    teams = {str(user.get("team_id") or "")}
    # On Enterprise Grid a user belongs to several workspaces of the one organisation.
    teams.update(map(str, (user.get("enterprise_user") or {}).get("teams") or []))
    return Person(
        id=str(user.get("id", "")),
        team=str(user.get("team_id") or ""),
        name=str(profile.get("display_name") or user.get("real_name") or user.get("name") or ""),
        email=str(profile.get("email") or "").casefold(),
        timezone=str(user.get("tz") or ""),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
        is_deleted=bool(user.get("deleted")),
        is_outside=bool(user.get("is_stranger")) or not home.team or home.team not in teams,
    )
