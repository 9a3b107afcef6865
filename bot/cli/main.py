"""The command line. Each command imports what it needs when it runs, so that --help is fast."""

import os
import sys

import click

from bot import __version__
from bot.cli.audit import audit
from bot.cli.backup import backup, restore
from bot.cli.digest import digest
from bot.cli.doctor import doctor
from bot.cli.erase import erase
from bot.cli.init import init
from bot.cli.manifest import manifest
from bot.cli.migrate import migrate_to
from bot.cli.output import OPTION, dump_error
from bot.cli.run import run
from bot.cli.sandbox import sandbox
from bot.cli.upload import upload
from bot.config.environment import drop_unusable_key_log
from bot.errors import ConfigError, StorageFailed
from bot.tools.terminal import clean

PLATFORMS = ("linux", "darwin")


class _Group(click.Group):
    """Prints errors that people can fix as a sentence or, with --json, as JSON, without a traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Known before the command reads its options: what is wrong with these is an error too.
        ctx.meta[OPTION] = OPTION in args
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":  # https://no-color.org; click ignores it
            ctx.color = False
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        if sys.platform not in PLATFORMS:
            raise click.ClickException(
                f"kickscale-bot only runs on Linux and macOS, not on {sys.platform}. On Windows, use WSL."
            )
        drop_unusable_key_log()
        try:
            return super().invoke(ctx)
        except (ConfigError, StorageFailed) as exc:
            if not ctx.meta[OPTION]:
                raise click.ClickException(clean(str(exc))) from exc
            dump_error(str(exc))
            raise click.exceptions.Exit(1) from exc
        except click.ClickException as exc:
            vars(exc)["message"] = clean(exc.message)  # since it quotes what was typed, and file names
            if not ctx.meta[OPTION]:
                raise
            dump_error(exc.format_message())
            raise click.exceptions.Exit(exc.exit_code) from exc


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kickscale-bot")
def main() -> None:
    """Your Kickscale calls and meetings in Slack.

    Settings come from the environment or from a .env file in the current folder; docs/settings.md lists them.

    To try the bot without an account, run: kickscale-bot sandbox
    """


for command in (audit, backup, digest, doctor, erase, init, manifest, migrate_to, restore, run, sandbox, upload):
    main.add_command(command)
