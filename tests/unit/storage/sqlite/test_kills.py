"""Bots that are killed, and bots that share a database: nothing promised is lost, nothing is done twice."""

import random
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot.erasure.traces import forget_old_copies
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING
from tests.unit.storage.sqlite.workers import STEPS, Worker, effects, serves, shares

KEYS = ["share:a", "share:b", "transcript:c"]
POINTS = 20
"""After how many points a kill comes at the latest; a whole life has about fifty."""
JITTER = 0.004
"""Seconds after a point in which a kill falls: some hit SQLite in the middle of a commit."""


def live(home: Path, life: int, promised: set[str], points: int | None, jitter: float) -> None:
    """Run a bot until it is killed after this many points, or to its end if that is None."""
    with Worker(serves, str(home), life, [key for key in KEYS if key not in promised]) as bot:
        while True:
            match bot.hear():
                case ("promised", key):
                    promised.add(key)
                case ("idle",):
                    return
            if points == 0:
                if jitter:
                    bot.go()
                    until = time.perf_counter() + jitter
                    while time.perf_counter() < until:
                        pass
                return
            bot.go()
            if points is not None:
                points -= 1


async def check(home: Path, life: int) -> None:
    """Check that every job has had every effect once, and is closed."""
    wanted = {f"{key}:{step}" for key in KEYS for step in STEPS}
    assert Counter(effects(home)) == Counter(wanted)
    database = await Database.open(home / "bot.db")
    try:
        written = {posted.key for posted in await database.ledger.of_conversation("m1")}
        still_open = await database.jobs.next_due(["steps"], [])
        later = MONDAY_MORNING + timedelta(days=1, hours=life, seconds=1)
        forgotten = await database.erasures.write(lambda stores: forget_old_copies(stores, later))
    finally:
        await database.close()
    assert written == wanted
    assert still_open is None
    assert forgotten == {"jobs": len(KEYS)}


async def kill_some(home: Path, seed: int) -> None:
    chance = random.Random(seed)
    promised: set[str] = set()
    lives = chance.randint(1, 3)
    for life in range(lives):
        live(home, life, promised, chance.randrange(POINTS), chance.choice([0.0, chance.uniform(0, JITTER)]))
    live(home, lives, promised, None, 0.0)
    await check(home, lives)


@pytest.mark.parametrize("seed", range(6))
async def test_a_killed_bot_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    """Killed anywhere, up to three times, it does what it had promised after its last start, each step once."""
    await kill_some(tmp_path, seed)


@pytest.mark.soak
async def test_a_bot_killed_hundreds_of_times_loses_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The same, for two hundred seeds."""
    for seed in range(200):
        await kill_some(tmp_path_factory.mktemp("home"), seed)


async def test_two_bots_on_one_database_do_each_job_once(tmp_path: Path) -> None:
    """Bots that begin at the same moment share the jobs out: no job is begun by both."""
    keys = [f"share:{number}" for number in range(40)]
    database = await Database.open(tmp_path / "bot.db")
    for key in keys:
        await database.jobs.add("steps", {key: {}}, MONDAY_MORNING)
    with ExitStack() as stack:
        bots = [stack.enter_context(Worker(shares, str(tmp_path), f"bot {number}")) for number in range(2)]
        assert [bot.hear() for bot in bots] == ["here", "here"]
        for bot in bots:
            bot.go()
        assert [bot.hear() for bot in bots] == ["idle", "idle"]
    still_open = await database.jobs.next_due(["steps"], [])
    await database.close()
    assert Counter(effects(tmp_path)) == Counter(keys)
    assert still_open is None
