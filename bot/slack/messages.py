"""Messages: post, edit, delete and find the bot's own, and read those of others."""

import asyncio
import functools
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.errors import SlackError, SlackUnavailable
from bot.model.uploads import SharedMessage
from bot.slack.auth import Auth
from bot.slack.calls import Calls
from bot.slack.payloads import Payload, read_message
from bot.tools.cache import TtlCache

POST_INTERVAL = timedelta(seconds=1)
"""Between two messages in one channel (https://docs.slack.dev/apis/web-api/rate-limits#posting)."""


class Messages:
    def __init__(self, calls: Calls, auth: Auth) -> None:
        self._calls = calls
        self._auth = auth
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """One for each channel that somebody is posting in or waiting for."""
        self._next_post: TtlCache[timedelta] = TtlCache(calls.clock, POST_INTERVAL)

    async def post(self, channel: str, payload: Payload, thread_ts: str = "") -> str:
        """Post a message in a channel, or in a thread of it, and return its ts. Raises SlackError.

        Messages in one channel are posted a second apart, and a 429 is waited out. A post is never repeated here:
        after SlackUnavailable nobody knows whether it is in the channel.
        """
        message = {"channel": channel, "unfurl_links": False, "unfurl_media": False, **payload}
        if thread_ts:
            message["thread_ts"] = thread_ts
        async with self._locks.setdefault(channel, asyncio.Lock()):
            await self._calls.sleep_until(self._next_post.get(channel))
            await self._calls.limits.wait_for_turn(channel)
            try:
                response = await self._calls.call(
                    "chat.postMessage",
                    # Not its method `chat_postMessage`, which looks for its own objects in all blocks.
                    lambda: self._calls.client.api_call("chat.postMessage", json=message),
                    repeatable=False,
                    channel=channel,
                )
            except SlackUnavailable:
                self._next_post.put(channel, self._calls.clock.elapsed() + POST_INTERVAL)
                raise
            self._next_post.put(channel, self._calls.clock.elapsed() + POST_INTERVAL)
        return str(response["ts"])

    async def post_ephemeral(self, channel: str, user: str, payload: Payload, thread_ts: str = "") -> None:
        """Show one person a message in a channel. Never repeated here.

        Raises NotInChannel if the bot isn't in the channel, and SlackError (`user_not_in_channel`) if the person isn't.
        """
        await self._calls.call(
            "chat.postEphemeral",
            lambda: self._calls.client.chat_postEphemeral(
                channel=channel, user=user, thread_ts=thread_ts or None, **payload
            ),
            repeatable=False,
            channel=channel,
        )

    async def edit(self, channel: str, ts: str, payload: Payload) -> None:
        """Replace one of the bot's own messages. Waits out a 429. Raises SlackError, also if it was deleted.

        Editing has a rate limit of its own, so it doesn't wait for posts in the channel
        (https://docs.slack.dev/reference/methods/chat.update).
        """
        await self._calls.call("chat.update", lambda: self._calls.client.chat_update(channel=channel, ts=ts, **payload))

    async def delete(self, channel: str, ts: str) -> None:
        """Delete one of the bot's own messages, if it still exists. Raises SlackError.

        Slack's reasons: https://docs.slack.dev/reference/methods/chat.delete#errors
        """
        try:
            await self._calls.call("chat.delete", lambda: self._calls.client.chat_delete(channel=channel, ts=ts))
        except SlackError as exc:
            if exc.code != "message_not_found":
                raise

    async def find_posted(
        self, channel: str, event_type: str, key: str, since: datetime, thread_ts: str = ""
    ) -> str | None:
        """Return the ts of the bot's message that has this key in its metadata, or None if there is none since then.

        Searches one thread if it is given, and otherwise the messages outside threads. Only for recovery after a
        crash. Raises SlackError if the history can't be read.
        """
        identity = await self._auth.identity()
        # Slack dates messages by its own clock.
        drift = max(self._calls.drift, timedelta(0))
        oldest = min(since, self._calls.clock.now()) - drift - timedelta(seconds=60)
        method, read_page = "conversations.history", self._calls.client.conversations_history
        if thread_ts:
            method = "conversations.replies"
            read_page = functools.partial(self._calls.client.conversations_replies, ts=thread_ts)
        read = functools.partial(
            read_page, channel=channel, oldest=f"{oldest.timestamp():.6f}", include_all_metadata=True, limit=200
        )
        try:
            async for page in self._calls.pages(method, read):
                for message in page.get("messages") or []:
                    metadata = message.get("metadata") or {}
                    if (
                        message.get("user") == identity.user
                        and metadata.get("event_type") == event_type
                        and (metadata.get("event_payload") or {}).get("key") == key
                    ):
                        return str(message["ts"])
        except SlackError as exc:
            if exc.code != "thread_not_found":
                raise
        return None

    async def get(self, channel: str, ts: str, thread_ts: str) -> SharedMessage | None:
        """Return one message of the thread that it is in or starts, or None if it was deleted. Raises SlackError."""
        read = functools.partial(
            self._calls.client.conversations_replies,
            channel=channel,
            ts=thread_ts,
            oldest=ts,
            latest=ts,
            inclusive=True,
        )
        try:
            response = await self._calls.call("conversations.replies", read)
        except SlackError as exc:
            if exc.code == "thread_not_found":
                return None
            raise
        messages = (message for message in response.get("messages") or [] if message.get("ts") == ts)
        return next((read_message(message, channel) for message in messages), None)

    async def get_thread(self, channel: str, thread_ts: str, before: str) -> list[SharedMessage]:
        """Return the messages of a thread, including its first one, that are older than `before`. Raises SlackError."""
        read = functools.partial(
            self._calls.client.conversations_replies, channel=channel, ts=thread_ts, latest=before, limit=200
        )
        try:
            return [
                read_message(message, channel)
                async for page in self._calls.pages("conversations.replies", read)
                for message in page.get("messages") or []
            ]
        except SlackError as exc:
            if exc.code == "thread_not_found":
                return []
            raise

    async def get_permalink(self, channel: str, ts: str) -> str:
        """Return the address of a message, for people who may see it. Raises SlackError."""
        read = functools.partial(self._calls.client.chat_getPermalink, channel=channel, message_ts=ts)
        return str((await self._calls.call("chat.getPermalink", read)).get("permalink") or "")
