"""The command line in a separate process, forked from one that has done its imports, which take a second."""

import asyncio
import atexit
import functools
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import stamina

ROOT = Path(__file__).parents[1]
TRIES = 10
"""More than the bot makes, so that it is the bot that gives up."""
COMMANDS_NEED = (
    "app.lifecycle",
    "app.wiring",
    "digests.yaml_file",
    "erasure.erase",
    "operations.doctor",
    "uploads.from_disk",
)
"""What the commands import when they run."""


async def run(
    folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], patience: float, typed: str = ""
) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of `python -m bot …` in `folder`, with only this environment.

    `typed` is what it reads from stdin. In a test with `no_backoff` it doesn't wait between two tries either.
    """
    reader, writer = await asyncio.open_unix_connection(await asyncio.to_thread(_mother))
    try:
        asked = {
            "folder": str(folder),
            "arguments": arguments,
            "environment": dict(environment),
            "typed": typed,
            "no_backoff": stamina.is_testing(),
        }
        writer.write(json.dumps(asked).encode() + b"\n")
        code, out, err = json.loads(await asyncio.wait_for(reader.read(), patience))
    finally:
        writer.close()
        await writer.wait_closed()
    return code, out, err


@functools.cache
def _mother() -> str:
    """Return the socket of the process that forks: one for all tests of this process, which ends with it."""
    folder = tempfile.mkdtemp()
    address = f"{folder}/forks"
    mother = subprocess.Popen(  # noqa: S603 ourselves
        [sys.executable, "-m", "tests.forks", address], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def end() -> None:
        mother.communicate()
        shutil.rmtree(folder)

    atexit.register(end)
    assert mother.stdout is not None
    assert mother.stdout.readline() == b"ready\n"
    return address


# ---- the process that forks ----------------------------------------------------------------------------------------


def main(address: str) -> None:
    for name in (*COMMANDS_NEED, "cli.main"):
        __import__(f"bot.{name}")
    import sqlite_utils  # noqa: F401, PLC0415 what the bot imports when it opens its database

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who answer
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _answer(connection)
                os._exit(0)
            connection.close()


def _answer(connection: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked = json.loads(connection.makefile().readline())
    with tempfile.TemporaryFile() as typed, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        typed.write(asked["typed"].encode())
        typed.seek(0)
        pid = os.fork()
        if pid == 0:
            connection.close()
            _become(asked, typed.fileno(), out.fileno(), err.fileno())
        _, status = os.waitpid(pid, 0)
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read().decode())
    connection.sendall(json.dumps([os.waitstatus_to_exitcode(status), *said]).encode())
    connection.close()


def _become(asked: Mapping[str, Any], *streams: int) -> NoReturn:
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for target, source in enumerate(streams):
        os.dup2(source, target)
    if asked["no_backoff"]:
        stamina.set_testing(True, attempts=TRIES, cap=True)
    sys.argv = ["bot", *asked["arguments"]]
    code: object = 0
    try:
        runpy.run_module("bot", run_name="__main__")
    except SystemExit as exc:
        code = exc.code
    except BaseException:  # noqa: BLE001 as the interpreter does
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1 if code else 0)


if __name__ == "__main__":
    main(sys.argv[1])
