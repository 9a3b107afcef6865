"""What the command line prints, without control characters from people, files or services."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar


def echo(text: str = "", *, err: bool = False) -> None:
    """Print one or several lines."""
    click.echo(clean(text), err=err)


def echo_marked(mark: str, text: str, colour: str) -> None:
    """Print a line that begins with a word in a colour, if the terminal has colours."""
    click.echo(click.style(clean(mark), fg=colour, bold=True) + clean(text))


def dump(text: str) -> None:
    """Print JSON or YAML as it is: its writer has escaped control characters."""
    click.echo(text, nl=not text.endswith("\n"))


def progress_bar(length: int, label: str) -> "ProgressBar[int]":
    """Return a bar for a terminal, on stderr: stdout is for results. Elsewhere it shows nothing."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def clean(text: str) -> str:
    """Return the text with its lines but without other control characters, for what click itself prints."""
    return "\n".join(map(printable, text.split("\n")))


def printable(text: str) -> str:
    """Return the text with control characters escaped, and no-break spaces as plain ones."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def is_text(argument: str) -> bool:
    """Return whether an argument or a file's name is valid UTF-8.

    Python represents other bytes as lone surrogates, which can neither be stored nor sent.
    """
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True
