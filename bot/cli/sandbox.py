"""`kickscale-bot sandbox`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.tools.terminal import echo


@click.command()
@click.option("--say", "says", multiple=True, metavar="TEXT", help="Type TEXT and print the answer; repeatable.")
@click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Share the recording FILE with the bot and upload it; repeatable.",
)
@click.option("--lang", type=click.Choice(["en", "de"]), default="en", help="Your language in Slack.")
@click.option("--terminal", is_flag=True, help="Open a prompt to type at (the default).")
def sandbox(says: Sequence[str], shares: Sequence[Path], lang: str, terminal: bool) -> None:
    """Try the bot without an account.

    Runs the whole bot with an embedded Slack and an embedded Kickscale: no network, a temporary database, and your
    real settings are ignored. You are a sales rep in the channel #sales-acme; with --lang de, your Slack is in German
    and you work at a German company. With --say or --share, the exit code is 1 if any answer is an error, otherwise
    0 (also if nothing was found).
    """
    is_prompt = terminal or not (says or shares)
    if is_prompt:
        from bot.texts import texts_in

        echo(texts_in(lang)("sandbox.starting"))
    from bot.sandbox.terminal import play

    sys.exit(play(says, shares, language=lang, terminal=is_prompt))
