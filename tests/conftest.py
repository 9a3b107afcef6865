"""What holds for every test."""

import faulthandler
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# Everything that tests talk to is on this machine.
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
    os.environ.pop(name, None)
    os.environ.pop(name.lower(), None)

# How long an example takes says how busy the machine is: the tests run side by side.
settings.register_profile("explore", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
# The same examples each time, or a change would be blamed for what another draw brings up.
settings.register_profile("suite", settings.get_profile("explore"), derandomize=True)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "soak":
        settings.load_profile("explore")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """0 where only single files are asked for: their tests are done before workers are up."""
    return 0 if config.args and all(".py" in each for each in config.args) else None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A soak takes as long as it takes; everything else ends at pytest's faulthandler_timeout."""
    if item.get_closest_marker("soak"):
        faulthandler.cancel_dump_traceback_later()
    return (yield)
