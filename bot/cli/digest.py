"""`kickscale-bot digest`: previews and posts digests, and exports and imports the subscriptions."""

import asyncio
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.output import dump_json, json_option
from bot.cli.setup import announce_database, load_settings
from bot.tools.terminal import dump, echo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.app.parts import Parts
    from bot.app.services import Services
    from bot.clock import Clock
    from bot.config.settings import Settings
    from bot.model.digests import Subscription


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Print what each digest would post now and where, without posting it.")
@click.option("--run", "id_", metavar="ID", help="Post today's digest ID now (`/kickscale digest list` shows the IDs).")
@json_option
@click.pass_context
def digest(context: click.Context, dry_run: bool, id_: str | None, as_json: bool) -> None:
    """Preview, post, export and import digests.

    --run never posts twice: if today's digest has already been posted, it does nothing.
    """
    if context.invoked_subcommand is not None:
        if dry_run or id_ or as_json:
            raise click.UsageError("Options of `digest` itself can't be combined with a subcommand: put them after it.")
        return
    if dry_run == bool(id_):
        raise click.UsageError("Nothing to do: give --dry-run, --run ID or a subcommand (see --help).")
    settings = load_settings(lambda settings: settings.require_run())
    sys.exit(asyncio.run(_digest(settings, id_, as_json=as_json)))


async def _digest(settings: "Settings", id_: str | None, *, as_json: bool) -> int:
    from bot.app.parts import open_parts
    from bot.errors import BotError
    from bot.render.errors import explain
    from bot.texts import texts_in
    from bot.texts.languages import ENGLISH

    async with open_parts(settings) as parts:
        try:
            if id_:
                return await _run_digest(parts, id_, as_json=as_json)
            return await _preview_digests(parts.services, as_json=as_json)
        except BotError as exc:
            raise click.ClickException(explain(texts_in(ENGLISH), exc)) from exc


async def _preview_digests(services: "Services", *, as_json: bool) -> int:
    from dataclasses import replace

    from bot.render.digests.digest import digest_parts
    from bot.sandbox.slack import render_text
    from bot.texts import texts_in
    from bot.tools import timezones

    subscriptions = await services.digests.scheduled()
    previews: list[dict[str, Any]] = []
    for subscription in subscriptions:
        digest = await services.digest_composer.preview(subscription)
        judgement = await services.audience.inspect(subscription.channel, digest.conversations)
        if not judgement.is_held:
            digest = replace(digest, conversations=judgement.conversations)
        zone = timezones.zone(subscription.timezone)
        parts = digest_parts(texts_in(subscription.language), digest, link_template="")
        messages = [
            render_text(part.payload, names={}, zone=zone, now=services.clock.now())
            for part in (parts if digest.conversations else ())
        ]
        previews.append(
            {
                "id": subscription.id,
                "channel": subscription.channel,
                "held": judgement.why if judgement.is_held else "",
                "to": subscription.created_by if judgement.is_held else subscription.channel,
                "messages": messages,
            }
        )
    if as_json:
        dump_json({"ok": True, "digests": previews})
        return 0
    for preview in previews:
        where = f"{preview['to']} only: {preview['held']} in {preview['channel']}" if preview["held"] else preview["to"]
        echo(f"--- {preview['id']} to {where}")
        for message in preview["messages"] or ["(nothing to post)"]:
            echo(f"{message}\n")
    echo(f"Dry run: {len(subscriptions)} digest{'s' * (len(subscriptions) != 1)} previewed, nothing posted.")
    return 0


async def _run_digest(parts: "Parts", id_: str, *, as_json: bool) -> int:
    from bot.errors import GoneError

    services = parts.services
    try:
        subscription = await services.subscriptions.get(id_)
    except GoneError:
        raise click.ClickException(
            f"There is no digest {id_}. `kickscale-bot digest export` lists all digests."
        ) from None
    if subscription.live:
        raise click.ClickException(
            f"{id_} is a live subscription: it posts each conversation as it comes in, so there is no digest to post."
        )
    if subscription.paused:
        raise click.ClickException(
            f"{id_} is paused. To resume it, type `/kickscale digest resume {id_}` in its channel."
        )
    day, earlier = await services.digests.run_now(id_)
    if earlier is None:
        await parts.do_jobs()
        row = await services.digests.row(id_, day)
        said = _RESULTS[row.state] if row else "not posted yet; a running bot will try again"
        state, is_done = row.state if row else "waiting", row is not None and row.state in ("posted", "quiet")
    else:
        said, state, is_done = f"already {earlier.state} today", earlier.state, earlier.state == "posted"
    if as_json:
        dump_json({"ok": is_done, "id": id_, "state": state, "already": earlier is not None, "text": said})
    else:
        echo(f"{id_}: {said}")
    return 0 if is_done else 1


