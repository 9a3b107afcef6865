"""Who may have what, as the settings say it, and the reasons why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Capability(StrEnum):
    """What somebody may be allowed to see or to do."""

    CONVERSATIONS = "conversations"
    INTERNAL = "internal"
    TRANSCRIPT = "transcript"
    RECORDING = "recording"
    EMAIL_DRAFT = "email_draft"
    METRICS = "metrics"
    SHARE = "share"
    SUBSCRIBE = "subscribe"
    UPLOAD = "upload"


Refusal = Literal[
    "deactivated",
    "bot",
    "outside",
    "guest",
    "person",
    "channel",
    "bound",
    "not_own",
    "internal",
    "not_conversations",
    "not_internal",
    "not_transcript",
    "not_recording",
    "not_email_draft",
    "not_metrics",
    "not_share",
    "not_subscribe",
    "not_upload",
]
"""Why a person is refused something. Its text is `access.<refusal>`."""

Withheld = Literal["guest", "outside", "shared", "bound", "visibility"]
"""Why something is withheld from a channel: a guest or somebody from another company is in it, it is shared with
another company, it is for other customers, or not everybody in it may see the conversation.
"""

ChannelRule = Literal["post", "bare", "hold"]
"""What is posted in a channel with guests or outsiders: everything, a card without content, or nothing."""


Reach = Literal["all", "took_part", "owns", "none"]
"""Whether somebody has something of all conversations, of those in which they took part, or only of their own."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Which conversations somebody may see, in a form that a database applies before it counts."""

    address: str = ""
    """Their e-mail address, folded (see `bot.email_addresses`). Without one they took part in nothing."""
    customers: tuple[str, ...] | None = None
    """The only customers of the channel, as domains and patterns; None if it is for all."""
    conversations: Reach = "all"
    internal: Reach = "all"
    """Which of those also if they are internal."""
    transcripts: Reach = "all"
    """Of which of those also the transcripts."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Who has a capability.

    The words: `all` is everybody who may ask; `own` is the owner of the conversation, everybody who took part in it,
    and admins; `self` is only the owner, not even admins; `admins`; `nobody`.
    """

    words: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    """Slack users and user groups."""


@dataclass(frozen=True, slots=True)
class AccessRules:
    """The settings about access. The defaults are the settings' defaults."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    """If `users` or `groups` has anybody, nobody else may ask."""
    channels: frozenset[str] = frozenset()
    """If there are any, nobody may ask elsewhere."""
    admins: frozenset[str] = frozenset()
    """Slack users and user groups."""
    bound: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By channel: its only customers, as normalised domains and patterns."""
    holders: Mapping[Capability, Holders] = field(default_factory=dict)
    """Everybody who may ask has a capability that isn't listed."""
    by_kickscale: bool = False
    """People see only what they own or took part in, as in Kickscale itself."""
    guests: ChannelRule = "hold"
    outsiders: ChannelRule = "hold"

    @property
    def user_groups(self) -> frozenset[str]:
        """The user groups whose members have to be known."""
        ids = frozenset().union(self.groups, self.admins, *(holders.ids for holders in self.holders.values()))
        return frozenset(id_ for id_ in ids if id_.startswith("S"))
