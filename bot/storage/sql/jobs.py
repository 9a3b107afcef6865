"""Jobs as rows: the queue that several bots on one database share.

A job has one attempt at a time. Its holder and its number identify an attempt: once another has begun, nothing that it
writes counts. `due_at` is when a job may be begun: for a running one, that is when the lease of its attempt ends. An
attempt that is still `running` then has died.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.model.job import Job
from bot.storage.columns import json_text, moment_text, read_json, read_moment
from bot.storage.sql.uploads import forget_addresses
from bot.storage.transaction import Connection, Row, Transaction

FORGOTTEN = frozenset(("typed", "response_url"))
"""What somebody wrote to the bot, and the address for the answer: forgotten as soon as the job has ended."""


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


# `besides` are the jobs that run in the asking process: it doesn't begin one twice, even if it stood still (a sleeping
# laptop) until its lease had ended. `only` are those that it may do; null for all. Each state is asked for alone: only
# then does the index give the rows in their order, and thousands of due jobs needn't be sorted for each one that ends.
OPEN = """
    select id, due_at from (
        select id, due_at from jobs where state = '{state}'
        and kind in (select value from json_each(:kinds))
        and id not in (select cast(value as integer) from json_each(:besides))
        and (:all = 1 or id in (select cast(value as integer) from json_each(:only)))
        order by due_at, id limit :count
    ) as open
"""
NEXT = f"{OPEN.format(state='waiting')} union all {OPEN.format(state='running')} order by due_at, id limit :count"
CLAIM = f"""
    update jobs set
        state = 'running', holder = :holder, due_at = :until,
        attempts = attempts + 1, deaths = deaths + case state when 'running' then 1 else 0 end
    where id in (select id from ({NEXT}) as next where due_at <= :now)
    returning *
"""  # noqa: S608 no text from outside
ADD = """
    insert into jobs (kind, key, payload, progress, state, attempts, due_at, holder, error, created_at)
    values (:kind, :key, :payload, '{}', 'waiting', 0, :due, '', '', :now)
    on conflict (key) do update set
        kind = :kind, payload = :payload, state = 'waiting', attempts = 0, deaths = 0, due_at = :due,
        holder = '', error = '', finished_at = null
    where jobs.state in (select value from json_each(:over))
    returning id
"""
BEGIN = """
    insert into jobs (kind, key, payload, progress, state, attempts, due_at, holder, error, created_at)
    values (:kind, :key, :payload, '{}', 'running', 1, :until, :holder, '', :now)
    on conflict (key) do nothing
    returning *
"""
AHEAD = """
    select id, state, attempts, created_at, due_at from jobs
    where state in ('waiting', 'running') and kind in (select value from json_each(:kinds)) and due_at > :now
"""
OPEN_OF_KIND = "kind = ? and state in ('waiting', 'running')"
OPEN_OF_KEYS = "kind = ? and key >= ? and key < ? and state || '' in ('waiting', 'running')"
"""Written so, SQLite doesn't use the index of states: all due jobs have the same one."""
MINE = "id = :id and key = :key and holder = :holder and attempts = :attempts and state = 'running'"
"""With the key, since SQLite gives the id of a deleted row to another."""


Announce = Callable[[Transaction, str, Sequence[int]], None]


