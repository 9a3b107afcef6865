"""`kickscale-bot run`."""

import asyncio
import gc
import logging
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from bot.errors import ConfigError, StorageFailed
from bot.tools.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.app.lifecycle import Bot
    from bot.config.settings import Settings

log = logging.getLogger(__name__)

log = logging.getLogger(__name__)

COLLECT_AFTER = (700, 10, 300)
"""The thresholds of the garbage collector (https://docs.python.org/3/library/gc.html#gc.set_threshold).

A full collection holds up everybody: 14 ms while a list of ten thousand is in memory, which by default causes one or
two itself. Little needs it, since hardly any garbage here is in cycles that live for long.
"""


@click.command()
def run() -> None:
    """Run the bot.

    Uses Socket Mode if SLACK_APP_TOKEN is set, otherwise HTTP on PORT with SLACK_SIGNING_SECRET. Prints a line that
    starts with `ready` once it is up. Stops cleanly on SIGTERM and SIGINT (Ctrl-C).
    """
    # What the start makes lives as long as the bot: to look through it for garbage again and again takes a tenth of the
    # start, and later holds up the event loop.
    gc.disable()
    # There is nothing to stop before the loop runs: until then Ctrl-C ends the process at once, as SIGTERM does.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.tools.allocator import keep_freed

    keep_freed()
    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    for sentence in settings.unknown:
        log.warning("%s", sentence)
    settings.require_run()
    _warn_of_disk(settings)
    gc.set_threshold(*COLLECT_AFTER)
    from bot.app.lifecycle import Bot
    from handlers import register_handlers

    asyncio.run(_run(lambda: Bot.start(settings, register=register_handlers, on_ready=_tell_ready)))


def _warn_of_disk(settings: "Settings") -> None:
    """Log if the database is where it may not last."""
    from bot.operations.checks.disk import find_risk

    if not settings.database_url and (risk := find_risk(settings.database_path)):
        logging.getLogger(__name__).warning("%s. %s", risk.what, risk.remedy)


async def _run(start: "Callable[[], Coroutine[Any, Any, Bot]]") -> None:
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_stop.set)
    stopping = asyncio.create_task(asked_to_stop.wait())
    starting = asyncio.create_task(start())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return
    try:
        bot = await starting
    except (ConfigError, StorageFailed):
        raise  # as one line: see `bot.cli.main`
    except Exception as exc:
        log.critical(
            "the bot can't begin its work and has stopped (%s: %s). Run kickscale-bot doctor, or start the bot with "
            "LOG_LEVEL=DEBUG to see where it failed",
            type(exc).__name__,
            exc,
        )
        log.debug("the start failed here", exc_info=exc)
        raise SystemExit(1) from None
    gc.freeze()
    gc.enable()
    checking = asyncio.create_task(bot.check_api_key())
    await stopping
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)
    await bot.stop()


def _tell_ready(address: str) -> None:
    echo(f"ready {address}")
    sys.stdout.flush()
