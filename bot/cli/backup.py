"""`kickscale-bot backup` and `restore`."""

import asyncio
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.tools.terminal import echo

if TYPE_CHECKING:
    from bot.app.backups import Restoring
    from bot.model.backup import Contents

LABELS = {
    "subscriptions": ("digest", "digests"),
    "uploads": ("upload", "uploads"),
    "messages": ("posted message", "posted messages"),
    "mirror": ("copied conversation", "copied conversations"),
    "audit": ("audit row", "audit rows"),
}
"""Singular and plural for the rows that a backup counts."""


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace FILE if it exists.")
def backup(target: Path, replace: bool) -> None:
    """Copy the database to FILE.

    The bot can keep running. The copy has everything that was in the database at one moment, and is checked before it
    gets its name. Like the database itself, it contains what is said in conversations, and only you can read it; tokens
    and keys aren't in it. docs/deploy.md explains what an erasure means for backups.
    """
    from bot.app.backups import make_backup
    from bot.config.settings import Settings

    contents = make_backup(Settings.load(), target, replace=replace)
    echo(f"Copied the database to {target}: {_describe(contents)}.")


@click.command()
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--dry-run", is_flag=True, help="Check FILE and show what is in it, without restoring it.")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
def restore(copy: Path, dry_run: bool, yes: bool) -> None:
    """Put the backup FILE in place of the database.

    Stop the bot first. FILE is checked before anything changes, and the present database is kept beside it under
    another name. What was erased from the present database is erased from the restored one, too; if there is no
    present database, repeat the erasures made since the backup.

    What the bot posted since the backup may be posted again: docs/deploy.md explains this.
    """
    from bot.app.backups import open_backup
    from bot.clock import SystemClock
    from bot.config.settings import Settings
    from bot.observe import logs

    settings = Settings.load()
    logs.configure("ERROR", "text", settings.secrets())
    with open_backup(settings, copy) as restoring:
        echo(f"{copy} is undamaged: {_describe(restoring.contents)}.")
        if dry_run:
            echo("Dry run: nothing was restored.")
            return
        if not yes:
            click.confirm(f"Restore it to {restoring.database}?", abort=True)
        is_whole = asyncio.run(_erase_again(restoring))
        aside = restoring.finish(SystemClock())
    echo(f"Restored {restoring.database}.")
    if aside is not None:
        echo(f"The database before it is now {aside}. Delete it once you don't need it: it's no backup to keep.")
    sys.exit(0 if is_whole else 1)


async def _erase_again(restoring: "Restoring") -> bool:
    """Erase what was erased since the backup, and say so; return whether nothing of it is left."""
    from bot.erasure.report import describe_outcome
    from bot.errors import BotError, ConfigError
    from bot.render.errors import explain
    from bot.texts import texts_in
    from bot.texts.languages import ENGLISH

    subjects = await restoring.take_over_erasures()
    if subjects is None:
        echo("There is no present database that tells what was erased since the backup. Repeat those erasures.")
        return True
    is_whole = True
    for subject in subjects:
        command = f"erase {' '.join(f'--{subject.about} {shlex.quote(value)}' for value in subject.values)}"
        echo(f"Erased since the backup, so erased again: {command}")
        try:
            outcome = await restoring.erase(subject)
        except ConfigError:
            raise
        except BotError as exc:
            reason = explain(texts_in(ENGLISH), exc)
            raise click.ClickException(f"Nothing was restored, since erasing needs Slack: {reason}") from exc
        echo(describe_outcome(outcome))
        for line in outcome.left():
            echo(line, err=True)
        is_whole = is_whole and outcome.is_whole
    return is_whole


def _describe(contents: "Contents") -> str:
    size = f"{contents.size / 1_000_000:,.1f} MB"
    counts = [f"{count:,} {LABELS[table][count != 1]}" for table, count in contents.counts.items()]
    used = f"last used {contents.last_used} UTC" if contents.last_used else "never used"
    return ", ".join([size, *counts, used])
