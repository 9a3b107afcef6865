"""`kickscale-bot sandbox`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.tools.terminal import echo

PORT = 8484


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
@click.option("--terminal", is_flag=True, help="Open a prompt to type at instead of the page.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="The page's port. If it is in use, the next free one is taken; 0 means any.",
)
@click.option("--no-browser", is_flag=True, help="Don't open the page in a browser.")
def sandbox(  # noqa: PLR0917 click passes them by name
    says: Sequence[str], shares: Sequence[Path], lang: str, terminal: bool, port: int, no_browser: bool
) -> None:
    """Try the bot without an account, on a page that looks like Slack.

    Runs the whole bot with an embedded Slack and an embedded Kickscale: no network, a temporary database, and your
    real settings are ignored. Prints a line that starts with `ready` and has the page's address, which only this
    machine can open. You are a sales rep in the channel #sales-acme; with --lang de, your Slack is in German and you
    work at a German company. At weekends, it is still Friday there.

    With --say or --share there is no page, and the exit code is 1 if any answer is an error, otherwise 0 (also if
    nothing was found).
    """
    if terminal:
        from bot.texts import texts_in

        echo(texts_in(lang)("sandbox.starting"))
    if terminal or says or shares:
        from bot.sandbox.terminal import play

        sys.exit(play(says, shares, language=lang, terminal=terminal))
    from bot.sandbox.web.run import run_page

    run_page(port, lang, opens=not no_browser)
