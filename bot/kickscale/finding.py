"""Whether a call that was sent has arrived: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.kickscale.paging import merge
from bot.model.conversation import Conversation, Page

_CLOCK_DIFFERENCE = timedelta(minutes=1)
"""How far the service's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Finding:
    call: str
    """The call's id; empty if none was found."""
    is_certain: bool
    """False if one of the calls could be the one that was sent, but doesn't say."""


def find_call(pages: Sequence[Page], external_id: str, since: datetime) -> Finding:
    """Return which call has this `externalCallId`. `since` is when the sending of it began."""
    calls = merge(pages, ())
    call = next((call.id for call in calls if call.raw.get("externalCallId") == external_id), "")
    if call:
        return Finding(call, is_certain=True)
    is_certain = not any(page.unreadable for page in pages) and not any(_could_be_it(call, since) for call in calls)
    return Finding("", is_certain)


def _could_be_it(call: Conversation, since: datetime) -> bool:
    """Return whether a call has no `externalCallId`, and isn't older than the sending."""
    is_new = call.created_at is None or call.created_at >= since - _CLOCK_DIFFERENCE
    return is_new and call.raw.get("externalCallId") in (None, "")
