"""The answer to `/kickscale status`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.errors import KickscaleError
from bot.render.errors import explain
from bot.render.kit import times
from bot.render.kit.blocks import inline, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

WORDS = 80
PER_SECTION = 20


@dataclass(frozen=True, slots=True)
class Status:
    version: str
    slack: Literal["socket", "http"]
    timezone: str
    """Where Slack gives none."""
    binding: Literal["document", "kept", "default", "overridden"]
    bound_at: datetime | None = None
    """When the OpenAPI document was read."""
    asked_at: datetime | None = None
    """When Kickscale was asked."""
    kickscale_error: KickscaleError | None = None
    is_database_ok: bool = True
    queues: Mapping[str, int] = field(default_factory=dict)
    """What waits, by name."""
    key_days_left: int | None = None
    """None where the key's age is not known."""


def status_message(texts: Texts, status: Status) -> Payload:
    heading = texts("status.heading", version=inline(status.version, WORDS))
    lines = [
        f"*{heading}*",
        texts(f"status.slack.{status.slack}"),
        _kickscale(texts, status),
        texts(f"status.binding.{status.binding}", at=_moment(texts, status.bound_at)),
        texts("status.database.ok" if status.is_database_ok else "status.database.failing"),
        *_queues(texts, status.queues),
        _key(texts, status.key_days_left),
        texts("status.zone", zone=inline(status.timezone, WORDS)),
    ]
    return message(heading, [section("\n".join(lines))])


def _moment(texts: Texts, at: datetime | None) -> str:
    return times.moment(texts, at) if at else texts("conversation.when_unknown")


def _kickscale(texts: Texts, status: Status) -> str:
    at = _moment(texts, status.asked_at)
    if status.kickscale_error is not None:
        return texts("status.kickscale.failing", at=at, why=explain(texts, status.kickscale_error))
    return texts("status.kickscale.ok", at=at)


def _queues(texts: Texts, queues: Mapping[str, int]) -> list[str]:
    waiting = [(name, count) for name, count in queues.items() if count][:PER_SECTION]
    return [texts("status.queue", name=inline(name, WORDS), count=count) for name, count in waiting] or [
        texts("status.queues_empty")
    ]


def _key(texts: Texts, days_left: int | None) -> str:
    if days_left is None:
        return texts("status.key_unknown")
    return texts("status.key_days", count=days_left) if days_left > 0 else texts("status.key_over")
