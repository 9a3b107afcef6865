"""All that began in a stretch of time, however much it is."""

from datetime import datetime, timedelta

from bot.errors import RangeTooWide
from bot.kickscale.client import KickscaleClient
from bot.kickscale.paging import side_by_side
from bot.model.conversation import Conversation, Kind

_SHORTEST = timedelta(minutes=1)


async def read_window(client: KickscaleClient, start: datetime, end: datetime) -> list[Conversation]:
    """External meetings and calls that began from `start` up to but without `end`, in no order.

    Raises KickscaleError, and RangeTooWide where one minute holds more than a question to the API can.
    """
    found = await side_by_side(_between(client, kind, start, end) for kind in Kind)
    return [each for part in found for each in part]


async def _between(client: KickscaleClient, kind: Kind, start: datetime, end: datetime) -> list[Conversation]:
    try:
        return list((await client.conversations(kind, start, end)).conversations)
    except RangeTooWide:
        if end - start < _SHORTEST:
            raise
        middle = start + (end - start) / 2
        parts = [(start, middle), (middle, end)]
        halves = await side_by_side(_between(client, kind, *part) for part in parts)
        return [each for half in halves for each in half]
