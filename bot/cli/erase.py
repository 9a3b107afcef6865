"""`kickscale-bot erase`."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.setup import load_settings
from bot.tools.terminal import echo

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.model.erasure import Subject


@click.command()
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
    from bot.model.erasure import About, Subject

    options = [(About.DOMAIN, domain), (About.CONVERSATION, conversation), (About.USER, user)]
    subjects = [Subject(about, tuple(dict.fromkeys(values))) for about, values in options if values]
    if len(subjects) != 1:
        raise click.UsageError("What is to be erased? One of --domain, --conversation or --user.")
    subject = _checked(subjects[0])
    settings = load_settings(lambda settings: settings.require_run())
    sys.exit(0 if asyncio.run(_erase(settings, subject, dry_run=dry_run, ask=not yes)) else 1)


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
                    raise click.BadParameter(f"{value} is not a customer's domain.", param_hint="--domain")
            case About.CONVERSATION if not re.fullmatch(r"\S+", value):
                raise click.BadParameter("an id has no spaces.", param_hint="--conversation")
            case About.USER if not re.fullmatch(r"[UW][A-Z0-9]{1,30}", value):
                raise click.BadParameter(f"{value} is not a Slack user's id, such as U0123456789.", param_hint="--user")
    return replace(subject, values=tuple(values))


async def _erase(settings: "Settings", subject: "Subject", *, dry_run: bool, ask: bool) -> bool:
    from bot.access.audit import COMMAND_LINE
    from bot.app.parts import open_parts
    from bot.erasure.report import describe_outcome, describe_traces
    from bot.errors import BotError
    from bot.render.errors import explain
    from bot.texts import texts_in

    async with open_parts(settings) as parts:
        erasure = parts.services.erasure
        try:
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
            raise click.ClickException(explain(texts_in(), exc)) from exc
    echo(describe_outcome(outcome))
    for line in outcome.left():
        echo(line, err=True)
    return outcome.is_whole