class JobRows:
    def __init__(self, connection: Connection, announce: Announce | None = None) -> None:
        """`announce` is called in the transaction that writes down jobs which are due already, with their ids."""
        self._connection = connection
        self._announce = announce

    async def add(
        self,
        kind: str,
        jobs: Mapping[str, Mapping[str, Any]],
        now: datetime,
        *,
        due: datetime | None = None,
        is_anew: bool = False,
    ) -> int:
        """Write down jobs, whose payloads are given by their keys; return how many were written now.

        One that failed is written again, with this payload and with what its attempts noted. With `is_anew`, so is one
        that is done.
        """
        over = [State.FAILED, State.DONE] if is_anew else [State.FAILED]
        common = {"kind": kind, "now": moment_text(now), "due": moment_text(due or now), "over": json_text(over)}
        rows = [{**common, "key": key, "payload": json_text(dict(payload))} for key, payload in jobs.items()]
        is_due = due is None or due <= now

        def write(tx: Transaction) -> int:
            ids = [written["id"] for row in rows for written in tx.fetch(ADD, row)]
            if self._announce is not None and is_due and ids:
                self._announce(tx, kind, ids)
            return len(ids)

        return await self._connection.write(write)

    async def begin(  # noqa: PLR0917 which, by whom, and from when till when
        self,
        kind: str,
        key: str,
        payload: Mapping[str, Any],
        holder: str,
        now: datetime,
        until: datetime,
        begin_attempt: Callable[[Job], object],
    ) -> bool:
        """Write down a job whose first attempt is `holder`'s, and have it begin; False if the key is known.

        It begins also if the caller was cancelled while the job was being written down.
        """
        row = {
            "kind": kind,
            "key": key,
            "payload": json_text(dict(payload)),
            "holder": holder,
            "now": moment_text(now),
            "until": moment_text(until),
        }

        def write(tx: Transaction) -> Row | None:
            return tx.first(BEGIN, row)

        def begin_written(written: Row | None) -> None:
            if written is not None:
                begin_attempt(_job(written))

        return await self._connection.write(write, urgent=True, then=begin_written) is not None

    async def next_due(
        self, kinds: Collection[str], besides: Collection[int], only: Collection[int] | None = None
    ) -> datetime | None:
        """Return when the next job of these kinds may be begun: it waits, or its attempt may have died."""
        row = _which(kinds, besides, only, 1)
        first = await self._connection.read(lambda tx: tx.first(NEXT, row))
        return read_moment(first["due_at"]) if first else None

    async def claim(  # noqa: PLR0917 which, by whom, and from when till when
        self,
        kinds: Collection[str],
        besides: Collection[int],
        holder: str,
        now: datetime,
        until: datetime,
        only: Collection[int] | None = None,
        count: int = 1,
    ) -> list[Job]:
        """Begin new attempts of `holder`'s at up to `count` jobs, and return them: those that have been due longest."""
        row = {
            **_which(kinds, besides, only, count),
            "holder": holder,
            "now": moment_text(now),
            "until": moment_text(until),
        }
        claimed = await self._connection.write(lambda tx: tx.fetch(CLAIM, row))
        return sorted(map(_job, claimed), key=lambda job: job.id)

    async def renew(self, jobs: Collection[Job], holder: str, until: datetime) -> set[int]:
        """Extend the leases of attempts at these jobs; return the ids of the jobs that other attempts have."""
        row = {"due_at": moment_text(until)}
        return await self._connection.write(lambda tx: {job.id for job in jobs if not _update(tx, job, holder, row)})

    async def note(self, job: Job, holder: str, progress: Mapping[str, Any], until: datetime) -> bool:
        """Put on disk what the attempt is about to do, and extend its lease.

        This, like all below, returns False if another attempt has the job.
        """
        return await self._update(job, holder, progress=json_text(dict(progress)), due_at=moment_text(until))

    async def release(self, job: Job, holder: str, due: datetime) -> bool:
        """End the attempt; the job may be begun again from `due` on."""
        return await self._update(job, holder, state=State.WAITING, due_at=moment_text(due))

    async def delete(self, job: Job, holder: str) -> bool:
        """End the attempt and the job, which leaves nothing."""
        sql = f"delete from jobs where {MINE}"  # noqa: S608 no text from outside
        return bool(await self._connection.write(lambda tx: tx.execute(sql, _attempt(job, holder))))

    async def finish(self, job: Job, holder: str, now: datetime, error: str = "") -> bool:
        """End the attempt and the job: it is done or, with an `error`, has failed."""
        state = State.FAILED if error else State.DONE

        def finish(tx: Transaction) -> bool:
            row = {"state": state, "error": error, "finished_at": moment_text(now)}
            if not FORGOTTEN.isdisjoint(job.payload):
                kept = {name: value for name, value in job.payload.items() if name not in FORGOTTEN}
                row["payload"] = json_text(kept)
            is_ours = _update(tx, job, holder, row)
            if is_ours:
                forget_addresses(tx, "id = ?", job.id)
            return is_ours

        return await self._connection.write(finish)

    async def follow_clock(self, kinds: Collection[str], now: datetime, lease: datetime, step: timedelta) -> None:
        """Have no job of these kinds wait for the machine's clock, which was set by `step` since they were written.

        `step` is zero if that isn't known, as after a start. No lease may last longer than until `lease`.
        """
        await self._connection.write(lambda tx: _follow_clock(tx, kinds, now, lease, step))

    async def open(self, kind: str, beginning: str = "", **payload: str) -> list[Job]:
        """Return the waiting and running jobs of this kind that have all of this in their payload, oldest first.

        With `beginning`, only those whose keys begin so, which are found without reading all others.
        """
        where, values = f"{OPEN_OF_KIND} order by id", [kind]
        if beginning:
            where, values = f"{OPEN_OF_KEYS} order by id", [kind, *_keys(beginning)]
        sql = f"select * from jobs where {where}"  # noqa: S608 no text from outside
        jobs = [_job(row) for row in await self._connection.read(lambda tx: tx.fetch(sql, values))]
        return [job for job in jobs if payload.items() <= job.payload.items()]

    async def has_earlier(self, job: Job, beginning: str) -> bool:
        """Return whether an earlier job of the same kind, whose key begins so, waits or runs."""
        sql = f"select 1 as one from jobs where {OPEN_OF_KEYS} and id < ? limit 1"  # noqa: S608 no text from outside
        values = [job.kind, *_keys(beginning), job.id]
        return await self._connection.read(lambda tx: tx.first(sql, values)) is not None

    async def get(self, kind: str, key: str) -> Job | None:
        """Return the job of this key as it is now."""
        sql = "select * from jobs where kind = ? and key = ?"
        row = await self._connection.read(lambda tx: tx.first(sql, [kind, key]))
        return _job(row) if row else None

    async def unfinished(self) -> dict[str, int]:
        """Return how many jobs of each kind wait or run."""
        sql = "select kind, count(*) as count from jobs where state in ('waiting', 'running') group by kind"
        rows = await self._connection.read(lambda tx: tx.fetch(sql))
        return {row["kind"]: row["count"] for row in rows}

    async def _update(self, job: Job, holder: str, **columns: str) -> bool:
        return await self._connection.write(lambda tx: _update(tx, job, holder, columns))


