"""`kickscale-bot sandbox`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click


@click.command()
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
