"""What README.md and docs/ tell people to type, typed."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests import pages
from tests.databases import ON_FILE
from tests.pictures import THURSDAY, newest
from tests.rooms import ROOT
from tests.scenarios.cli.processes import WHOLE, answered, process, ready, services, stop
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import world

SUITE = "uv run pytest"
"""Can't be run by one of its own tests."""
SERVES = "uv run kickscale-bot sandbox"
"""Runs until somebody stops it."""
PROGRAMS = {
    "uv": '#!/bin/sh\nshift\nexec "$@"\n',
    "kickscale-bot": f'#!/bin/sh\nexec {sys.executable} -m bot "$@"\n',
    "browser": "#!/bin/sh\n",
}
"""An installation for this Python, and a browser that shows nothing."""
BACKUPS = "/var/backups/"
ANSWERS = 20 * b"y\n"


def commands() -> list[str]:
    """Return each command in the pages' blocks for a shell, except for those that need something else."""
    lines = [line for name in pages.NAMES for kind, line in pages.shell_lines(name) if kind == "sh" and line != SUITE]
    return list(dict.fromkeys(lines))


def prepare(folder: Path) -> dict[str, str]:
    """Write what the commands are about, and return the environment in which they are found."""
    (folder / "bin").mkdir(parents=True)
    for name, script in PROGRAMS.items():
        (folder / "bin" / name).write_text(script)
        (folder / "bin" / name).chmod(0o755)
    (folder / "backups").mkdir()
    (folder / "recordings").mkdir()
    (folder / "recordings" / "2026-11-20 14.30 Pricing.wav").write_bytes(wav(3))
    (folder / "call.wav").write_bytes(wav(4))
    (folder / "list.csv").write_text("file,date,customerDomains\ncall.wav,2026-11-20T14:30,acme.com\n")
    return {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "BROWSER": str(folder / "bin" / "browser"),
    }


async def execute(folder: Path, line: str, environment: Mapping[str, str]) -> None:
    """Type a line, agree to what is asked, and expect that all goes well."""
    started = await asyncio.create_subprocess_exec(
        *("bash", "-c", line.replace(BACKUPS, "backups/")),
        cwd=folder,
        env=environment,
        start_new_session=True,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        if line == SERVES:
            await ready(started)
            started.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(started.communicate(ANSWERS), WHOLE)
    finally:
        if started.returncode is None:
            os.killpg(started.pid, signal.SIGKILL)
    assert started.returncode == 0, (line, out.decode(), err.decode())


async def execute_each(folder: Path, lines: Sequence[str], environment: Mapping[str, str]) -> None:
    """Execute each line on a copy of the folder of its own, side by side: some of them mostly wait."""
    copies = [shutil.copytree(folder, folder.with_name(f"line {number}")) for number in range(len(lines))]
    async with asyncio.TaskGroup() as group:
        for copy, line in zip(copies, lines, strict=True):
            group.create_task(execute(copy, line, environment))


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
async def test_the_sandbox_runs_as_it_is_written(tmp_path: Path) -> None:
    """Without any setting."""
    folder = tmp_path / "prepared"
    environment = prepare(folder)
    await execute_each(folder, [line for line in commands() if SERVES in line], environment)


@ON_FILE
@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
async def test_every_command_runs_as_it_is_written(tmp_path: Path) -> None:
    """With a bot's database and backups of it; except for the blocks that say what they need."""
    folder = tmp_path / "prepared"
    async with services() as (slack, _, settings):
        environment = {**prepare(folder), **settings}
        async with process(folder, "run", **settings) as bot:
            await ready(bot)
            await answered(slack, "/kickscale calls acme.com")
            await stop(bot)
        await execute(folder, "kickscale-bot backup before-upgrade.db", environment)
        shutil.copy(folder / "before-upgrade.db", folder / "backups" / "kickscale-bot.db")
        await execute_each(folder, [line for line in commands() if SERVES not in line], environment)


async def test_the_answers_in_the_readme_are_the_programs_own(tmp_path: Path) -> None:
    """To the commands beside them, from the sandbox's data."""
    table = pages.rows(pages.section("README.md", "What people can type"))
    async with world(tmp_path, now=THURSDAY, populated=True) as here:
        await here.catch_up()
        for command, _, written in table:
            (typed, *_) = re.findall(r"`([^`]+)`", command)
            said = here.text(await here.ask(re.sub(r"\bID\b", newest(here), typed)))
            for part in written.split(" … "):
                assert part in said, typed
