"""`kickscale-bot doctor`."""

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from bot.errors import ConfigError
from bot.tools.terminal import dump, echo

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.operations.checks.check import Check


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def doctor(as_json: bool) -> None:
    """Check the settings, Slack, Kickscale, its OpenAPI document, the database and the clock. Changes nothing.

    One line a check, with a remedy where it fails. Exit code 1 when one fails.
    """
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.operations.checks.check import Check
    from bot.operations.doctor import describe_report

    try:
        settings = Settings.load()
        logs.configure("ERROR", "text", settings.secrets())
        report = asyncio.run(_examine(settings))
    except ConfigError as exc:
        report = [Check("settings", ok=False, detail=f"{exc.variable} is not right", remedy=str(exc))]
    (dump if as_json else echo)(describe_report(report, as_json=as_json))
    sys.exit(0 if all(check.ok for check in report) else 1)


async def _examine(settings: "Settings") -> "list[Check]":
    from bot.app.doctor import open_doctor
    from bot.operations.doctor import find_missing_settings

    if missing := find_missing_settings(settings):
        return missing
    async with open_doctor(settings) as doctor:
        return await doctor.examine()
