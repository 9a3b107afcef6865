"""Why a conversation was posted in a channel, or wasn't."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.audit import AuditRow
from bot.model.conversation import Conversation
from bot.model.digests import Subscription
from bot.model.messages import Posted

Reason = Literal[
    "domain",
    "no_domain",
    "internal",
    "no_start",
    "before",
    "before_live",
    "paused",
    "too_old",
    "too_old_live",
    "unanalysed",
    "unanalysed_live",
    "trying",
    "due",
    "live_soon",
    "posting",
    "posting_live",
    "held",
    "held_soon",
    "held_not",
    "deleted",
    "given_up",
    "failed",
    "dropped",
    "listed",
]
"""Why a subscription hasn't posted a conversation, or that it has."""

HELD: frozenset[Reason] = frozenset(("held", "held_soon", "held_not"))
"""It was held back from its channel, for the subscription's creator."""
EXTERNAL_ONLY: frozenset[Reason] = frozenset(
    ("too_old", "too_old_live", "unanalysed", "unanalysed_live", "trying", "due", "live_soon", "failed", "dropped")
)
"""These hold only for external conversations: digests and cards look at no others."""
TO_COME: frozenset[Reason] = frozenset(
    ("posting", "posting_live", "unanalysed", "unanalysed_live", "trying", "due", "live_soon", "failed")
)
"""It will still be posted, or sent to the subscription's creator."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why one subscription hasn't posted a conversation, or that it has."""

    subscription: Subscription
    reason: Reason
    at: datetime | None = None
    """When it is due, or was."""
    held: str = ""
    """Why it goes, or went, to the subscription's creator instead: see `bot.access.audience.Judgement.why`."""


@dataclass(frozen=True, slots=True)
class Explanation:
    id: str
    conversation: Conversation | None
    """None if Kickscale has none with this id any more."""
    posted: tuple[Posted, ...]
    """Oldest first; without what is in others' direct messages."""
    verdicts: tuple[Verdict, ...]
    """For the subscriptions of the channel in which it was asked."""
    remembered: tuple[AuditRow, ...] = ()
    """When it was held back from a channel, and when it was erased; oldest first."""
