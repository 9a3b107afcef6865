"""`kickscale-bot erase`."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.output import dump_json, json_option
from bot.cli.setup import load_settings
from bot.tools.terminal import echo, progress_bar

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.model.erasure import Subject


@click.command()
@click.option(
    "--domain", "domain", multiple=True, metavar="DOMAIN", help="A customer's domain, e.g. acme.com; repeatable."
)
@click.option(
    "--conversation", "conversation", multiple=True, metavar="ID", help="The ID of a call or meeting; repeatable."
)
@click.option("--user", "user", multiple=True, metavar="U…", help="A Slack user's ID; repeatable.")
@click.option("--dry-run", is_flag=True, help="Show what would be erased, without erasing it.")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
@json_option
def erase(  # noqa: PLR0917 its options
    domain: Sequence[str], conversation: Sequence[str], user: Sequence[str], dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Erase what the bot has about a customer, call or person.

    Lists what it found and asks for confirmation. Then it deletes the bot's messages and files in Slack (including
    those that also mention others) and everything about the subject in the database, down to the bytes of the file.

    DOMAIN is acme.com only; "*.acme.com" also includes its subdomains. For a person, it erases their questions, what
    was posted for them or sent to them, and what they shared with the bot. Their digests stay, without an owner.

    Not erased: anything in Kickscale (delete it there first, or it can be looked up and posted again), what people
    wrote or shared in Slack themselves, answers that only one person saw (Slack doesn't keep them), the audit log
    (it contains IDs, but no content), and your backups of the database (`restore` erases it from what it restores).

    The bot can keep running. If interrupted, run the same command again to continue. If anything remains, it is
    listed and the exit code is 1.
    """
    from bot.model.erasure import About, Subject

    options = [(About.DOMAIN, domain), (About.CONVERSATION, conversation), (About.USER, user)]
    subjects = [Subject(about, tuple(dict.fromkeys(values))) for about, values in options if values]
    if len(subjects) != 1:
        raise click.UsageError("Say what to erase: --domain, --conversation or --user.")
    if as_json and not (dry_run or yes):
        raise click.UsageError("With --json, nobody is asked for confirmation: give --yes or --dry-run.")
    subject = _checked(subjects[0])
    settings = load_settings(lambda settings: settings.require_run())
    is_whole = asyncio.run(_erase(settings, subject, dry_run=dry_run, ask=not yes, as_json=as_json))
    sys.exit(0 if is_whole else 1)


def _checked(subject: "Subject") -> "Subject":
    """Return the subject with its values in their stored form. Raises BadParameter."""
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
                    raise click.BadParameter(f"{value} isn't a customer's domain.", param_hint="--domain")
            case About.CONVERSATION if not re.fullmatch(r"\S+", value):
                raise click.BadParameter("an ID can't contain spaces.", param_hint="--conversation")
            case About.USER if not re.fullmatch(r"[UW][A-Z0-9]{1,30}", value):
                raise click.BadParameter(f"{value} isn't a Slack user ID like U0123456789.", param_hint="--user")
    return replace(subject, values=tuple(values))


async def _erase(settings: "Settings", subject: "Subject", *, dry_run: bool, ask: bool, as_json: bool) -> bool:
    from bot.access.audit import COMMAND_LINE
    from bot.app.parts import open_parts
    from bot.erasure.report import as_json_values, describe_outcome, describe_traces
    from bot.errors import BotError
    from bot.render.errors import explain
    from bot.texts import texts_in
    from bot.texts.languages import ENGLISH

    async with open_parts(settings) as parts:
        erasure = parts.services.erasure
        try:
            traces = await erasure.plan(subject)
            if not as_json:
                echo(describe_traces(subject, traces))
            if dry_run:
                if as_json:
                    dump_json(as_json_values(subject, traces, None))
                else:
                    echo("Dry run: nothing was erased.")
                return True
            if ask:
                click.confirm("Erase this permanently?", abort=True)
            with progress_bar(len(traces.messages), "Erasing") as bar:
                outcome = await erasure.erase(subject, COMMAND_LINE, tell=lambda: bar.update(1))
        except BotError as exc:
            raise click.ClickException(explain(texts_in(ENGLISH), exc)) from exc
    if as_json:
        dump_json(as_json_values(subject, traces, outcome))
        return outcome.is_whole
    echo(describe_outcome(outcome))
    for line in outcome.left():
        echo(line, err=True)
    return outcome.is_whole
