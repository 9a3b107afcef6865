"""`kickscale-bot digest`: previews and posts digests, and exports and imports the subscriptions."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.setup import announce_database, load_settings
from bot.tools.terminal import dump, echo

if TYPE_CHECKING:
    from bot.app.parts import Parts
    from bot.app.services import Services
    from bot.clock import Clock
    from bot.config.settings import Settings


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Print what each digest would post now and where, without posting it.")
@click.option("--run", "id_", metavar="ID", help="Post today's digest ID now (`/kickscale digest list` shows the IDs).")
@click.pass_context
def digest(context: click.Context, dry_run: bool, id_: str | None) -> None:
    """Preview, post, export and import digests.

    --run never posts twice: if today's digest has already been posted, it does nothing.
    """
    if context.invoked_subcommand is not None:
        if dry_run or id_:
            raise click.UsageError("--dry-run and --run can't be combined with a subcommand.")
        return
    if dry_run == bool(id_):
        raise click.UsageError("Nothing to do: give --dry-run, --run ID or a subcommand (see --help).")
    settings = load_settings(lambda settings: settings.require_run())
    sys.exit(asyncio.run(_digest(settings, id_)))


async def _digest(settings: "Settings", id_: str | None) -> int:
    from bot.app.parts import open_parts
    from bot.errors import BotError
    from bot.render.errors import explain
    from bot.texts import texts_in
    from bot.texts.languages import ENGLISH

    async with open_parts(settings) as parts:
        try:
            return await (_run_digest(parts, id_) if id_ else _preview_digests(parts.services))
        except BotError as exc:
            raise click.ClickException(explain(texts_in(ENGLISH), exc)) from exc


async def _preview_digests(services: "Services") -> int:
    from dataclasses import replace

    from bot.render.digests.digest import digest_parts
    from bot.sandbox.slack import render_text
    from bot.texts import texts_in
    from bot.tools import timezones

    subscriptions = await services.digests.scheduled()
    for subscription in subscriptions:
        digest = await services.digest_composer.preview(subscription)
        judgement = await services.audience.inspect(subscription.channel, digest.conversations)
        if judgement.is_held:
            heading = f"{subscription.created_by} only: {judgement.why} in {subscription.channel}"
        else:
            heading = subscription.channel
            digest = replace(digest, conversations=judgement.conversations)
        echo(f"--- {subscription.id} to {heading}")
        if not digest.conversations:
            echo("(nothing to post)\n")
            continue
        zone = timezones.zone(subscription.timezone)
        for part in digest_parts(texts_in(subscription.language), digest, link_template=""):
            echo(render_text(part.payload, names={}, zone=zone, now=services.clock.now()) + "\n")
    echo(f"Dry run: {len(subscriptions)} digest{'s' * (len(subscriptions) != 1)} previewed, nothing posted.")
    return 0


async def _run_digest(parts: "Parts", id_: str) -> int:
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
        echo(f"{id_}: {_RESULTS[row.state] if row else 'not posted yet; a running bot will try again'}")
        return 0 if row is not None and row.state in ("posted", "quiet") else 1
    echo(f"{id_}: already {earlier.state} today")
    return 0 if earlier.state == "posted" else 1


_RESULTS = {
    "begun": "in progress",
    "posted": "posted",
    "quiet": "nothing to post",
    "failed": "failed",
    "dropped": "not posted: it was paused or changed, or nobody may see it",
}
"""What `--run` prints for each `DigestState`."""


@digest.command(name="export")
def digest_export() -> None:
    """Print all subscriptions as YAML, for `digest import`."""
    from bot.app.database import database_of
    from bot.config.settings import Settings
    from bot.digests import yaml_file

    async def export() -> str:
        async with database_of(settings) as database:
            return yaml_file.dump(await database.subscriptions.every())

    settings = Settings.load()
    dump(asyncio.run(export()))


@digest.command(name="import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and show what would change, without changing it.")
def digest_import(path: Path, dry_run: bool) -> None:
    """Apply the subscriptions in FILE (YAML).

    The whole file is checked before anything changes, and importing it again changes nothing. Subscriptions that
    aren't in the file stay as they are. Entries are matched by ID or, without one, by channel, domains and times. A
    running bot picks up the changes within a minute.
    """
    from bot.clock import SystemClock
    from bot.config.settings import Settings

    settings = Settings.load()
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} isn't UTF-8 text. Nothing was changed.") from None
    sys.exit(0 if asyncio.run(_digest_import(settings, SystemClock(), text, dry_run=dry_run)) else 1)


async def _digest_import(settings: "Settings", clock: "Clock", text: str, *, dry_run: bool) -> bool:
    from bot.access.audit import Audit
    from bot.app.database import database_of
    from bot.digests.subscriptions import carry_out
    from bot.digests.yaml_file import describe, parse, plan_import
    from bot.errors import GoneError

    wanted, problems = parse(text, clock.now(), settings.default_timezone)
    if problems:
        echo("\n".join([*problems, "Nothing was changed."]), err=True)
        return False
    async with database_of(settings, create=True, dry_run=dry_run, on_create=announce_database) as database:
        existing = await database.subscriptions.every()
        steps, problems = plan_import(existing, wanted, clock.now())
        if problems:
            echo("\n".join([*problems, "Nothing was changed."]), err=True)
            return False
        changes = [step for step in steps if step.before != step.after]
        for step in changes:
            echo(describe(step))
        left = len(existing) - sum(step.before is not None for step in steps)
        if not dry_run:
            try:
                await carry_out(database.subscriptions, Audit(database.audit, clock), changes)
            except GoneError as exc:
                echo(f"{exc.id} was added or removed meanwhile. Nothing was changed; import the file again.", err=True)
                return False
        done = "to change" if dry_run else "changed"
        echo(f"{len(changes)} {done}, {len(steps) - len(changes)} unchanged, {left} not in the file.")
        if dry_run:
            echo("Dry run: nothing was changed.")
    return True
