"""Channels and direct messages: who is in them, and whether the bot is."""

import functools
from collections.abc import Collection, Mapping
from typing import Any

from bot.errors import NotInChannel, SlackError
from bot.model.people import Listeners
from bot.slack.auth import Auth
from bot.slack.calls import Calls
from bot.slack.failures import DIRECT_MESSAGE
from bot.slack.people import People


class Channels:
    """Nothing is remembered here: Slack is asked each time."""

    def __init__(self, calls: Calls, auth: Auth, people: People) -> None:
        self._calls = calls
        self._auth = auth
        self._people = people

    async def get_listeners(self, channel: str) -> Listeners:
        """Return who sees what is posted in a channel. Raises SlackError."""
        info = await self._info(channel)
        is_shared = bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared"))
        people = await self._people.get_all(await self._members(channel, info))
        return Listeners(tuple(person for person in people if not person.is_bot and not person.is_deleted), is_shared)

    async def can_read(self, channel: str, user: str) -> bool:
        """Return whether a member of the workspace can read a channel: it is public, or they are in it.

        Raises SlackError; NotInChannel if the channel is private and the bot isn't in it.
        """
        info = await self._info(channel)
        is_public = info.get("is_private") is False and not (info.get("is_im") or info.get("is_mpim"))
        return is_public or user in await self._members(channel, info)

    async def is_in(self, channel: str, user: str) -> bool:
        """Return whether somebody is in a channel. Raises SlackError."""
        return user in await self._members(channel, await self._info(channel))

    async def is_member(self, channel: str) -> bool:
        """Return whether the bot is in a channel. Of a private one that it isn't in, Slack says that there is none.

        Raises SlackError, also (`is_archived`) for a channel that nobody can write in any more.
        """
        try:
            return await self.find(channel)
        except NotInChannel:
            return False

    async def find(self, channel: str) -> bool:
        """Return whether the bot is in a channel, like `is_member`, but raise NotInChannel if it can't see it."""
        info = await self._info(channel)
        if info.get("is_archived"):
            raise SlackError("is_archived")
        return bool(info.get("is_member"))

    async def require_member(self, channel: str, user: str) -> None:
        """Return if the bot can read and post in a channel where `user` asks, or in its direct messages with them.

        Raises NotInChannel, and SlackError (`is_archived`).
        """
        if channel.startswith("D"):
            # No app sees the direct messages between two people, and nobody can invite it to them.
            if channel != await self.open_dm(user):
                raise NotInChannel(DIRECT_MESSAGE)
        elif not await self.is_member(channel):
            raise NotInChannel("not_in_channel", (await self._auth.identity()).user)

    async def open_dm(self, user: str) -> str:
        """Return the `D…` channel of a person: a file can't be sent to a `U…` id (slackapi/bolt-js#2115)."""
        response = await self._calls.call(
            "conversations.open", lambda: self._calls.client.conversations_open(users=user)
        )
        return str(response["channel"]["id"])

    async def find_direct_messages(self, users: Collection[str]) -> list[str]:
        """Return the bot's existing `D…` channels with these users, deactivated ones included. Raises SlackError."""
        read = functools.partial(self._calls.client.conversations_list, types="im", limit=999)
        return [
            str(channel["id"])
            async for page in self._calls.pages("conversations.list", read)
            for channel in page.get("channels") or []
            if channel.get("user") in users
        ]

    async def _info(self, channel: str) -> Mapping[str, Any]:
        read = functools.partial(self._calls.client.conversations_info, channel=channel)
        response = await self._calls.call("conversations.info", read, channel=channel)
        return response.get("channel") or {}

    async def _members(self, channel: str, info: Mapping[str, Any]) -> list[str]:
        if info.get("is_im"):
            return [str(info.get("user"))]
        read = functools.partial(self._calls.client.conversations_members, channel=channel, limit=999)
        return [
            str(user) async for page in self._calls.pages("conversations.members", read) for user in page["members"]
        ]
