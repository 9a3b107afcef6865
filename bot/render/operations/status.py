"""The answer to `/kickscale status`."""

from collections.abc import Mapping
from datetime import datetime

from bot.model.status import Status
from bot.render.errors import explain
from bot.render.kit import times
from bot.render.kit.blocks import inline, section
from bot.render.kit.icons import OK, WARNING
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

WORDS = 80
PER_SECTION = 20


def status_message(texts: Texts, status: Status, *, is_admin: bool) -> Payload:
    """Return a line for each part for an admin of the bot, and for everybody else one that says whether all is well."""
    if not is_admin:
        failure = status.database_failure or status.kickscale_error
        text = texts("status.trouble", why=explain(texts, failure)) if failure else texts("status.working")
        return message(text, [section(f"{WARNING if failure else OK} {text}")])
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


def _database(texts: Texts, failed: Exception | None) -> str:
    return texts("status.database.failing", why=explain(texts, failed)) if failed else texts("status.database.ok")


def _queues(texts: Texts, queues: Mapping[str, int]) -> list[str]:
    waiting = [(name, count) for name, count in queues.items() if count][:PER_SECTION]
    return [texts("status.queue", name=inline(name, WORDS), count=count) for name, count in waiting] or [
        texts("status.queues_empty")
    ]


def _key(texts: Texts, days_left: int | None) -> str:
    if days_left is None:
        return texts("status.key_unknown")
    return texts("status.key_days", count=days_left) if days_left > 0 else texts("status.key_over")
