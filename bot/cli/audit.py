"""`kickscale-bot audit`: whether the audit is as it was written, and what is in it."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

import click

from bot.tools.terminal import dump, echo, printable

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config.settings import Settings
    from bot.model.audit import LoggedHead


@click.group()
def audit() -> None:
    """What the bot remembers of what it showed, refused and changed. README.md tells what is in it."""


@audit.command(name="verify")
@click.option("--head", "heads", multiple=True, metavar="KIND:NUMBER:HASH:DAY", help="A head from the log; repeatable.")
@click.option("--log", "logs", multiple=True, type=click.File(errors="replace"), help="A log of the bot's; repeatable.")
def audit_verify(heads: Sequence[str], logs: Sequence[TextIO]) -> None:
    """Check that nothing of the audit was changed, removed, added or moved.

    The bot writes to its log where the audit ends, at the start, at the stop and every hour, in lines with `audit
    heads`. Give it these, by --log FILE (- is stdin) or one by one by --head, and somebody who rewrote the whole
    database is found out too. Exit code 1 when something is not as the bot wrote it, with a line that names it.
    """
    from bot.access.audit import HEADS, read_heads
    from bot.config.settings import Settings

    logged = [head for file in logs for line in file if HEADS in line for head in read_heads(line)]
    if logs and not logged:
        raise click.ClickException(f"There is no line with `{HEADS}` in the log: nothing was checked.")
    for text in heads:
        parsed = read_heads(text)
        if len(parsed) != 1:
            raise click.BadParameter(f"{text} is not a head as the log tells it.", param_hint="--head")
        logged += parsed
    sys.exit(0 if asyncio.run(_audit_verify(Settings.load(), logged)) else 1)


async def _audit_verify(settings: "Settings", logged: Sequence["LoggedHead"]) -> bool:
    from bot.access.audit import removable_until
    from bot.app.database import database_of
    from bot.clock import SystemClock

    async with database_of(settings) as database:
        report = await database.audit.check(logged, removable_until(settings.audit_kept(), SystemClock().now()))
    for flaw in report.flaws:
        numbers = f"{flaw.number}" if flaw.until == flaw.number else f"{flaw.number} to {flaw.until}"
        echo(f"{printable(flaw.kind)} {numbers}: {_FLAWS[flaw.what]}", err=True)
    if report.beyond:
        echo(f"{len(report.beyond)} heads of the log are of rows that were removed for their age since.")
    if report.flaws:
        return False
    for head in report.heads:
        if head.number > head.cut_number:
            echo(f"{head.kind} {head.cut_number + 1} to {head.number}, {head.kind}:{head.number}:{head.hash}")
    echo(f"{report.rows} rows, each as it was written.")
    return True


_FLAWS = {
    "changed": "is not what was written there",
    "missing": "missing",
    "added": "was not written by the bot",
    "head": "the head of this kind is not what was written there",
    "unlogged": "is not what the log told of",
    "cut": "cut there, and no row tells of it",
    "young": "removed before its age",
}


@audit.command(name="export")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="From this day on, in UTC.")
@click.option("--kind", metavar="KIND", help="Asked, used, attested, refused, changed, held or erased: this one alone.")
def audit_export(since: "datetime | None", kind: str | None) -> None:
    """Print the audit as JSON, a row a line; a kind at a time, the oldest first."""
    from datetime import UTC

    from bot.app.database import database_of
    from bot.config.settings import Settings
    from bot.model.audit import AuditKind

    if kind is not None and kind not in set(AuditKind):
        raise click.BadParameter(f"{kind} is none of {', '.join(AuditKind)}.", param_hint="--kind")

    async def export() -> None:
        async with database_of(settings) as database:
            await database.audit.export(
                lambda row: dump(json.dumps(row, separators=(",", ":"))),
                kind=AuditKind(kind) if kind else None,
                since=since.replace(tzinfo=UTC) if since else None,
            )

    settings = Settings.load()
    asyncio.run(export())
