"""What befalls the bots meanwhile: kills, restarts of the database, and a deployment."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.postgres import Cluster
from tests.proof.fleet import Fleet

LOOK = 0.5
"""Seconds between two looks at the jobs of a bot that died."""
HELD = "select count(*) from jobs where state = 'running' and holder like %s"


@dataclass
class Troubles:
    fleet: Fleet
    cluster: Cluster
    url: str
    takeovers: list[float] = field(default_factory=list)
    """For each kill: the seconds until no job was left to the dead bot."""
    kills: int = 0
    restarts: list[str] = field(default_factory=list)
    deployed: float = 0
    """The seconds that the deployment took."""
    _watching: list[asyncio.Task[None]] = field(default_factory=list)

    async def kill(self, count: int, within: float) -> None:
        """Kill so many bots, at random moments within so many seconds."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for moment in sorted(random.uniform(0, within) for _ in range(count)):
            await asyncio.sleep(max(0.0, began + moment - loop.time()))
            pid = await self.fleet.kill_one()
            self.kills += 1
            self._watching.append(asyncio.create_task(self._watch(pid)))

    async def restart_database(self, after: float, mode: str) -> None:
        """Stop the database in this mode of pg_ctl's, and start it again."""
        await asyncio.sleep(after)
        await asyncio.to_thread(self.cluster.stop, mode)
        await asyncio.to_thread(self.cluster.start)
        self.restarts.append(mode)

    async def deploy(self, after: float, release: Path) -> None:
        """Replace all bots by those of another release, one after the other."""
        await asyncio.sleep(after)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self.fleet.replace_all(release)
        self.deployed = loop.time() - began

    async def settle(self) -> None:
        """Return once every bot is back, and the jobs of every dead one were taken over."""
        await self.fleet.settle()
        await asyncio.gather(*self._watching)

    async def _watch(self, pid: int) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while await asyncio.to_thread(self._held_by, pid):
            await asyncio.sleep(LOOK)
        self.takeovers.append(loop.time() - began)

    def _held_by(self, pid: int) -> bool:
        """Return whether jobs are left to a dead bot, or the database can't say."""
        try:
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                row = connection.execute(HELD, [f"%:{pid}:%"]).fetchone()
        except psycopg.OperationalError:
            return True
        return row is None or bool(row[0])
