"""The bots behind the balancer: started, killed, and replaced by another release."""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.benchmarks.processes import CORES, Child, started
from tests.proof.balancer import Balancer

STOP_PATIENCE = 15.0
"""Seconds: as deploy/compose.yaml gives them."""
MOST_STARTS = 20
REVIVED_AFTER = 3.0
"""Seconds after which whatever runs the bots starts one that was killed again."""
DRAIN = 0.5
"""Seconds between the last request that a bot gets and its stop."""


@dataclass(frozen=True)
class Replica:
    child: Child
    url: str
    log: Path
    release: Path
    """The folder with its code."""


class Fleet:
    def __init__(self, settings: Mapping[str, str], balancer: Balancer, folder: Path) -> None:
        self.replicas: list[Replica] = []
        self.stops: list[int | None] = []
        """The exit status of each bot that was asked to stop; None if it had to be killed."""
        self.failed_starts = 0
        self._settings = settings
        self._balancer = balancer
        self._folder = folder
        self._stack = AsyncExitStack()
        self._started = 0
        self._turns = asyncio.Lock()
        self._reviving: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def add(self, release: Path) -> Replica:
        """Start a bot, again if it ends before it is ready; return once it gets requests."""
        for _ in range(MOST_STARTS):
            with contextlib.suppress(AssertionError):
                replica = await self._start(release)
                if await self._is_ready(replica):
                    self.replicas.append(replica)
                    return replica
            # As while the database is away.
            self.failed_starts += 1
            await asyncio.sleep(REVIVED_AFTER)
        raise RuntimeError(max(self._folder.glob("bot-*.log")).read_text()[-2_000:])

    async def _is_ready(self, replica: Replica) -> bool:
        """Return True once it gets requests, and False if it ends before."""
        self._balancer.add(replica.url)
        ready = asyncio.create_task(self._balancer.wait_for(replica.url))
        ended = asyncio.create_task(replica.child.end())
        await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if ended.done():
            self._balancer.remove(replica.url)
            return False
        ended.cancel()
        return True

    async def _start(self, release: Path) -> Replica:
        self._started += 1
        log = self._folder / f"bot-{self._started:03}.log"
        with log.open("w") as errors:
            child = await self._stack.enter_async_context(
                started(
                    "bot",
                    "run",
                    on=set(CORES),
                    folder=str(self._folder),
                    errors=errors.fileno(),
                    **{**self._settings, "PYTHONPATH": str(release), "HOST": "127.0.0.1", "PORT": "0"},
                )
            )
        _, _, url = (await child.line()).rpartition(" ")
        return Replica(child, url, log, release)

    async def kill_one(self) -> int:
        """Kill a bot and start it again. Return the process id of the dead one, at once."""
        while not self.replicas:
            await asyncio.sleep(REVIVED_AFTER)
        async with self._turns:
            replica = random.choice(self.replicas)
            self.replicas.remove(replica)
            await replica.child.kill()
        self._reviving.append(asyncio.create_task(self._revive(replica)))
        return replica.child.pid

    async def _revive(self, dead: Replica) -> None:
        await asyncio.sleep(REVIVED_AFTER)
        self._balancer.remove(dead.url)
        await self.add(dead.release)

    async def replace_all(self, release: Path) -> None:
        """Put a bot of this release in the place of every other one, one after the other."""
        while old := [replica for replica in self.replicas if replica.release != release]:
            await self.add(release)
            async with self._turns:
                if old[0] in self.replicas:
                    await self.stop(old[0])
            await self.settle()  # one that was killed is started again as what it was

    async def settle(self) -> None:
        """Return once those that were killed are back."""
        await asyncio.gather(*self._reviving)

    async def stop(self, replica: Replica) -> None:
        """Stop a bot as a platform does."""
        self._balancer.remove(replica.url)
        self.replicas.remove(replica)
        await asyncio.sleep(DRAIN)
        self.stops.append(await replica.child.stop(STOP_PATIENCE))
