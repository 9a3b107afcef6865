"""The answer to `/kickscale status`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.errors import KickscaleError, StorageFailed
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
    """Used for people who have none in Slack."""
    binding: Literal["document", "kept", "default", "overridden"]
    bound_at: datetime | None = None
    """When the OpenAPI document was read."""
    asked_at: datetime | None = None
    """When Kickscale was last asked."""
    kickscale_error: KickscaleError | None = None
    database_failure: StorageFailed | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    """How many jobs wait, by the queue's name."""
    key_days_left: int | None = None
    """None if the key's age isn't known."""


def status_message(texts: Texts, status: Status) -> Payload:
    heading = texts("status.heading", version=inline(status.version, WORDS))
    lines = [
        f"*{heading}*",
        texts(f"status.slack.{status.slack}"),
        _kickscale(texts, status),
        texts(f"status.binding.{status.binding}", at=_moment(texts, status.bound_at)),
        _database(texts, status.database_failure),
        *([] if status.database_failure else _queues(texts, status.queues)),
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


def _database(texts: Texts, failure: StorageFailed | None) -> str:
    return texts("status.database.failing", why=explain(texts, failure)) if failure else texts("status.database.ok")


def _queues(texts: Texts, queues: Mapping[str, int]) -> list[str]:
    waiting = [(name, count) for name, count in queues.items() if count][:PER_SECTION]
    return [texts("status.queue", name=inline(name, WORDS), count=count) for name, count in waiting] or [
        texts("status.queues_empty")
    ]


def _key(texts: Texts, days_left: int | None) -> str:
    if days_left is None:
        return texts("status.key_unknown")
    return texts("status.key_days", count=days_left) if days_left > 0 else texts("status.key_over")
