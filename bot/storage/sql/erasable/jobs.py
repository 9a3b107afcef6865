"""What the queue's jobs keep of a subject.

A job is linked to others by the JSON that it carries, whatever its kind: `upload`, `offer`, `subscription`, `file` and
`files` in its payload, `id` there, and `conversations` there or in its progress.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bot.model.erasure import Links, Plan, Removal
from bot.storage.columns import moment_text, read_json
from bot.storage.erasable import Matcher
from bot.storage.sql.erasable.rows import ErasableRows, delete
from bot.storage.sql.jobs import State
from bot.storage.transaction import Row

KEPT_LONGER = timedelta(days=1)
"""Than the button that promised them: if it is pressed again, the job still knows the outcome."""

BEGUN = "(finished_at is null and progress != '{}')"
"""What is true of a job that isn't done, and whose attempts have noted something."""


class Jobs(ErasableRows):
    name = "jobs"
    tables = ("jobs",)

    @cached_property
    def _jobs(self) -> list["_Job"]:
        return [_Job.of(row) for row in self._tx.fetch("select * from jobs")]

    def find(self, matcher: Matcher, known: Links) -> Links:
        # Slack announces a shared file twice: a job that still waits would make an offer of what was erased.
        return Links(files=frozenset().union(*(job.named_files for job in self._jobs if job.is_of(matcher, known))))

    def find_busy(self, _known: Links) -> Links:
        jobs = [job for job in self._jobs if job.is_busy]

        def named(field: str) -> frozenset[Any]:
            return frozenset(job.payload[field] for job in jobs if field in job.payload)

        return Links(
            keys=frozenset(job.key for job in jobs),
            uploads=named("upload"),
            offers=named("offer"),
            subscriptions=named("subscription"),
        )

    def plan(self, matcher: Matcher, known: Links, busy: Links) -> Plan:
        jobs = [job for job in self._jobs if job.is_of(matcher, known) or not job.files.isdisjoint(known.files)]
        return Plan(
            tuple(job.id for job in jobs if not job.is_busy and job.payload.get("upload") not in busy.uploads),
            tuple(f"{job.kind} (job-{job.id})" for job in jobs if job.is_busy),
        )

    def forget(self, rows: Collection[int], _removal: Removal) -> None:
        delete(self._tx, "jobs", "id", rows, unless=f"state = '{State.RUNNING}' or {BEGUN}")

    def forget_before(self, moment: datetime) -> int:
        sql = "delete from jobs where finished_at < ?"
        return self._tx.execute(sql, [moment_text(moment - KEPT_LONGER)])


@dataclass(frozen=True, slots=True)
class _Job:
    id: int
    kind: str
    key: str
    payload: Row
    progress: Row
    is_busy: bool
    """An attempt is under way, for which somebody may be waiting, or has noted what it is about to do."""
    conversations: frozenset[str]
    files: frozenset[str]
    """The ids of the Slack files that it is about."""
    named_files: frozenset[str]
    """Those of which it has the names, since it is about the message that shared them."""

    @classmethod
    def of(cls, row: Row) -> "_Job":
        payload, progress = read_json(row["payload"]), read_json(row["progress"])
        ids = [payload.get("id"), *payload.get("conversations", ()), *progress.get("conversations", ())]
        files = payload.get("files", ())
        named = frozenset(file[0] for file in files if not isinstance(file, str))
        referred = [*(file for file in files if isinstance(file, str)), *filter(None, [payload.get("file")])]
        return cls(
            id=row["id"],
            kind=row["kind"],
            key=row["key"],
            payload=payload,
            progress=progress,
            is_busy=row["state"] == State.RUNNING or (bool(progress) and row["finished_at"] is None),
            conversations=frozenset(str(id_) for id_ in ids if id_),
            files=named.union(referred),
            named_files=named,
        )

    def is_of(self, matcher: Matcher, known: Links) -> bool:
        return (
            matcher.occurs_in(self.payload, self.progress)
            or self.key in known.keys
            or not self.conversations.isdisjoint(known.conversations)
            or self.payload.get("upload") in known.uploads
            or self.payload.get("offer") in known.offers
        )
