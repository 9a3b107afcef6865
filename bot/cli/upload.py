"""`kickscale-bot upload`."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.output import dump_json, json_option
from bot.cli.setup import announce_database, load_settings
from bot.tools.terminal import echo, is_text

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.uploads.from_disk.report import Report


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option("--agreed", "agreed", metavar="NAME", help="Who confirms that everyone on each recording has consented.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="A detail for all calls; repeatable.")
@click.option("--dry-run", is_flag=True, help="Check everything and show what would be sent, without sending it.")
@json_option
def upload(paths: Sequence[Path], agreed: str | None, fields: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Upload recordings from disk to Kickscale as calls.

    PATH is a recording, a folder of recordings, or a CSV file with a column `file` (paths relative to the CSV file)
    and a column for each detail that Kickscale accepts, e.g. name or date; --dry-run shows them. Dates without a time
    zone are read in DEFAULT_TIMEZONE. In folders, recycle bins, hidden folders and unfinished downloads are skipped.

    Everything is checked before anything is sent. Recordings that are already in Kickscale aren't sent again, so if
    an upload is interrupted, run the same command again to continue. --agreed is required, and stored with each
    upload.
    """
    settings = load_settings(lambda settings: settings.require_upload())
    if not dry_run and not (agreed or "").strip():
        raise click.UsageError("--agreed NAME is missing: who confirms that everyone on each recording has consented?")
    if not is_text(agreed or ""):
        raise click.UsageError("--agreed NAME isn't UTF-8 text.")
    report = asyncio.run(_upload(settings, paths, _read_fields(fields), (agreed or "").strip(), dry_run))
    if as_json:
        dump_json(report.as_json())
    else:
        for line in report.lines():
            echo(line)
    sys.exit(0 if report.ok else 1)


def _read_fields(options: Sequence[str]) -> dict[str, str]:
    """Return the values of NAME=VALUE options by name. Raises UsageError."""
    values: dict[str, str] = {}
    for option in options:
        name, equals, value = (part.strip() for part in option.partition("="))
        if not equals or not name or not value:
            raise click.UsageError(f"--field {option}: must be NAME=VALUE.")
        if name in values:
            raise click.UsageError(f"--field {name} is given twice. Remove one of them.")
        values[name] = value
    return values


async def _upload(
    settings: "Settings", paths: Sequence[Path], fields: dict[str, str], agreed: str, dry_run: bool
) -> "Report":
    from bot.app.database import database_of
    from bot.app.disk_uploads import upload_from_disk
    from bot.clock import SystemClock

    async with database_of(settings, create=True, dry_run=dry_run, on_create=announce_database) as database:
        return await upload_from_disk(settings, database, SystemClock(), paths, fields, agreed, dry_run=dry_run)
