"""The storage's ports: what services may ask of the database, whichever it is.

`bot.storage.sqlite` implements them. Services see only these Protocols.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from bot.model.audit import AuditRow
from bot.model.job import G, Handler, Job, JobKind, OnFailure, P
from bot.model.messages import Posted


class JobQueue(Protocol):
    """A durable queue that several bots share. Each job is one attempt's at a time; how that is kept is its own."""

    def register(self, kind: JobKind[P, G], handle: Handler[P, G], on_failure: OnFailure[P, G] | None = None) -> None:
        """Have jobs of this kind done by `handle`. Jobs of a kind that nobody registered are left to other bots.

        If a handler raises anything but Retry, its job has failed. Then `on_failure` tells the people to whom it was
        promised, before the job is closed, so that a kill in between can't leave them untold; if they can't be reached
        now, it raises Retry. A job whose attempts keep dying is given up and fails with Deadly.
        """
        ...

    async def promise(
        self, kind: JobKind[P, Any], key: str, payload: P, *, due: datetime | None = None, again: bool = False
    ) -> bool:
        """Write down a job under a key, due now or at `due`, and return True; False if the key is known already.

        A job that failed is promised again, with this payload and with what its attempts noted. With `again`, so is
        one that is done. A key is known until its job is pruned.
        """
        ...

    async def get(self, kind: JobKind[P, G], key: str) -> Job[P, G] | None:
        """Return the job of this key as it is now, with what its attempts have noted."""
        ...

    async def unfinished(self, kind: JobKind[P, G], **payload: str) -> list[Job[P, G]]:
        """Return the waiting and running jobs of a kind whose payload has these values, oldest first."""
        ...

    async def count_unfinished(self) -> Mapping[str, int]:
        """Return how many jobs of each kind wait or run."""
        ...

    async def start(self) -> None:
        """Begin with the due jobs; returns at once."""
        ...

    async def idle(self) -> None:
        """Return once no job is due and none runs here. One that waits for a later try is not due."""
        ...

    async def stop(self, patience: float = 0.0) -> None:
        """Begin no more jobs, give running ones `patience` seconds to end, and leave the rest to the next start."""
        ...


class Ledger(Protocol):
    """Every message that the bot posted, which conversations are in it, and which customers it is about."""

    async def add(self, posted: Posted, noted: AuditRow | None = None) -> bool:
        """Record a message, and with it an audit row; False, and nothing is written, if its key is known already."""
        ...

    async def learn(
        self, channel: str, ts: str, conversations: Iterable[str] = (), domains: Iterable[str] = (), by: str = ""
    ) -> None:
        """Record that a message was edited and is about these too; `by` is who had it edited."""
        ...

    async def by_key(self, key: str) -> Posted | None:
        """Return the message that was recorded under this key."""
        ...

    async def of_conversation(self, id: str) -> list[Posted]:  # noqa: A002
        """Return every message that this conversation is in, oldest first."""
        ...


class FactStore(Protocol):
    """JSON values worth keeping across restarts, each under a name."""

    async def get(self, name: str) -> tuple[Any, datetime] | None:
        """Return a value and when it was stored, or None if there is none."""
        ...

    async def set(self, name: str, value: Any, now: datetime) -> None:
        """Store a value in place of any earlier one."""
        ...
