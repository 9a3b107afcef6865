"""People and other workspaces that join a channel. The app gets an event if it may."""

from dataclasses import replace
from typing import Any

from bot.sandbox.slack.events import Events
from bot.sandbox.slack.state import Channel, State, User


class Memberships:
    def __init__(self, state: State, events: Events) -> None:
        self._state = state
        self._events = events

    async def join(self, user: User, channel: Channel, inviter: User | None) -> None:
        """https://docs.slack.dev/reference/events/member_joined_channel

        `channel_type` is `C` for private channels too, except those from before March 2021. Raises ValueError for
        somebody who is in it already.
        """
        if user.id in channel.members:
            raise ValueError(f"{user.name} is already a member of {channel.name}.")
        self._set(replace(channel, members=(*channel.members, user.id)))
        event: dict[str, Any] = {
            "type": "member_joined_channel",
            "user": user.id,
            "channel": channel.id,
            "channel_type": "C",
            "team": user.team_id,
        }
        await self._events.tell(event | ({"inviter": inviter.id} if inviter else {}))

    async def connect(self, channel: Channel, team_id: str) -> None:
        """https://docs.slack.dev/reference/events/channel_shared"""
        self._set(replace(channel, is_ext_shared=True))
        await self._events.tell({"type": "channel_shared", "connected_team_id": team_id, "channel": channel.id})

    def _set(self, channel: Channel) -> None:
        self._state.channels[channel.id] = channel
        self._state.changed()
