"""Processes of the benchmarks: each is pinned to a core, and asked by lines of JSON."""

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

CORES = sorted(os.sched_getaffinity(0))
BOT = {CORES[0]}
"""The core of the bot, or of what it is compared with."""
OTHERS = {CORES[-1]}
"""The core of servers and clients."""
MIB = 2**20
_LINE = 2**26
"""Bytes of the longest line."""

Answer = Callable[..., Awaitable[Any]]


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """Pin processes that are started inside to these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Child:
    """A process that `started` started."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    async def line(self) -> str:
        """Return the next line that it prints."""
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode().strip()
        assert line, f"the process has ended: {self._process.returncode}"
        return line

    async def ask(self, what: str, **arguments: Any) -> Any:
        """Have it call one of the functions that it passed to `answer_questions`, and return what that returns."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        assert self._process.stdin is not None
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps([number, what, arguments]).encode() + b"\n")
        return await answer

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            number, answer, failure = json.loads(line)
            waiting = self._waiting.pop(number)
            if waiting.done():
                continue
            if failure:
                waiting.set_exception(RuntimeError(failure))
            else:
                waiting.set_result(answer)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(RuntimeError("the process has ended"))

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def stop(self, patience: float) -> int | None:
        """Ask it to stop, and return its exit status; None if it has to be killed."""
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience):
                return await self._process.wait()
        except TimeoutError:
            return None

    async def end(self) -> int:
        """Return its exit status, once it has ended."""
        return await self._process.wait()

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def close(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def memory(self, name: str = "VmRSS") -> int:
        """Return a line of /proc/…/status, in bytes (proc(5))."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) * 1024

    def worked(self) -> float:
        """Return how many seconds its processor has worked for it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def started(
    module: str,
    *arguments: str,
    on: set[int],
    folder: str | None = None,
    code: str = "",
    errors: int | None = None,
    **environment: str,
) -> AsyncIterator[Child]:
    """Run a module, or `code`, as a process; it is killed at the end unless it has stopped. `folder` is its directory.

    Of this process's environment it gets what Python needs, and none of the bot's settings.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "BENCHMARK_BOT") if name in os.environ}
    command = ["-c", code] if code else ["-m", module]
    with pinned(on):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={**kept, "PYTHONPATH": os.getcwd(), **environment},
            cwd=folder,
            limit=_LINE,
        )
    child = Child(process)
    try:
        yield child
    finally:
        await child.close()


async def answer_questions(answers: Mapping[str, Answer]) -> None:
    """Answer what the parent asks, until it closes the pipe. Questions are answered side by side."""
    loop = asyncio.get_running_loop()
    questions = asyncio.StreamReader(limit=_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(questions), sys.stdin)
    tasks: set[asyncio.Task[None]] = set()

    async def answer(number: int, what: str, arguments: Mapping[str, Any]) -> None:
        try:
            answered, failure = await answers[what](**arguments), ""
        except Exception as exc:  # noqa: BLE001 whatever it is, it is raised where it was asked
            answered, failure = None, f"{what}: {exc!r}"
        print(json.dumps([number, answered, failure]), flush=True)

    async for line in questions:
        task = asyncio.create_task(answer(*json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
