"""How the bot and what it depends on are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.model.mirror import MirrorState


@dataclass(frozen=True, slots=True)
class Status:
    version: str
    slack: Literal["socket", "http"]
    timezone: str
    """The one of people whose Slack profile has none."""
    binding: Literal["document", "kept", "default", "overridden"]
    bound_at: datetime | None = None
    """When the OpenAPI document was read."""
    asked_at: datetime | None = None
    """When Kickscale was asked."""
    kickscale_error: Exception | None = None
    database_failure: Exception | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    """How many jobs wait, by kind."""
    mirror: "MirrorState | None" = None
    """How far the copying of conversations is; None if it is switched off."""
    key_days_left: int | None = None
    """None if the key's age is not known."""
