"""`kickscale-bot migrate-to`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.tools.terminal import echo

if TYPE_CHECKING:
    from bot.storage.copying import Copied

SHOWN = 16
"""Of the 64 digits of a hash."""


@click.command(name="migrate-to")
@click.argument("url", required=False, default="")
def migrate_to(url: str) -> None:
    """Copy the SQLite database to PostgreSQL.

    URL is postgresql://user:password@host/name. Without URL, DATABASE_URL is used, so that the password needn't be
    typed.

    Stop the bot first, and keep it stopped until it uses PostgreSQL. Everything in DATABASE_PATH is copied in one
    transaction, read back, and compared row by row. The file stays as it is. After an interruption, or if a bot has
    used the file again, run the command again: it replaces an earlier copy, but nothing that a bot has written to
    PostgreSQL.
    """
    from bot.app.migration import copy_database
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.tools.database_urls import describe_database, is_database_url

    settings = Settings.load()
    url = url or settings.database_url.get_secret_value()
    if not is_database_url(url):
        raise click.UsageError("Name the database, as postgresql://user:password@host/name.")
    logs.configure("ERROR", "text", (*settings.secrets(), url))
    source, target = settings.database_path.resolve(), describe_database(url)
    echo(f"Copying {source} to {target} ...", err=True)
    copied = copy_database(settings, url)
    echo(f"Copied {source} to {target}. What was written was read back, and is the same:")
    _print_table(copied)
    echo("Next, set DATABASE_URL to that address and start the bot; DATABASE_PATH has no effect then.")
    echo(f"Delete {source} once you don't need it: it still has what is said in conversations.")


def _print_table(copied: Sequence["Copied"]) -> None:
    width = max(len(table.table) for table in copied)
    echo(f"  {'table':{width}}  {'rows':>9}  SHA-256")
    for table in copied:
        echo(f"  {table.table:{width}}  {table.rows:9,}  {table.sha256[:SHOWN] or 'index, rebuilt'}")
