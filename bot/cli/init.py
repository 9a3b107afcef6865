"""`kickscale-bot init`."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.tools.terminal import dump, echo

if TYPE_CHECKING:
    from bot.operations.checks.check import Check

CREATE_APP = """\
1. Create the Slack app: at https://api.slack.com/apps, click Create New App → From a manifest, choose your workspace,
   and paste all of this as YAML:
"""
INSTALL_APP = """
2. Click Install App → Install to Workspace → Allow. Then paste here what you are asked for: each question says where it
   is in the app's settings. Take your time. What you paste isn't shown.
"""
CREATE_KEY = """
3. In Kickscale, open Settings → Integrations → API & Webhooks, and create an API key with the role Configurator or
   Admin. Kickscale shows it only once.
"""
WHERE = {
    "SLACK_BOT_TOKEN": "OAuth & Permissions → Bot User OAuth Token, xoxb-…",
    "SLACK_APP_TOKEN": "Basic Information → App-Level Tokens → Generate, with the scope connections:write, xapp-…",
    "SLACK_SIGNING_SECRET": "Basic Information → App Credentials → Signing Secret",
    "KICKSCALE_API_KEY": "the key",
    "KICKSCALE_CLIENT_ID": "the client ID, next to the key",
    "KICKSCALE_API_KEY_CREATED": "the day it was created, e.g. 2026-11-23; leave it empty to get no reminders",
}
"""Where to find what is asked for."""
OPTIONAL = {"KICKSCALE_API_KEY_CREATED"}
SHOWN = {"KICKSCALE_API_KEY_CREATED"}
"""What is shown while it is typed."""
DONE = """
Next, started in the same way as this command:
  kickscale-bot doctor     checks everything
  kickscale-bot run        starts the bot; then /kickscale help works in any channel

And in Slack:
  /invite @Kickscale       in channels where answers are shared, or recordings uploaded
"""


@click.command(short_help="Set up the bot: ask for tokens and keys, and check them.")
@click.option("--url", metavar="URL", help="For HTTP instead of Socket Mode: the bot's public address.")
@click.option("--offline", is_flag=True, help="Don't check anything with Slack and Kickscale.")
@click.option(
    "--file",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(".env"),
    show_default=True,
    help="Where to write the settings.",
)
def init(url: str | None, offline: bool, file: Path) -> None:
    """Set up the bot: ask for tokens and keys, check them, and write them to .env.

    Prints the manifest of the Slack app, and says what to click. Each token and key is checked once it is entered.
    What is in FILE is kept: you are asked before anything is replaced. Only you can read FILE.
    """
    from bot.operations.manifest import build, to_yaml

    manifest = to_yaml(build(url))
    setup = _Setup(file, offline=offline)
    if "SLACK_BOT_TOKEN" not in setup.values:
        echo(CREATE_APP)
        dump(manifest)
        echo(INSTALL_APP.rstrip())
    setup.ask("SLACK_BOT_TOKEN")
    setup.ask("SLACK_APP_TOKEN" if url is None else "SLACK_SIGNING_SECRET")
    if "KICKSCALE_API_KEY" not in setup.values:
        echo(CREATE_KEY.rstrip())
    setup.ask("KICKSCALE_API_KEY", "KICKSCALE_CLIENT_ID")
    setup.ask("KICKSCALE_API_KEY_CREATED")
    if setup.doubtful:
        echo(f"\n{file} has everything, but not all of it works yet: {', '.join(setup.doubtful)}.{DONE}".rstrip())
    else:
        echo(f"\n{file} is complete.{DONE}".rstrip())


class _Setup:
    """The settings in the file and those that were entered."""

    def __init__(self, file: Path, *, offline: bool) -> None:
        from bot.config.environment import check_environment, read_environment
        from bot.errors import ConfigError

        check_environment()
        from_file, from_environment = read_environment(file)
        self._in_file = {name.upper(): value for name, value in from_file.items() if value.strip()}
        self.values = dict(self._in_file)
        self._environment = from_environment
        self._file = file
        self._offline = offline
        self.doubtful: list[str] = []
        """What was kept although a check failed."""
        if not file.parent.is_dir():  # before anything is typed
            raise ConfigError(str(file), f"can't be written to: there is no folder {file.parent}. Create it first.")

    def ask(self, *names: str) -> None:
        """Ask for settings that are checked together, until they are good or somebody wants them as they are."""
        while True:
            entered = {name: self._enter(name) for name in names}
            if not self._find_problems(entered):
                break
            if not click.confirm("Enter it again? (No keeps it as it is.)", default=True):
                self.doubtful += names
                break
            for name in names:
                self.values.pop(name, None)
        for name, value in entered.items():
            self._write(name, value)

    def _write(self, name: str, value: str) -> None:
        from bot.config.env_file import write_setting

        if value and value != self._in_file.get(name):
            write_setting(self._file, name, value)
        self.values[name] = value

    def _enter(self, name: str) -> str:
        """Return the value to use: the one in the file, or what was typed."""
        if self._environment.get(name.lower()):
            echo(f"{name} is set in the environment too, which overrides {self._file}.", err=True)
        there = self.values.get(name, "")
        if there and (error := self._find_error(name, there)):
            echo(error, err=True)
        elif there and not click.confirm(f"{name} is in {self._file} already. Replace it?", default=False):
            return there
        while error := self._find_error(name, value := self._read(name)):
            echo(error, err=True)
        return value

    def _read(self, name: str) -> str:
        """Return what was typed or pasted; empty only if the setting is optional."""
        while True:
            prompt = f"{name} ({WHERE[name]})"
            hidden = name not in SHOWN and sys.stdin.isatty()
            value: str = click.prompt(prompt, default="", show_default=False, hide_input=hidden).strip()
            if value or name in OPTIONAL:
                return value

    def _find_error(self, name: str, value: str) -> str:
        from bot.config.settings import Settings
        from bot.errors import ConfigError

        try:
            Settings.explicit(**{name.lower(): value})
        except ConfigError as exc:
            return str(exc)
        return ""

    def _find_problems(self, entered: Mapping[str, str]) -> "Sequence[Check]":
        """Print what Slack or Kickscale says about settings, and return what is wrong with them."""
        from bot.app.entered import check_created, check_entered
        from bot.config.settings import Settings
        from bot.observe import logs

        settings = Settings.explicit(**{**self._context(), **{name.lower(): value for name, value in entered.items()}})
        logs.configure("ERROR", "text", settings.secrets())
        checks = check_created(settings)
        if not self._offline:
            checks = [*checks, *asyncio.run(check_entered(settings, tuple(entered)[-1]))]
        for check in checks:
            remedy = f". {check.remedy}" if check.remedy else ""
            echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}{remedy}")
        return [check for check in checks if not check.ok and check.name != "clock"]

    def _context(self) -> Mapping[str, str]:
        """Return what a check needs besides what is asked for: what was entered before, too."""
        found = {name: self._environment.get(name) or self.values.get(name.upper()) for name in _CONTEXT}
        return {name: value for name, value in found.items() if value}


_CONTEXT = ("slack_api_url", "kickscale_base_url", "slack_bot_token")
