"""Procrastinate's rows: each tells one of its workers to look at a job of ours.

What counts is the job's own row. A delivery may come twice, or for a job that somebody else has begun: then nothing
happens. One that is lost is written again by the next look for due jobs.
"""

from collections.abc import Collection, Sequence
from typing import Any

from bot.storage.columns import json_text
from bot.storage.transaction import Transaction

TASK = "look at a job"
DEFER = """
    select procrastinate_defer_jobs_v1(array_agg(row(
        ?, ?, 0, null, null, jsonb_build_object('id', cast(value as bigint)), null
    )::procrastinate_job_to_defer_v1)) from json_each(?)
"""
UNDELIVERED = """
    select id, kind from jobs where state in ('waiting', 'running') and due_at <= :now
    and kind in (select value from json_each(:kinds))
    and id not in (select cast(value as bigint) from json_each(:besides))
    and (:all = 1 or id in (select cast(value as bigint) from json_each(:only)))
    and not exists (
        select 1 from procrastinate_jobs d where d.status = 'todo' and d.queue_name = coalesce(:queue, jobs.kind)
        and d.args = jsonb_build_object('id', jobs.id)
    )
    order by due_at, id limit 1000
"""
ORPHANS = "delete from procrastinate_jobs where status = 'doing' and worker_id is null"


def deliver(tx: Transaction, queue: str, ids: Sequence[int]) -> None:
    """Tell the workers on a queue to look at these jobs, in this order."""
    tx.fetch(DEFER, [queue, TASK, json_text(list(ids))])


def deliver_due(
    tx: Transaction,
    now: str,
    kinds: Collection[str],
    *,
    besides: Collection[int],
    only: Collection[int] | None,
    queue: str | None,
) -> None:
    """Deliver the due jobs for which no delivery waits; to this queue, or else to the one of their kind."""
    values: dict[str, Any] = {
        "now": now,
        "kinds": json_text(list(kinds)),
        "besides": json_text(list(besides)),
        "all": int(only is None),
        "only": json_text(list(only or ())),
        "queue": queue,
    }
    for row in tx.fetch(UNDELIVERED, values):
        deliver(tx, queue or row["kind"], [row["id"]])


def drop_orphans(tx: Transaction) -> None:
    """Drop the deliveries of workers that died."""
    tx.execute(ORPHANS)
