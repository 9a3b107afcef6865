"""What people asked for: the buttons of an answer carry its question's id, and so work after a restart."""

import logging
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.model.commands import Days, Filters, ListCommand, SearchCommand, ShowCommand, StatsCommand
from bot.model.conversation import Kind, Scope
from bot.model.questions import Question, Shareable
from bot.storage.columns import fields_of, json_text, moment_text, read_json, read_moment
from bot.storage.transaction import Connection

log = logging.getLogger(__name__)

NAMES = {ListCommand: "list", SearchCommand: "search", StatsCommand: "stats"}


class Questions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, question: Question) -> None:
        """Keep a question under its id."""
        row = {
            "id": question.id,
            "command": json_text(_written(question.command)),
            "timezone": question.timezone,
            "user": question.user,
            "channel": question.channel,
            "asked_at": moment_text(question.asked_at),
        }
        await self._connection.write(lambda tx: tx.insert("questions", row))

    async def get(self, id: str) -> Question | None:  # noqa: A002
        """Return the question; None if there is none, or a version of the bot wrote it that this one can't read."""
        row = await self._connection.read(lambda tx: tx.first("select * from questions where id = ?", [id]))
        if row is None:
            return None
        try:
            command = _read(read_json(row["command"]))
        except (KeyError, TypeError, ValueError):
            log.warning("the saved question %s can no longer be read", id)
            return None
        return Question(**{**fields_of(Question, row), "command": command, "asked_at": read_moment(row["asked_at"])})


def _written(command: Shareable) -> dict[str, Any]:
    if isinstance(command, ShowCommand):
        return {"show": asdict(command)}
    days = command.days and {"first": command.days.first.isoformat(), "last": command.days.last.isoformat()}
    return {NAMES[type(command)]: {**asdict(command), "days": days}}


def _read(written: dict[str, Any]) -> Shareable:
    if "show" in written:
        return ShowCommand(kind=Kind(written["show"]["kind"]), id=written["show"]["id"])
    if "search" in written:
        kept = written["search"]
        return SearchCommand(
            words=tuple(kept["words"]),
            days=kept["days"] and _read_days(kept["days"]),
            domains=tuple(kept["domains"]),
            filters=_read_filters(kept["filters"]),
        )
    if "stats" in written:
        kept = written["stats"]
        return StatsCommand(days=_read_days(kept["days"]), domains=tuple(kept["domains"]))
    kept = written["list"]
    return ListCommand(
        kind=Kind(kept["kind"]),
        days=_read_days(kept["days"]),
        domains=tuple(kept["domains"]),
        filters=_read_filters(kept["filters"]),
    )


def _read_days(kept: dict[str, str]) -> Days:
    return Days(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]))


def _read_filters(kept: dict[str, Any]) -> Filters:
    # With every field that was written: leaving out an unknown one would silently widen the list.
    return Filters(**{**kept, "scope": Scope(kept["scope"]), "words": tuple(kept["words"])})
