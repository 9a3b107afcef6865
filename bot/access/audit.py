"""What the bot remembers of what it showed, refused and changed: appended, and chained."""

import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.model.audit import AuditKind, AuditRow
from bot.storage.sqlite.audit import AuditRows
from bot.storage.sqlite.chain_check import Told

log = logging.getLogger(__name__)

COMMAND_LINE = "command line"
"""Who did it, where it was done on the bot's own machine."""
HEADS = "audit heads"
"""What a line of the log begins with that tells the heads."""
_WORD = re.compile(r"[a-z](?:[a-z0-9_ -]{0,38}[a-z0-9])?")


_HEAD = re.compile(
    rf"\b({'|'.join(AuditKind)}):([1-9][0-9]{{0,17}}):([0-9a-f]{{64}})\b(?::([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\b)?"
)


def told_heads(text: str) -> list[Told]:
    """The heads in a line that `tell_heads` wrote to the log."""
    return [Told(AuditKind(kind), int(number), hash_, day) for kind, number, hash_, day in _HEAD.findall(text)]


def aged(kept: Mapping[AuditKind, timedelta], now: datetime) -> dict[AuditKind, str]:
    """The last day, in UTC, of which something may have been removed by now where each kind is kept for so long."""
    return {kind: (now - age).date().isoformat() for kind, age in kept.items()}


class Audit:
    def __init__(self, rows: AuditRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock
        self._told = ""

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
        """What `note` would write, for who writes it together with what it tells of."""
        if not _WORD.fullmatch(what):
            raise ValueError("the audit takes short words of the bot's own")
        ids = tuple(conversations)
        return AuditRow(kind, 0, self._clock.now(), by, channel, what, ids, len(ids) if count is None else count)

    async def tell_heads(self) -> None:
        """Write to the log where the chains end, and of which day that is, unless that is what was written there last.

        Whoever rewrites the database can work the hashes out anew, but does not get at a log that is kept elsewhere.
        """
        heads = " ".join(
            f"{head.kind}:{head.number}:{head.hash}" + (f":{last.at.date()}" if last else "")
            for head, last in await self._rows.ends()
            if head.number
        )
        if heads != self._told:
            log.info("%s %s", HEADS, heads)
            self._told = heads

    async def cut(self, kept: Mapping[AuditKind, timedelta]) -> None:
        """Remove what is older than its kind is kept, and remember that."""
        now = self._clock.now()
        for kind, age in kept.items():
            if removed := await self._rows.cut(kind, now - age, self.row(AuditKind.ERASED, "cut")):
                log.info("the audit of %s was cut: %d rows, older than %d days", kind, removed, age.days)