def _update(tx: Transaction, job: Job, holder: str, columns: Mapping[str, str]) -> bool:
    changes = ", ".join(f"{column} = :{column}" for column in columns)
    sql = f"update jobs set {changes} where {MINE}"  # noqa: S608 names of columns, from above
    return bool(tx.execute(sql, {**columns, **_attempt(job, holder)}))


def _attempt(job: Job, holder: str) -> dict[str, str | int]:
    """Return the values of MINE."""
    return {"id": job.id, "key": job.key, "holder": holder, "attempts": job.attempts}


def _keys(beginning: str) -> tuple[str, str]:
    """Return the first text that begins so, and one after the last."""
    return beginning, f"{beginning}\U0010ffff"


def _which(
    kinds: Collection[str], besides: Collection[int], only: Collection[int] | None, count: int
) -> dict[str, str | int | None]:
    """Return the values of OPEN."""
    return {
        "kinds": json_text(list(kinds)),
        "besides": json_text(list(besides)),
        "all": int(only is None),
        "only": json_text(list(only or ())),
        "count": count,
    }


def _follow_clock(tx: Transaction, kinds: Collection[str], now: datetime, lease: datetime, step: timedelta) -> None:
    for row in tx.fetch(AHEAD, {"kinds": json_text(list(kinds)), "now": moment_text(now)}):
        due = read_moment(row["due_at"])
        if row["state"] == State.RUNNING:
            due = min(due, lease)
        elif (created_at := read_moment(row["created_at"])) > now:
            due = now if row["attempts"] else now + (due - created_at)
        else:
            due = max(now, due + min(step, timedelta(0)))
        tx.update("jobs", {"due_at": moment_text(due)}, id=row["id"])


def _job(row: Mapping[str, Any]) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        key=row["key"],
        payload=read_json(row["payload"]),
        attempts=row["attempts"],
        deaths=row["deaths"],
        created_at=read_moment(row["created_at"]),
        progress=read_json(row["progress"]),
    )
