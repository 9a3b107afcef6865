"""The queue on PostgreSQL when the connection on which it hears of jobs is lost."""

import asyncio
from pathlib import Path

import psycopg

from bot.storage.postgres import PostgresDatabase
from bot.storage.queue import POLL
from tests.clock import ManualClock
from tests.conformance.jobs import SHARE, Order, Recorder
from tests.postgres import SHARED

END_LISTENERS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'kickscale-bot jobs' and datname = current_database()
"""
CONCURRENCY = 2


async def test_a_long_job_holds_up_no_other_after_a_lost_connection(tmp_path: Path) -> None:
    """An upload may take an hour. Others begin beside it, as many as before."""
    url, clock, recorder = SHARED.of(tmp_path), ManualClock(), Recorder()
    database = await PostgresDatabase.open(url)
    queue = database.make_queue(clock, "a", concurrency=CONCURRENCY)
    queue.register(SHARE, recorder.handle)
    recorder.gate.clear()
    try:
        await queue.start()
        await queue.promise(SHARE, "long", Order())
        await recorder.until_begun()
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(END_LISTENERS)
        for number in range(CONCURRENCY):
            await queue.promise(SHARE, str(number), Order())
        second = asyncio.create_task(recorder.until_begun(2))
        while not second.done():
            await clock.advance(POLL.total_seconds())
        assert recorder.most == CONCURRENCY
        recorder.gate.set()
        await queue.idle()
        assert [job.attempts for job in recorder.begun] == [1, 1, 1]
        assert recorder.most == CONCURRENCY
    finally:
        recorder.gate.set()
        await queue.stop()
        await database.close()
