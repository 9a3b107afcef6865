"""The proof from its start to its verdict."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bot.digests.job_kinds import digest_keys
from bot.model.audit import AuditKind, AuditRow
from bot.model.digests import Subscription
from bot.model.uploads import Attestation, ChannelUploads, UploadMode
from bot.storage.postgres import PostgresDatabase
from bot.storage.postgres.session import WRITER
from tests.benchmarks.processes import CORES, Child, started
from tests.benchmarks.sample import domain
from tests.benchmarks.slack import channel
from tests.postgres import EXPANSION, EXPANSION_NAME, Cluster, run_cluster
from tests.proof.balancer import Balancer
from tests.proof.fleet import Fleet
from tests.proof.release import make_release
from tests.proof.trouble import Troubles
from tests.proof.verdict import Figures, Stage, Verdict, is_sustained, judge
from tests.rooms import ROOT

CUSTOMERS = 100
MEETINGS = 300
CALLS = 2_000
MESSAGES = 1.0
MENTIONS = 1.0
CLICKS = 0.5
"""How many messages people write to the bot per second, how often they mention it, and how often they click."""
UPLOAD_RATE = 100_000
"""Bytes of a recording that Kickscale reads per second: each takes about ten seconds."""
WRITERS = """
    select count(*) filter (where granted), count(*) filter (where not granted)
    from pg_locks where locktype = 'advisory' and objid = %s
"""
COPYING = 5.0
"""Seconds in which another day is copied at least, until all are."""
LOOK = 0.05
"""Seconds between two looks at the lock of those who write."""
STAGE = 15.0
"""Seconds for which each rate is tried."""
RATES = (30, 45, 60, 80, 100, 130, 160, 200)
LEAST = 30
SPARE = 1 / 3
"""With so much of the highest rate the rest runs: of three bots one is mostly away, and those that start use the same
cores as the rest."""
PATIENCE = 150.0
"""Seconds after the last thing that people did. Slack repeats an event up to six minutes later, but the third time
only if three bots in a row didn't acknowledge it."""
AHEAD = timedelta(seconds=15)
"""How soon a digest may be due after it was added."""
_BAD = re.compile(r"Traceback|was destroyed but it is pending|never retrieved|never awaited")
_ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\dT)", re.MULTILINE)
_AWAY = ("StorageFailed", "procrastinate.exceptions.ConnectorException", "ConnectorException(")
"""In what is logged while PostgreSQL is away."""


@dataclass(frozen=True)
class Plan:
    minutes: float = 5
    replicas: int = 3
    rate: int = 0
    """Commands a second; 0 to find the highest, and run with a third of it."""
    digests: int = 100
    """Due at each minute."""
    recordings: int = 10
    """Under way at a time."""
    kills_per_minute: float = 2.5
    logs: Path | None = None
    """Where the bots' logs are put at the end."""


@dataclass
class Site:
    """Everything that runs."""

    cluster: Cluster
    url: str
    slack: Child
    kickscale: Child
    fleet: Fleet
    folder: Path


async def prove(plan: Plan) -> Verdict:
    """Run everything, and return what was lost or doubled, if anything was."""
    async with site(plan) as here:
        stages = [] if plan.rate else [stage async for stage in climb(here)]
        highest = max((stage.rate for stage in stages if stage.is_sustained), default=0)
        rate = plan.rate or max(LEAST, int(highest * SPARE))
        # The climb counts too: its commands are among those that must be answered.
        expected = await subscribe(here, plan)
        seconds = plan.minutes * 60
        newer = make_release(here.folder / "newer", EXPANSION_NAME, EXPANSION)
        troubles = Troubles(here.fleet, here.cluster, here.url)
        await here.slack.ask(
            "begin", commands=rate, messages=MESSAGES, mentions=MENTIONS, clicks=CLICKS, recordings=plan.recordings
        )
        await asyncio.gather(
            asyncio.sleep(seconds),
            troubles.kill(max(1, round(plan.minutes * plan.kills_per_minute)), seconds * 0.95),
            troubles.restart_database(seconds * 0.25, "fast"),
            troubles.restart_database(seconds * 0.65, "immediate"),
            troubles.deploy(seconds * 0.4, newer),
        )
        await here.slack.ask("end")
        await troubles.settle()
        tally = await wait_for_the_rest(here, expected)
        figures = Figures(
            plan.minutes,
            rate,
            stages,
            troubles.kills,
            troubles.takeovers,
            troubles.restarts,
            troubles.deployed,
            here.fleet.stops,
            here.fleet.failed_starts,
            _complaints(here.folder),
            os.getloadavg()[0],
        )
        return judge(tally, expected, await here.kickscale.ask("recordings"), figures)


