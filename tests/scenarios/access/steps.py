"""Worlds under settings of access, and their audit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.model.audit import AuditKind
from bot.sandbox.slack import Message
from tests.scenarios.conversations.calls import rich
from tests.world import World, world

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@asynccontextmanager
async def under(folder: Path, **settings: Any) -> AsyncIterator[World]:
    """The bot under these settings, with a call of Robin's and one of Lea's."""
    async with world(folder, **settings) as running:
        running.kickscale.add_call(rich(1, running))
        running.kickscale.add_call({**rich(2, running), "user": {"email": "lea.lead@example.com"}, "participants": []})
        yield running


@dataclass(frozen=True)
class Row:
    what: str
    by: str
    channel: str
    conversations: tuple[str, ...]
    count: int


async def read_audit(here: World, kind: AuditKind) -> list[Row]:
    return [
        Row(row["what"], row["by"], row["channel"], tuple(row["conversations"]), row["count"])
        for row in await here.read_audit(kind)
    ]


def names(message: Message) -> list[str]:
    return [f"Call {number}" for number in range(1, 9) if f"Call {number}" in str(message.blocks)]
