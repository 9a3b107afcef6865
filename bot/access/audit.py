"""The audit log: what the bot showed, refused and changed. Rows are only appended, and chained by their hashes."""

import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.model.audit import AuditKind, AuditRow, LoggedHead
from bot.storage.stores import AuditStore

log = logging.getLogger(__name__)

COMMAND_LINE = "command line"
"""The person in rows about what was done on the bot's own machine."""
HEADS = "audit heads"
"""The beginning of the log lines that hold the chains' heads."""
_WORD = re.compile(r"[a-z](?:[a-z0-9_ -]{0,38}[a-z0-9])?")
_HEAD = re.compile(
    rf"\b({'|'.join(AuditKind)}):([1-9][0-9]{{0,17}}):([0-9a-f]{{64}})\b(?::([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\b)?"
)


def read_heads(text: str) -> list[LoggedHead]:
    """Return the heads in a line that `Audit.log_heads` wrote to the log."""
    return [LoggedHead(AuditKind(kind), int(number), hash_, day) for kind, number, hash_, day in _HEAD.findall(text)]


def removable_until(kept: Mapping[AuditKind, timedelta], now: datetime) -> dict[AuditKind, str]:
    """Return the last day (UTC) of each kind whose rows may be removed by now. `kept` says how long they stay."""
    return {kind: (now - age).date().isoformat() for kind, age in kept.items()}


class Audit:
    def __init__(self, rows: AuditStore, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock
        self._last_heads = ""
        """What was last written to the log."""

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
        """Append a row; it is on disk when this returns. Raises what the database raises.

        `what` is a word of the bot's own, never somebody's text. `count` is by default the number of conversations.
        """
        await self._rows.add(self.row(kind, what, by=by, channel=channel, conversations=conversations, count=count))

    def row(
        self,
        kind: AuditKind,
        what: str,
        *,
        by: str = "",
        channel: str = "",
        conversations: Iterable[str] = (),
        count: int | None = None,
    ) -> AuditRow:
        """Return the row that `note` would append, for stores that write it in one transaction with what it is about.

        Raises ValueError for a `what` that isn't a short word of the bot's own.
        """
        if not _WORD.fullmatch(what):
            raise ValueError("the audit takes short words of the bot's own")
        ids = tuple(conversations)
        return AuditRow(kind, 0, self._clock.now(), by, channel, what, ids, len(ids) if count is None else count)

    async def log_heads(self) -> None:
        """Write the chains' heads to the log, with the days of their rows, if they changed since the last time.

        Somebody who rewrites the database can compute new hashes, but can't change a log that is kept elsewhere.
        """
        heads = " ".join(
            f"{head.kind}:{head.number}:{head.hash}" + (f":{last.at.date()}" if last else "")
            for head, last in await self._rows.ends()
            if head.number
        )
        if heads != self._last_heads:
            log.info("%s %s", HEADS, heads)
            self._last_heads = heads

    async def cut(self, kept: Mapping[AuditKind, timedelta]) -> None:
        """Remove the rows that are older than their kind is kept, and note that in the audit log."""
        now = self._clock.now()
        for kind, age in kept.items():
            if removed := await self._rows.cut(kind, now - age, self.row(AuditKind.ERASED, "cut")):
                log.info("removed expired audit rows: kind %s, %d rows, older than %d days", kind, removed, age.days)
