"""What the bot remembers of what it showed, refused and changed: appended, and chained."""

import re
from collections.abc import Iterable

from bot.clock import Clock
from bot.models import AuditKind, AuditRow
from bot.storage.audit import AuditRows

COMMAND_LINE = "command line"
"""Who did it, where it was done on the bot's own machine."""
_WORD = re.compile(r"[a-z][a-z_ -]{0,39}")


class Audit:
    def __init__(self, rows: AuditRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    async def note(
        self,
        kind: AuditKind,
        what: str,
        *,
        by: str = "",
        channel: str = "",
        conversations: Iterable[str] = (),
        count: int | None = None,
    ) -> None:
        """Remember it: it is on disk when this returns. What it raises, the database could not be written.

        `what` is a word of ours, never a text of anybody's. `count` is how many conversations there are where it is
        not said.
        """
        if not _WORD.fullmatch(what):
            raise ValueError("the audit takes short words of the bot's own")
        ids = tuple(conversations)
        shown = len(ids) if count is None else count
        await self._rows.add(AuditRow(kind, 0, self._clock.now(), by, channel, what, ids, shown))
