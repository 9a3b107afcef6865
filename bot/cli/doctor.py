"""`kickscale-bot doctor`."""

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from bot.cli.output import dump_json, json_option
from bot.errors import ConfigError
from bot.tools.terminal import echo, echo_marked

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.operations.checks.check import Check

COLOURS = {"ok": "green", "note": "yellow", "FAIL": "red"}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Check the settings, Slack, Kickscale and the database.

    Also checks the access rules, the age of the API key and the clock.

    Prints one line per check and, if it fails, what to do. Changes nothing. The exit code is 1 if a check fails.
    """
    from bot.config.settings import SETUP, Settings
    from bot.observe import logs
    from bot.operations.checks.check import Check
    from bot.operations.doctor import describe, mark, report_as_json

    settings = None
    try:
        settings = Settings.load()
        logs.configure("ERROR", "text", settings.secrets())
        report = asyncio.run(_examine(settings))
    except ConfigError as exc:
        problems = [exc, *exc.others]
        report = [
            Check("settings", ok=False, detail="invalid", remedy=f"{problem.variable} {problem.remedy}")
            for problem in problems
        ]
    if as_json:
        dump_json(report_as_json(report))
    else:
        for check in report:
            word = mark(check)
            echo_marked(f"{word:4}", f"  {describe(check)}", COLOURS[word])
        if settings is not None and settings.missing():
            echo(f"\n{SETUP}")
    sys.exit(0 if all(check.ok for check in report) else 1)


async def _examine(settings: "Settings") -> "list[Check]":
    from bot.app.doctor import open_doctor
    from bot.operations.doctor import find_missing_settings, find_unknown_settings

    if missing := find_missing_settings(settings):
        return [*missing, *find_unknown_settings(settings)]
    async with open_doctor(settings) as doctor:
        return await doctor.examine()
