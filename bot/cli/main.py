"""The command line: parse → service → print. What a command needs is imported when it runs."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from bot import __version__
from bot.config.environment import drop_unusable_key_log
from bot.errors import ConfigError, StorageFailed
from bot.tools.terminal import clean, dump, echo, is_text, printable

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app.wiring import Bot
    from bot.clock import Clock
    from bot.config.settings import Settings
    from bot.model.audit import LoggedHead
    from bot.model.erasure import Subject
    from bot.storage.sqlite import Database


PLATFORMS = ("linux", "darwin")


class _Group(click.Group):
    """Tells what went wrong on purpose in one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        if sys.platform not in PLATFORMS:
            raise click.ClickException(
                f"kickscale-bot runs on Linux and macOS only, and this is {sys.platform}. On Windows, use WSL."
            )
        drop_unusable_key_log()
        try:
            return super().invoke(ctx)
        except (ConfigError, StorageFailed) as exc:
            raise click.ClickException(clean(str(exc))) from exc
        except click.ClickException as exc:
            vars(exc)["message"] = clean(exc.message)  # as it quotes what was typed, and names of files
            raise


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kickscale-bot")
def main() -> None:
    """Kickscale in Slack: meetings and calls, from a slash command.

    Settings come from the environment or from a file .env in this folder; README.md lists them.
    To try the bot without an account: kickscale-bot sandbox
    """


@main.command()
def run() -> None:
    """The bot itself.

    With SLACK_APP_TOKEN in Socket Mode, else with SLACK_SIGNING_SECRET over HTTP on PORT. Prints one line that begins
    with `ready` when it is; stops cleanly on SIGTERM and SIGINT.
    """
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.tools.allocator import keep_freed

    keep_freed()
    settings = Settings.load()
    settings.require_run()
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    asyncio.run(_run(settings))


async def _run(settings: "Settings") -> None:
    from bot.app.wiring import Bot

    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_stop.set)
    stopping = asyncio.create_task(asked_to_stop.wait())
    starting = asyncio.create_task(Bot.start(settings))
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return
    bot = await starting
    echo(f"ready {bot.address}")
    sys.stdout.flush()
    checking = asyncio.create_task(bot.check_credentials())
    await stopping
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)
    await bot.stop()


@main.command()
@click.option("--say", "says", multiple=True, metavar="TEXT", help="Type TEXT for you, print the answer; repeatable.")
@click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Share the recording FILE with the bot, and upload it; repeatable.",
)
@click.option("--terminal", is_flag=True, help="A prompt to type at; also what comes without options.")
def sandbox(says: Sequence[str], shares: Sequence[Path], terminal: bool) -> None:
    """The whole bot with an embedded Slack and an embedded Kickscale.

    No account, no network, a temporary database; the settings of the real bot are ignored. You are a rep in
    #sales-acme. With --say or --share: exit code 0 when every answer is one, also when nothing was found, and 1 when
    one is an error.
    """
    from bot.sandbox.terminal import play

    sys.exit(play(says, shares, terminal=terminal or not (says or shares)))


@main.command()
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
    from bot.clock import SystemClock
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.tools.allocator import keep_freed

    keep_freed()
    settings = Settings.load()
    settings.require_upload()
    logs.configure("ERROR", "text", settings.secrets())
    if not dry_run and not (agreed or "").strip():
        raise click.UsageError("--agreed NAME is missing: who confirms that everyone on each recording has agreed?")
    if not is_text(agreed or ""):
        raise click.UsageError("--agreed NAME is not text in UTF-8")
    common: dict[str, str] = {}
    for each in fields:
        name, is_pair, value = each.partition("=")
        if not is_pair or not name.strip() or not value.strip():
            raise click.UsageError(f"--field {each}: this has to be NAME=VALUE")
        if name.strip() in common:
            raise click.UsageError(f"--field {name.strip()} is there twice. Leave one of them out.")
        common[name.strip()] = value.strip()
    sys.exit(0 if asyncio.run(_upload(settings, SystemClock(), paths, common, (agreed or "").strip(), dry_run)) else 1)


async def _upload(  # noqa: PLR0917 what the command line gives, in its order
    settings: "Settings", clock: "Clock", paths: Sequence[Path], common: dict[str, str], agreed: str, dry_run: bool
) -> bool:
    from bot.app.disk_uploads import upload_from_disk

    async with _database(settings, create=True, dry_run=dry_run) as database:
        return await upload_from_disk(settings, database, clock, paths, common, agreed, dry_run=dry_run)


