"""The server that the tests start."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import find_programs
from tests.rooms import ROOT

DIES = """
import os, signal
from tests.postgres import run_cluster
with run_cluster() as cluster:
    print(cluster.home, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not find_programs(), reason="PostgreSQL isn't installed")
def test_nothing_is_left_of_it_if_the_tests_are_killed() -> None:
    """Otherwise a server would run on, in a folder in memory, until the machine is restarted."""
    # Whoever ends the server has the same stdout, so this returns only when that is done.
    died = subprocess.run([sys.executable, "-c", DIES], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    home = Path(died.stdout.strip())
    assert home.name.startswith("kickscale-bot-postgres-"), died.stderr
    assert not home.exists()
    assert not [line for line in _commands() if str(home) in line]


def _commands() -> list[str]:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S607
