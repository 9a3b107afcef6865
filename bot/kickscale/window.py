"""All conversations that began within a stretch of time, however many they are."""

from datetime import datetime, timedelta

from bot.errors import RangeTooWide
from bot.kickscale.client import KickscaleClient
from bot.kickscale.paging import side_by_side
from bot.model.conversation import Conversation, Kind, Scope

_SHORTEST = timedelta(minutes=1)


async def read_window(client: KickscaleClient, start: datetime, end: datetime) -> list[Conversation]:
    """Return external meetings and calls that began at `start` or later and before `end`, in no particular order.

    Raises KickscaleError, and RangeTooWide if a single minute has more than one question to the API can return.
    """
    lists = await side_by_side(read_between(client, kind, start, end) for kind in Kind)
    return [conversation for conversations in lists for conversation in conversations]


async def read_between(
    client: KickscaleClient, kind: Kind, start: datetime, end: datetime, scope: Scope = Scope.EXTERNAL
) -> list[Conversation]:
    """Return the same of one kind and scope."""
    try:
        return list((await client.conversations(kind, start, end, scope=scope)).conversations)
    except RangeTooWide:
        if end - start < _SHORTEST:
            raise
        middle = start + (end - start) / 2
        parts = [(start, middle), (middle, end)]
        halves = await side_by_side(read_between(client, kind, *part, scope) for part in parts)
        return [conversation for half in halves for conversation in half]
