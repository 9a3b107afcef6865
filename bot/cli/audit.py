"""`kickscale-bot audit`: verifies and exports the audit log."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from bot.cli.output import dump_json, json_option
from bot.cli.setup import load_settings
from bot.tools.terminal import dump, echo, printable

if TYPE_CHECKING:
    from datetime import date

    from bot.config.settings import Settings
    from bot.model.audit import LoggedHead


@click.group()
def audit() -> None:
    """Verify or export the audit log.

    It records what the bot showed, refused and changed; docs/works-council.md describes it.
    """


@audit.command(name="verify")
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="KIND:NUMBER:HASH:DAY",
    help="An audit head from the bot's log; repeatable.",
)
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.File(errors="replace"),
    metavar="FILE",
    help="A log file of the bot (- for stdin); repeatable.",
)
@json_option
def audit_verify(heads: Sequence[str], logs: Sequence[TextIO], as_json: bool) -> None:
    """Check that no audit row was changed, removed, added or moved.

    The bot logs where the audit log ends (lines with `audit heads`) when it starts, when it stops and every hour.
    With these lines, from --log FILE or --head, this also detects that someone rewrote the whole database. Every
    problem is listed, and the exit code is 1 if there are any.
    """
    from bot.access.audit import HEADS, read_heads

    logged = [head for file in logs for line in file if HEADS in line for head in read_heads(line)]
    if logs and not logged:
        raise click.ClickException(f"Nothing was checked: the log has no line with `{HEADS}`.")
    for text in heads:
        parsed = read_heads(text)
        if len(parsed) != 1:
            raise click.BadParameter(f"{text} isn't an audit head from the log.", param_hint="--head")
        logged += parsed
    sys.exit(0 if asyncio.run(_audit_verify(load_settings(), logged, as_json=as_json)) else 1)


async def _audit_verify(settings: "Settings", logged: Sequence["LoggedHead"], *, as_json: bool) -> bool:
    from bot.access.audit import removable_until
    from bot.app.database import database_of
    from bot.clock import SystemClock

    async with database_of(settings) as database:
        report = await database.audit.check(logged, removable_until(settings.audit_kept(), SystemClock().now()))
    heads = [head for head in report.heads if head.number > head.cut_number]
    if as_json:
        dump_json(
            {
                "ok": not report.flaws,
                "rows": report.rows,
                "heads": [
                    {"kind": head.kind, "first": head.cut_number + 1, "last": head.number, "hash": head.hash}
                    for head in heads
                ],
                "problems": [
                    {"kind": flaw.kind, "first": flaw.number, "last": flaw.until, "text": _FLAWS[flaw.what]}
                    for flaw in report.flaws
                ],
                "expired_heads": len(report.beyond),
            }
        )
        return not report.flaws
    for flaw in report.flaws:
        numbers = f"{flaw.number}" if flaw.until == flaw.number else f"{flaw.number} to {flaw.until}"
        echo(f"{printable(flaw.kind)} {numbers}: {_FLAWS[flaw.what]}", err=True)
    if report.beyond:
        count = len(report.beyond)
        echo(f"Skipped {count} head{'s' * (count != 1)} from the log, since those rows have expired.")
    if report.flaws:
        return False
    for head in heads:
        echo(f"{head.kind}: rows {head.cut_number + 1} to {head.number}, head {head.kind}:{head.number}:{head.hash}")
    echo(f"{report.rows} row{'s' * (report.rows != 1)} verified.")
    return True


_FLAWS = {
    "changed": "changed",
    "missing": "missing",
    "added": "added, not written by the bot",
    "head": "the head of this kind was changed",
    "unlogged": "differs from the log",
    "cut": "older rows removed without a record of it",
    "young": "removed before it expired",
}


def _read_day(context: click.Context, _option: click.Parameter, text: str | None) -> "date | None":
    """Read a day as it can be typed in Slack. Tests set a clock as the context's object."""
    from contextlib import suppress
    from datetime import date

    from bot.clock import SystemClock
    from bot.commands.dates import read_days
    from bot.errors import CommandError

    if text is None:
        return None
    with suppress(ValueError):
        return date.fromisoformat(text)
    try:
        days = read_days(text.split(), (context.obj or SystemClock()).now().date())
    except CommandError as exc:
        others = f" Use {' or '.join(exc.instead)}." if exc.instead else ""
        raise click.BadParameter(f"{text} isn't a day that has begun, or it isn't clear which one.{others}") from exc
    if days is None:
        raise click.BadParameter(f"{text} isn't a day. Use e.g. 2026-11-01, monday or last-week.")
    return days.first


@audit.command(name="export")
@click.option(
    "--since", metavar="DAY", callback=_read_day, help="Start from this day (UTC), e.g. 2026-11-01, 1.11. or monday."
)
@click.option("--kind", metavar="KIND", help="Only this kind: asked, used, attested, refused, changed, held or erased.")
@json_option
def audit_export(since: "date | None", kind: str | None, as_json: bool) -> None:
    """Print the audit log as JSON, one row per line.

    Rows are sorted by kind, oldest first. With --json, they are in one JSON object.
    """
    from datetime import UTC, datetime, time

    from bot.app.database import database_of
    from bot.model.audit import AuditKind

    if kind is not None and kind not in set(AuditKind):
        raise click.BadParameter(f"{kind} isn't one of {', '.join(AuditKind)}.", param_hint="--kind")

    separator = ""

    def write(row: dict[str, Any]) -> None:
        nonlocal separator
        dump(separator + json.dumps(row, separators=(",", ":")))
        separator = "," if as_json else ""

    async def export() -> None:
        async with database_of(settings) as database:
            if as_json:
                dump('{"ok":true,"rows":[')
            await database.audit.export(
                write,
                kind=AuditKind(kind) if kind else None,
                since=datetime.combine(since, time(), UTC) if since else None,
            )
            if as_json:
                dump("]}")

    settings = load_settings()
    asyncio.run(export())