@main.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Print what each digest would post now, and to where; post nothing.")
@click.option("--run", "id_", metavar="ID", help="Post the digest ID (as `digest list` shows it) of today now.")
@click.pass_context
def digest(context: click.Context, dry_run: bool, id_: str | None) -> None:
    """Digests, and the subscriptions of all channels as a file that can be reviewed.

    --run goes through the bot's own ledger: a digest of today that was posted already is not posted again.
    """
    if context.invoked_subcommand is not None:
        if dry_run or id_:
            raise click.UsageError("--dry-run and --run go with no further command.")
        return
    if dry_run == bool(id_):
        raise click.UsageError("What is to be done? --dry-run or --run ID, or one of the commands below `--help`.")
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.tools.allocator import keep_freed

    keep_freed()
    settings = Settings.load()
    settings.require_run()
    logs.configure("ERROR", "text", settings.secrets())
    sys.exit(asyncio.run(_digest(settings, id_)))


async def _digest(settings: "Settings", id_: str | None) -> int:
    from bot.app.wiring import Bot
    from bot.errors import BotError
    from bot.render.errors import explain

    bot = await Bot.beside(settings)
    try:
        return await (_run_digest(bot, id_) if id_ else _preview_digests(bot))
    except BotError as exc:
        raise click.ClickException(explain(bot.services.texts, exc)) from exc
    finally:
        await bot.stop()


async def _preview_digests(bot: "Bot") -> int:
    from dataclasses import replace

    from bot.render.digests.digest import digest_parts
    from bot.sandbox.slack import render_text
    from bot.tools import timezones

    subscriptions = [each for each in await bot.services.database.subscriptions.active() if not each.live]
    for each in subscriptions:
        digest = await bot.services.digest_composer.preview(each)
        judgement = await bot.services.audience.inspect(each.channel, digest.conversations)
        if judgement.is_held:
            echo(f"--- {each.id} to {each.created_by} alone: {judgement.why} in {each.channel}")
        else:
            echo(f"--- {each.id} to {each.channel}")
            digest = replace(digest, conversations=judgement.conversations)
        if not digest.conversations:
            echo("nothing\n")
            continue
        zone = timezones.zone(each.timezone)
        for part in digest_parts(bot.services.texts, digest, link_template=""):
            echo(render_text(part.payload, names={}, zone=zone, now=bot.services.clock.now()) + "\n")
    echo(f"{len(subscriptions)} digest{'s' * (len(subscriptions) != 1)}; nothing was posted.")
    return 0


async def _run_digest(bot: "Bot", id_: str) -> int:
    from datetime import timedelta

    from bot.tools import timezones

    subscription = await bot.services.database.subscriptions.get(id_)
    if subscription is None:
        raise click.ClickException(
            f"There is no digest {id_}. `kickscale-bot digest export` prints those that there are."
        )
    if subscription.live:
        raise click.ClickException(f"{id_} is live: it posts each conversation as it comes in, and has no digest.")
    if subscription.paused:
        raise click.ClickException(f"{id_} is paused. `/kickscale digest resume {id_}` in its channel lets it go on.")
    earlier = await bot.services.digests.run_now(id_)
    if earlier is None:
        await bot.do_jobs()
        today = bot.services.clock.now().astimezone(timezones.zone(subscription.timezone)).date()
        for day in (today, today - timedelta(days=1)):  # midnight may have passed meanwhile
            row = await bot.services.database.digests.get(id_, day)
            if row is not None:
                break
        echo(f"{id_}: {row.state if row else 'waits for another try, which a running bot makes'}")
        return 0 if row is not None and row.state in ("posted", "quiet") else 1
    echo(f"{id_}: there is one of today already ({earlier.state})")
    return 0 if earlier.state == "posted" else 1


@digest.command(name="export")
def digest_export() -> None:
    """Print the subscriptions as YAML, for `digest import`."""
    from bot.config.settings import Settings
    from bot.digests import yaml_file

    async def export() -> str:
        async with _database(settings) as database:
            return yaml_file.dump(await database.subscriptions.every())

    settings = Settings.load()
    dump(asyncio.run(export()))


@digest.command(name="import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything and show what would change; change nothing.")
def digest_import(path: Path, dry_run: bool) -> None:
    """Let the subscriptions be as the YAML file FILE says.

    All of it is checked before anything changes. Done again, it changes nothing more. What is not in the file stays
    as it is; an entry is told by its id, or by its channel, domains and times where it has none. A running bot sees
    the changes within a minute.
    """
    from bot.clock import SystemClock
    from bot.config.settings import Settings

    settings = Settings.load()
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} is not text in UTF-8; nothing was changed.") from None
    sys.exit(0 if asyncio.run(_digest_import(settings, SystemClock(), text, dry_run=dry_run)) else 1)


