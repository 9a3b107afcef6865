"""What depends on the terminal: colours, and completion in a shell."""

import asyncio
import os
import pty
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.rooms import ROOT

ESCAPE = "\x1b["


async def in_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """Run a command in a terminal, and return what it shows."""
    ours, theirs = pty.openpty()
    try:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        assert await asyncio.wait_for(started.wait(), 60) == 1
    finally:
        os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # its other end is closed
        return b""


@pytest.mark.parametrize(
    ("environment", "is_colourful"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
async def test_colours_follow_the_terminal(tmp_path: Path, environment: Mapping[str, str], is_colourful: bool) -> None:
    """And NO_COLOR."""
    shown = await in_terminal(tmp_path, "doctor", **environment)
    assert "settings: SLACK_BOT_TOKEN is not set" in shown
    assert (f"{ESCAPE}31m" in shown) == is_colourful
    assert (ESCAPE in shown) == is_colourful


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (("kickscale-bot", "do"), "doctor"),
        (("kickscale-bot", "digest", "ex"), "export"),
        (("kickscale-bot", "upload", "--ag"), "--agreed"),
    ],
)
async def test_bash_completes_commands_and_options(tmp_path: Path, words: tuple[str, ...], completed: str) -> None:
    """With the line that docs/operate.md says to add to ~/.bashrc."""
    (line,) = [line for line in (ROOT / "docs" / "operate.md").read_text().splitlines() if "bash_source" in line]
    script = tmp_path / "kickscale-bot"
    script.write_text(f"#!{sys.executable}\nfrom bot.cli.main import main\nmain()\n")
    script.chmod(0o755)
    typed = f"COMP_WORDS=({' '.join(words)})\nCOMP_CWORD={len(words) - 1}"
    show = '_kickscale_bot_completion kickscale-bot\necho "${COMPREPLY[@]}"'
    started = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        f"{line.strip()}\n{typed}\n{show}",
        cwd=ROOT,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(started.communicate(), 60)
    assert out.decode().split() == [completed], err
