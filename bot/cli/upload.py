"""`kickscale-bot upload`."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.setup import announce_database, load_settings
from bot.tools.terminal import is_text

if TYPE_CHECKING:
    from bot.config.settings import Settings


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option("--agreed", "agreed", metavar="NAME", help="NAME confirms: everyone on each recording has agreed to it.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="A detail of every call; repeatable.")
@click.option("--dry-run", is_flag=True, help="Check everything and show what would be sent; send nothing.")
def upload(paths: Sequence[Path], agreed: str | None, fields: Sequence[str], dry_run: bool) -> None:
    """Upload recordings from the disk to Kickscale as calls.

    PATH is a recording, a folder of them, or a CSV list: its first line names the columns, `file` for the path (from
    the list's folder) and any of the details that the API takes, such as name or date; --dry-run shows them. A date
    without a zone is read in DEFAULT_TIMEZONE. In a folder, recycle bins, hidden folders and unfinished downloads are
    skipped. All of it is checked before anything is sent. What is in Kickscale already is not sent again, so that the
    same command goes on where it was interrupted. --agreed has to be given, and is kept with each upload.
    """
    settings = load_settings(lambda settings: settings.require_upload())
    if not dry_run and not (agreed or "").strip():
        raise click.UsageError("--agreed NAME is missing: who confirms that everyone on each recording has agreed?")
    if not is_text(agreed or ""):
        raise click.UsageError("--agreed NAME is not text in UTF-8")
    sys.exit(0 if asyncio.run(_upload(settings, paths, _read_fields(fields), (agreed or "").strip(), dry_run)) else 1)


def _read_fields(options: Sequence[str]) -> dict[str, str]:
    """Return the values of NAME=VALUE options by name. Raises UsageError."""
    values: dict[str, str] = {}
    for option in options:
        name, equals, value = (part.strip() for part in option.partition("="))
        if not equals or not name or not value:
            raise click.UsageError(f"--field {option}: this has to be NAME=VALUE")
        if name in values:
            raise click.UsageError(f"--field {name} is there twice. Leave one of them out.")
        values[name] = value
    return values


async def _upload(
    settings: "Settings", paths: Sequence[Path], fields: dict[str, str], agreed: str, dry_run: bool
) -> bool:
    from bot.app.database import database_of
    from bot.app.disk_uploads import upload_from_disk
    from bot.clock import SystemClock

    async with database_of(settings, create=True, dry_run=dry_run, on_create=announce_database) as database:
        return await upload_from_disk(settings, database, SystemClock(), paths, fields, agreed, dry_run=dry_run)