async def _digest_import(settings: "Settings", clock: "Clock", text: str, *, dry_run: bool) -> bool:
    from bot.access.audit import Audit
    from bot.digests.subscriptions import carry_out
    from bot.digests.yaml_file import describe, parse, plan_import
    from bot.errors import GoneError

    wanted, problems = parse(text, clock.now(), settings.default_timezone)
    if problems:
        echo("\n".join([*problems, "Nothing was changed."]), err=True)
        return False
    async with _database(settings, create=True, dry_run=dry_run) as database:
        existing = await database.subscriptions.every()
        steps, problems = plan_import(existing, wanted, clock.now())
        if problems:
            echo("\n".join([*problems, "Nothing was changed."]), err=True)
            return False
        changes = [step for step in steps if step.before != step.after]
        for step in changes:
            echo(describe(step))
        left = len(existing) - sum(step.before is not None for step in steps)
        echo(f"{len(changes)} to change, {len(steps) - len(changes)} as they are, {left} not in the file.")
        if dry_run:
            echo("Nothing was changed: this is a dry run.")
        else:
            try:
                await carry_out(database.subscriptions, Audit(database.audit, clock), changes)
            except GoneError as exc:
                echo(f"{exc.id} was added or removed meanwhile. Nothing was changed: import the file again.", err=True)
                return False
    return True


@main.command()
@click.option("--domain", "domain", multiple=True, metavar="DOMAIN", help="A customer's, such as acme.com; repeatable.")
@click.option("--conversation", "conversation", multiple=True, metavar="ID", help="A meeting's or call's; repeatable.")
@click.option("--user", "user", multiple=True, metavar="U…", help="A Slack user's id; repeatable.")
@click.option("--dry-run", is_flag=True, help="Show what would be erased; erase nothing.")
@click.option("--yes", is_flag=True, help="Don't ask.")
def erase(domain: Sequence[str], conversation: Sequence[str], user: Sequence[str], dry_run: bool, yes: bool) -> None:
    """Erase what the bot posted and kept about a customer, a conversation or a person.

    Shows what there is, asks, then deletes the bot's messages and files in Slack, also those that are about others
    too, forgets what it had written down, and leaves no byte of it in the database's file. DOMAIN is acme.com alone,
    "*.acme.com" is it and all below it. Of a person that is what they asked, what was posted for them and sent to
    them, and what they shared with the bot; their subscriptions stay, with nobody as their maker.

    Not touched: Kickscale itself, so erase there first, as what is there can be asked for and posted anew. What
    people wrote or shared in Slack themselves. Answers to one person alone, which Slack does not keep. The audit,
    which holds ids and no content. Copies of the database that you made.

    The bot may run meanwhile. Done again, it goes on where it was interrupted. Exit code 1 when something is left,
    with a line for each.
    """
    from bot.config.settings import Settings
    from bot.model.erasure import About, Subject
    from bot.observe import logs

    given = [(About.DOMAIN, domain), (About.CONVERSATION, conversation), (About.USER, user)]
    found = [Subject(about, tuple(dict.fromkeys(values))) for about, values in given if values]
    if len(found) != 1:
        raise click.UsageError("What is to be erased? One of --domain, --conversation or --user.")
    subject = _checked(found[0])
    settings = Settings.load()
    settings.require_run()
    logs.configure("ERROR", "text", settings.secrets())
    sys.exit(0 if asyncio.run(_erase(settings, subject, dry_run=dry_run, ask=not yes)) else 1)


def _checked(subject: "Subject") -> "Subject":
    """With its values in their stored form. Raises BadParameter."""
    import re
    from dataclasses import replace

    from bot import domains
    from bot.model.erasure import About

    values = list(subject.values)
    for place, value in enumerate(values):
        match subject.about:
            case About.DOMAIN:
                try:
                    values[place] = domains.normalise(value)
                except ValueError:
                    values[place] = domains.EVERY
                if values[place] == domains.EVERY:
                    raise click.BadParameter(f"{value} is not a customer's domain.", param_hint="--domain")
            case About.CONVERSATION if not re.fullmatch(r"\S+", value):
                raise click.BadParameter("an id has no spaces.", param_hint="--conversation")
            case About.USER if not re.fullmatch(r"[UW][A-Z0-9]{1,30}", value):
                raise click.BadParameter(f"{value} is not a Slack user's id, such as U0123456789.", param_hint="--user")
    return replace(subject, values=tuple(values))


