"""The setup of every test."""

import faulthandler
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import stamina
import structlog
from hypothesis import HealthCheck, settings

from tests.forks import TRIES
from tests.postgres import DATABASE

# Tests only talk to this machine.
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
    os.environ.pop(name, None)
    os.environ.pop(name.lower(), None)

# A shell lets what it runs in the background ignore Ctrl-C, and processes that tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The bot waits for the disk at every commit, and no test cuts the power: files are in memory where there is room.
MEMORY = Path("/dev/shm")  # noqa: S108 pytest and tempfile make their own folders in it
ROOM = 1 << 30
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # it is determined once, and pytest has used it already

# Tests run in parallel, so how long an example takes mostly says how busy the machine is.
settings.register_profile("explore", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
# The same examples every time. Otherwise a change would be blamed for what a new example brings up.
settings.register_profile("suite", settings.get_profile("explore"), derandomize=True)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgres"], default="sqlite", help="what the scenarios run on")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "soak":
        settings.load_profile("explore")
    if config.option.database == "postgres":
        os.environ[DATABASE] = config.option.database


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Use no workers if only single files are tested: those are done before workers have started."""
    return 0 if config.args and all(".py" in argument for argument in config.args) else None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let soak tests take as long as they take. All others end at pytest's faulthandler_timeout."""
    if item.get_closest_marker("soak"):
        faulthandler.cancel_dump_traceback_later()
    return (yield)


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Undo what a test, or a command that it runs in this process, does to the log."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    stamina.instrumentation.set_on_retry_hooks(None)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def no_backoff() -> Iterator[None]:
    """Between two tries of one question Kickscale's client waits by the real clock: here it does not."""
    with stamina.set_testing(True, attempts=TRIES, cap=True):
        yield
