"""The customers that the bot has read about."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Customer:
    domain: str
    names: tuple[str, ...] = ()
    """Of the company, as Kickscale's records write them; the latest first."""
    last_at: datetime | None = None
    """When their latest conversation began; for somebody who knows only their own conversations, of those."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What a conversation says about a customer."""

    conversation: str
    domain: str
    at: datetime
    """When it began."""
    people: frozenset[str]
    """The folded e-mail addresses of the owner, and of others who took part and aren't the customer's own people."""
    name: str = ""
    """Of the company; empty if the conversation doesn't say, or is with several customers."""