async def _erase(settings: "Settings", subject: "Subject", *, dry_run: bool, ask: bool) -> bool:
    from bot.access.audit import COMMAND_LINE
    from bot.app.wiring import Bot
    from bot.erasure.report import describe_outcome, describe_traces
    from bot.errors import BotError
    from bot.render.errors import explain

    bot = await Bot.beside(settings)
    try:
        erasure = bot.services.erasure
        traces = await erasure.plan(subject)
        echo(describe_traces(subject, traces))
        if dry_run:
            echo("Nothing was erased: this is a dry run.")
            return True
        if ask:
            click.confirm("Erase it? There is no way back.", abort=True)
        with click.progressbar(length=len(traces.messages), label="Erasing") as bar:
            outcome = await erasure.erase(subject, COMMAND_LINE, tell=lambda: bar.update(1))
    except BotError as exc:
        raise click.ClickException(explain(bot.services.texts, exc)) from exc
    finally:
        await bot.stop()
    echo(describe_outcome(outcome))
    for line in outcome.left():
        echo(line, err=True)
    return outcome.is_whole


@main.group()
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

    told = [each for file in logs for line in file if HEADS in line for each in read_heads(line)]
    if logs and not told:
        raise click.ClickException(f"There is no line with `{HEADS}` in the log: nothing was checked.")
    for head in heads:
        found = read_heads(head)
        if len(found) != 1:
            raise click.BadParameter(f"{head} is not a head as the log tells it.", param_hint="--head")
        told += found
    sys.exit(0 if asyncio.run(_audit_verify(Settings.load(), told)) else 1)


async def _audit_verify(settings: "Settings", told: Sequence["LoggedHead"]) -> bool:
    from bot.access.audit import aged
    from bot.clock import SystemClock

    async with _database(settings) as database:
        report = await database.audit.check(told, aged(settings.audit_kept(), SystemClock().now()))
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
    "told": "is not what the log told of",
    "cut": "cut there, and no row tells of it",
    "young": "removed before its age",
}


@audit.command(name="export")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="From this day on, in UTC.")
@click.option("--kind", metavar="KIND", help="Asked, used, attested, refused, changed, held or erased: this one alone.")
def audit_export(since: "datetime | None", kind: str | None) -> None:
    """Print the audit as JSON, a row a line; a kind at a time, the oldest first."""
    from datetime import UTC

    from bot.config.settings import Settings
    from bot.model.audit import AuditKind

    if kind is not None and kind not in set(AuditKind):
        raise click.BadParameter(f"{kind} is none of {', '.join(AuditKind)}.", param_hint="--kind")

    async def export() -> None:
        async with _database(settings) as database:
            await database.audit.export(
                lambda row: dump(json.dumps(row, separators=(",", ":"))),
                kind=AuditKind(kind) if kind else None,
                since=since.replace(tzinfo=UTC) if since else None,
            )

    settings = Settings.load()
    asyncio.run(export())


@asynccontextmanager
async def _database(settings: "Settings", *, create: bool = False, dry_run: bool = False) -> AsyncIterator["Database"]:
    """The bot's own. If there is none, it is created if `create` says so; a dry run gets one that is thrown away."""
    import tempfile

    from bot.storage.sqlite import Database

    path = settings.database_path
    with tempfile.TemporaryDirectory(prefix="kickscale-bot-") as folder:
        if dry_run and not path.exists():
            path = Path(folder) / "empty.db"
        database = await Database.open(path, create=create)
        try:
            if database.is_new and not dry_run:
                echo(f"Created the database {path.resolve()}.", err=True)
            yield database
        finally:
            await database.close()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def doctor(as_json: bool) -> None:
    """Check the settings, Slack, Kickscale, its OpenAPI document, the database and the clock. Changes nothing.

    One line a check, with a remedy where it fails. Exit code 1 when one fails.
    """
    from bot.clock import SystemClock
    from bot.config.settings import Settings
    from bot.observe import logs
    from bot.operations.doctor import Check, examine, show

    try:
        settings = Settings.load()
        logs.configure("ERROR", "text", settings.secrets())
        report = asyncio.run(examine(settings, SystemClock()))
    except ConfigError as exc:
        report = [Check("settings", ok=False, detail=f"{exc.variable} is not right", remedy=str(exc))]
    (dump if as_json else echo)(show(report, as_json=as_json))
    sys.exit(0 if all(each.ok for each in report) else 1)


@main.command()
@click.option("--socket", "over", flag_value="socket", default=True, help="For Socket Mode (the default).")
@click.option("--url", metavar="URL", help="For HTTP: the bot's own address, such as https://bot.example.com")
def manifest(over: str, url: str | None) -> None:
    """Print the manifest to make the Slack app from."""
    del over
    from bot.operations.manifest import build, to_yaml

    dump(to_yaml(build(url)))
