"""Bots in separate processes, to be killed. A pipe connects them to the test, so that nothing has to sleep.

They are forked from a server that has imported everything once: a life takes milliseconds.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlite_utils  # noqa: F401 imported in the fork server, for all workers

from bot.access.audit import Audit
from bot.model.audit import AuditKind
from bot.model.job import Job, JobKind, Note
from bot.model.messages import Posted
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING, ManualClock


@dataclass(frozen=True, slots=True)
class NoPayload:
    pass


@dataclass(frozen=True, slots=True)
class Progress:
    doing: str = ""
    by: str = ""


KIND = JobKind("steps", NoPayload, Progress)
PATIENCE = 60
STEPS = ("first", "second", "third")

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["__main__", __name__])


class Worker:
    """`target(pipe, *arguments)` in a separate process, which does not outlive the `with`."""

    def __init__(self, target: Callable[..., None], *arguments: Any) -> None:
        self._pipe, self._theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=target, args=(self._theirs, *arguments))

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()

    def hear(self) -> Any:
        """Return the next thing that it says. Raises EOFError if it is dead."""
        if not self._pipe.poll(PATIENCE):
            raise TimeoutError("the worker says nothing")
        return self._pipe.recv()

    def go(self) -> None:
        self._pipe.send("go")

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def opens(pipe: Connection, path: str) -> None:
    async def run() -> None:
        pipe.send("here")
        pipe.recv()
        database = await Database.open(path)
        await database.check()
        pipe.send("open")
        pipe.recv()

    asyncio.run(run())


def serves(pipe: Connection, directory: str, life: int, keys: list[str]) -> None:
    """Promise the jobs of these keys, and do all that is due. At every point, say where it is and wait."""
    home = Path(directory)

    def at(*where: str) -> None:
        pipe.send(where)
        pipe.recv()

    async def run() -> None:
        # An hour after the life before: whatever that one held is free again.
        clock = ManualClock(MONDAY_MORNING + timedelta(hours=life))
        database = await Database.open(home / "bot.db")
        jobs = database.make_queue(clock, f"bot {life}")

        async def handle(job: Job[NoPayload, Progress], note: Note[Progress]) -> None:
            for step in STEPS:
                effect = f"{job.key}:{step}"
                if await database.ledger.by_key(effect):
                    continue
                if job.progress.doing == step and effect in effects(home):
                    at("found again", effect)
                else:
                    at("before the note", effect)
                    await note(Progress(doing=step))
                    at("noted", effect)
                    act(home, effect)
                at("done", effect)
                await database.ledger.add(posted(effect, clock.now()))
                at("in the ledger", effect)

        jobs.register(KIND, handle)
        await jobs.start()
        at("awake")
        for key in keys:
            await jobs.promise(KIND, key, NoPayload())
            at("promised", key)
        await jobs.idle()
        at("idle")

    asyncio.run(run())


def shares(pipe: Connection, directory: str, name: str) -> None:
    """Do what is due, beside others."""
    home = Path(directory)

    async def run() -> None:
        database = await Database.open(home / "bot.db")
        jobs = database.make_queue(ManualClock(), name, concurrency=3)

        async def handle(job: Job[NoPayload, Progress], note: Note[Progress]) -> None:
            act(home, job.key)
            await note(Progress(by=name))

        jobs.register(KIND, handle)
        pipe.send("here")
        pipe.recv()
        await jobs.start()
        await jobs.idle()
        pipe.send("idle")
        pipe.recv()

    asyncio.run(run())


def notes(pipe: Connection, path: str, times: int) -> None:
    """Append to the audit this many times, beside others."""

    async def run() -> None:
        database = await Database.open(path)
        audit = Audit(database.audit, ManualClock())
        pipe.send("here")
        pipe.recv()
        for _ in range(times):
            await audit.note(AuditKind.ASKED, "calls")
        pipe.send("done")
        pipe.recv()

    asyncio.run(run())


def act(home: Path, effect: str) -> None:
    """Do what can't be undone."""
    file = os.open(home / "effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, f"{effect}\n".encode())
    os.close(file)


def effects(home: Path) -> list[str]:
    file = home / "effects"
    return file.read_text().splitlines() if file.exists() else []


def posted(key: str, at: datetime) -> Posted:
    return Posted(channel="C1", ts="1.0", kind="share", key=key, conversations=("m1",), posted_at=at)