@contextlib.asynccontextmanager
async def site(plan: Plan) -> AsyncIterator[Site]:
    held = {"calls": CALLS, "meetings": MEETINGS, "customers": CUSTOMERS, "latency": 0, "failing": 0}
    both = set(CORES)
    with run_cluster(settings=("max_connections=100",)) as cluster, tempfile.TemporaryDirectory() as folder:
        url = cluster.create_database()
        async with (
            started(
                "tests.benchmarks.kickscale", json.dumps({**held, "upload_rate": UPLOAD_RATE}), on=both
            ) as kickscale,
            started(
                "tests.proof.slack", json.dumps({"channels": plan.digests, "customers": CUSTOMERS}), on=both
            ) as slack,
            Balancer() as balancer,
        ):
            settings = {**json.loads(await kickscale.line()), **json.loads(await slack.line())}
            settings |= {"DATABASE_URL": url, "UPLOAD_CONCURRENCY": str(-(-plan.recordings // plan.replicas))}
            async with Fleet(settings, balancer, Path(folder)) as fleet:
                for _ in range(plan.replicas):
                    await fleet.add(ROOT)
                await slack.ask("reach", url=f"{balancer.url}/slack/events")
                try:
                    yield Site(cluster, url, slack, kickscale, fleet, Path(folder))
                finally:
                    if plan.logs is not None:
                        plan.logs.mkdir(parents=True, exist_ok=True)
                        for log in Path(folder).glob("bot-*.log"):
                            shutil.copy(log, plan.logs)


async def subscribe(here: Site, plan: Plan) -> list[str]:
    """Turn uploads on, and add the digests that are due meanwhile. Return the keys of their messages."""
    database = await PostgresDatabase.open(here.url, create=False)
    try:
        now = datetime.now(UTC)
        noted = AuditRow(AuditKind.CHANGED, 0, now, "", "", "digest add", (), 0)
        attested = Attestation("U0ROBIN001", now)
        await database.uploads.set_channel(ChannelUploads("C0GENERAL1", UploadMode.AUTO, attested), [noted])
        first = (now + AHEAD).replace(second=0, microsecond=0) + timedelta(minutes=1)
        expected = []
        for minute in range(max(1, int(plan.minutes - 1))):
            due = first + timedelta(minutes=minute)
            for number in range(plan.digests):
                subscription = Subscription(
                    id="",
                    channel=channel(number),
                    domains=(domain(number),),
                    timezone="UTC",
                    created_by="U0ROBIN001",
                    created_at=now,
                    since=now - timedelta(days=1),
                    due_after=now,
                    at=due.time(),
                )
                added = await database.subscriptions.add(subscription, noted)
                expected.append(f"{digest_keys(added.id)}{due.date()}:0")
        return expected
    finally:
        await database.close()


@dataclass
class WriterLock:
    """The lock of whoever writes to the database, looked at every so often."""

    held: float = 0
    """The share of the looks at which somebody had it."""
    waiting: float = 0
    """How many waited for it, on average."""

    async def watch(self, url: str) -> None:
        """Look until this is cancelled."""
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            for looks in itertools.count(1):
                held, waiting = await (await connection.execute(WRITERS, [WRITER])).fetchone() or (0, 0)
                self.held += (held - self.held) / looks
                self.waiting += (waiting - self.waiting) / looks
                await asyncio.sleep(LOOK)


async def climb(here: Site) -> AsyncIterator[Stage]:
    """Try one rate after the other, until one is too high."""
    await wait_for_copies(here)
    for rate in RATES:
        before, worked, committed = await here.slack.ask("tally"), _worked(here), _database_figures(here.url)[0]
        lock = WriterLock()
        watching = asyncio.create_task(lock.watch(here.url))
        await here.slack.ask("begin", commands=rate)
        await asyncio.sleep(STAGE)
        watching.cancel()
        await here.slack.ask("end")
        after = await here.slack.ask("tally")
        typed = after["commands"]["sent"] - before["commands"]["sent"]
        share = {name: (work - worked[name]) / STAGE for name, work in _worked(here).items()}
        memory = max(replica.child.memory() for replica in here.fleet.replicas)
        commits, connections = _database_figures(here.url)
        is_kept_up_with = is_sustained(before, after, typed, rate * STAGE)
        per_command = (commits - committed) / max(typed, 1)
        stage = Stage(rate, is_kept_up_with, share, memory, connections, per_command, lock.held, lock.waiting)
        print(stage, flush=True)
        yield stage
        if not stage.is_sustained:
            break


async def wait_for_copies(here: Site) -> None:
    """Return once the bots have copied all conversations, which only happens in a new database."""
    before, copied = 0, 0
    while not copied or copied != before:
        await asyncio.sleep(COPYING)
        with psycopg.connect(here.url) as connection:
            (now,) = connection.execute("select count(*) from mirror_days").fetchone() or (0,)
        before, copied = copied, now


def _worked(here: Site) -> dict[str, float]:
    """Return the seconds for which each has worked so far."""
    return {
        "bots": sum(replica.child.worked() for replica in here.fleet.replicas),
        "PostgreSQL": here.cluster.worked(),
        "Slack": here.slack.worked(),
        "Kickscale": here.kickscale.worked(),
        "balancer": sum(os.times()[:2]),
    }


def _database_figures(url: str) -> tuple[int, int]:
    """Return how many transactions were committed so far, and how many connections the bots have."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select (select xact_commit from pg_stat_database where datname = current_database()),"
            " (select count(*) from pg_stat_activity where application_name like 'kickscale-bot%')"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


async def wait_for_the_rest(here: Site, expected: list[str]) -> dict[str, Any]:
    """Wait until everything has happened that is still to come, but not forever; return what became of it all."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + PATIENCE
    while True:
        tally: dict[str, Any] = await here.slack.ask("tally")
        there = set(await here.kickscale.ask("recordings"))
        if loop.time() > give_up or not _is_left(tally, expected, there):
            return tally
        await asyncio.sleep(2)


def _is_left(tally: Mapping[str, Any], expected: list[str], there: set[str]) -> bool:
    return bool(
        tally["events"]["pending"]
        or tally["messages"]["unanswered"]
        or set(expected) - tally["digests"].keys()
        or tally["recordings"].keys() - there
        or any(tally[name]["unanswered"] for name in ("commands", "clicks", "mentions"))
    )


def _complaints(folder: Path) -> dict[str, int]:
    """Return how often the bots' logs have each kind of what they never should, unless PostgreSQL was away."""
    entries = (entry for log in folder.glob("bot-*.log") for entry in _ENTRY.split(log.read_text()))
    bad = ((_BAD.search(entry), entry) for entry in entries if not any(word in entry for word in _AWAY))
    return Counter(f"{found[0]}: {entry.strip().splitlines()[-1][-150:]}" for found, entry in bad if found)
