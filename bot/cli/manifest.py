"""`kickscale-bot manifest`."""

import click

from bot.tools.terminal import dump


@click.command()
@click.option("--socket", "over", flag_value="socket", default=True, help="For Socket Mode (the default).")
@click.option("--url", metavar="URL", help="For HTTP: the bot's public address, e.g. https://bot.example.com")
def manifest(over: str, url: str | None) -> None:
    """Print the manifest to create the Slack app from."""
    del over
    from bot.operations.manifest import build, to_yaml

    dump(to_yaml(build(url)))