_RESULTS = {
    "begun": "in progress",
    "posted": "posted",
    "quiet": "nothing to post",
    "failed": "failed",
    "dropped": "not posted: it was paused or changed, or nobody may see it",
}
"""What `--run` prints for each `DigestState`."""


@digest.command(name="export")
@json_option
def digest_export(as_json: bool) -> None:
    """Print all subscriptions as YAML, for `digest import`."""
    from bot.app.database import database_of
    from bot.digests import yaml_file

    async def read() -> "Sequence[Subscription]":
        async with database_of(settings) as database:
            return await database.subscriptions.every()

    settings = load_settings()
    subscriptions = asyncio.run(read())
    if as_json:
        dump_json({"ok": True, **yaml_file.entries(subscriptions)})
    else:
        dump(yaml_file.dump(subscriptions))


@digest.command(name="import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and show what would change, without changing it.")
@json_option
def digest_import(path: Path, dry_run: bool, as_json: bool) -> None:
    """Apply the subscriptions in FILE (YAML).

    The whole file is checked before anything changes, and importing it again changes nothing. Subscriptions that
    aren't in the file stay as they are. Entries are matched by ID or, without one, by channel, domains and times. A
    running bot picks up the changes within a minute.
    """
    from bot.clock import SystemClock

    settings = load_settings()
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} isn't UTF-8 text. Nothing was changed.") from None
    tell = (lambda _change: None) if as_json else echo
    result = asyncio.run(_digest_import(settings, SystemClock(), text, tell, dry_run=dry_run))
    if as_json:
        dump_json({"ok": not result.problems, "dry_run": dry_run, **asdict(result)})
    elif result.problems:
        echo("\n".join([*result.problems, "Nothing was changed."]), err=True)
    else:
        done = "to change" if dry_run else "changed"
        echo(f"{len(result.changes)} {done}, {result.unchanged} unchanged, {result.not_in_file} not in the file.")
        if dry_run:
            echo("Dry run: nothing was changed.")
    sys.exit(1 if result.problems else 0)


@dataclass(frozen=True, slots=True)
class _Import:
    """What an import changed, or would change in a dry run; with problems, nothing."""

    changes: tuple[str, ...] = ()
    unchanged: int = 0
    not_in_file: int = 0
    problems: tuple[str, ...] = ()


async def _digest_import(
    settings: "Settings", clock: "Clock", text: str, tell: "Callable[[str], None]", *, dry_run: bool
) -> _Import:
    """`tell` is called with each change before it is made."""
    from bot.access.audit import Audit
    from bot.app.database import database_of
    from bot.digests.subscriptions import carry_out
    from bot.digests.yaml_file import describe, parse, plan_import
    from bot.errors import GoneError

    wanted, problems = parse(text, clock.now(), settings.default_timezone)
    if problems:
        return _Import(problems=tuple(problems))
    async with database_of(settings, create=True, dry_run=dry_run, on_create=announce_database) as database:
        existing = await database.subscriptions.every()
        steps, problems = plan_import(existing, wanted, clock.now())
        if problems:
            return _Import(problems=tuple(problems))
        changes = [step for step in steps if step.before != step.after]
        for step in changes:
            tell(describe(step))
        if not dry_run:
            try:
                await carry_out(database.subscriptions, Audit(database.audit, clock), changes)
            except GoneError as exc:
                return _Import(problems=(f"{exc.id} was added or removed meanwhile. Import the file again.",))
    return _Import(
        changes=tuple(map(describe, changes)),
        unchanged=len(steps) - len(changes),
        not_in_file=len(existing) - sum(step.before is not None for step in steps),
    )
