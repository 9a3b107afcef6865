"""The output of commands for scripts: with `--json`, one JSON document on stdout, also for an error."""

import json
from typing import Any

import click

from bot.tools.terminal import dump

OPTION = "--json"

json_option = click.option(OPTION, "as_json", is_flag=True, help="Print one JSON object on stdout, for scripts.")


def dump_json(document: Any) -> None:
    """Print a document. Control characters are escaped."""
    dump(json.dumps(document, indent=2))


def dump_error(sentence: str) -> None:
    """Print what went wrong, instead of the document of a command."""
    dump_json({"ok": False, "error": sentence})
