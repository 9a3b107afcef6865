"""What the command line prints: the words of people, files and services in it can't steer a terminal."""

import click


def echo(text: str = "", *, err: bool = False) -> None:
    """Print a text of one or several lines."""
    click.echo(clean(text), err=err)


def dump(text: str) -> None:
    """Print what is for machines as it is: whatever wrote it as JSON or YAML has escaped what steers a terminal."""
    click.echo(text, nl=not text.endswith("\n"))


def clean(text: str) -> str:
    """The text in its lines, for what click itself prints."""
    return "\n".join(map(printable, text.split("\n")))


def printable(text: str) -> str:
    """The text without what steers a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
