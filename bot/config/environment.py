"""Reads the environment, and checks the variables that libraries read, before one of them fails on a bad value."""

import os
from collections.abc import Container, Iterable, Mapping
from io import StringIO
from pathlib import Path

from bot.errors import ConfigError
from bot.tools.spelling import fold, nearest
from bot.tools.terminal import echo

Values = Mapping[str, str]
"""By name, in lower case. Names are read in upper and lower case."""
PREFIXES = ("slack_", "kickscale_")


def read_environment(env_file: str | Path | None) -> tuple[Values, Values]:
    """Return what is in `env_file`, if there is such a file, and what is in the environment. Raises ConfigError."""
    from_file: Mapping[str, str | None] = {}
    try:
        if env_file is not None and Path(env_file).is_dir():
            raise ConfigError(str(env_file), "is a folder. Rename it, and put the settings into a file of that name.")
        if env_file is not None and Path(env_file).exists():  # not only a file: password managers provide a pipe
            # What Windows' Notepad saves begins with a byte order mark.
            from_file = _parse(str(env_file), Path(env_file).read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(str(env_file), "isn't UTF-8 text. Save it as UTF-8.") from None
    except OSError as exc:
        raise ConfigError(str(env_file), f"can't be read ({exc.strerror}). Make it readable or remove it.") from None
    return _lowered(from_file), _lowered(os.environ)


def _parse(name: str, text: str) -> Mapping[str, str | None]:
    """Return the values in a `.env` file. Raises ConfigError for a line that can't be read: dotenv would skip it."""
    from dotenv import dotenv_values  # noqa: PLC0415 where a platform sets the environment, there is no file
    from dotenv.parser import parse_stream  # noqa: PLC0415 likewise

    for binding in parse_stream(StringIO(text)):
        if binding.error:
            line = f"line {binding.original.line} isn't NAME=VALUE, or lacks a closing quotation mark"
            raise ConfigError(name, f"can't be read: {line}. Correct or remove it.")
    return dotenv_values(stream=StringIO(text))


def find_unknown(values: Iterable[str], from_file: Container[str], settings: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence about each of `values` that looks like one of the `settings` and isn't one.

    These are names; only those `from_file` are certainly meant for the bot. In the environment, other programs' are
    too, so there it takes a prefix that the bot's settings have.
    """
    known = set(settings)
    unset = {fold(name): name for name in known.difference(values)}
    sentences = []
    for name in sorted(set(values) - known):
        near = nearest(name, unset)
        if name.startswith(PREFIXES) or (near and name in from_file):
            instead = f" Did you mean {unset[near].upper()}?" if near else ""
            sentences.append(f"{name.upper()} isn't one of the bot's settings, so it's ignored.{instead}")
    return tuple(sentences)


def _lowered(values: Mapping[str, str | None]) -> Values:
    return {name.lower(): value for name, value in values.items() if value is not None}


def check_environment() -> None:
    """Raise ConfigError for a proxy or certificates that can't be used."""
    from bot.tools.proxies import find_unusable_proxy  # noqa: PLC0415 so that --help need not wait for its imports

    if variable := find_unusable_proxy():
        remedy = (
            "must be an HTTP proxy like http://proxy.example.com:3128; the bot supports no other kind. "
            "Correct or unset it."
        )
        raise ConfigError(variable, remedy)
    if file := os.environ.get("SSL_CERT_FILE"):
        import ssl  # noqa: PLC0415 likewise

        try:
            ssl.create_default_context(cafile=file)
        except OSError:  # also ssl.SSLError, if it isn't PEM
            remedy = f"is {file}, which can't be read as a PEM file of certificates. Correct or unset it."
            raise ConfigError("SSL_CERT_FILE", remedy) from None
    if (folders := os.environ.get("SSL_CERT_DIR")) and not any(map(os.path.isdir, folders.split(os.pathsep))):
        raise ConfigError("SSL_CERT_DIR", f"is {folders}, which isn't a folder. Correct or unset it.")


def drop_unusable_key_log() -> None:
    """Unset an SSLKEYLOGFILE that can't be written, and say so.

    Python's ssl would fail on it whenever a library sets up TLS (aiohttp does when it is imported).
    """
    if file := os.environ.get("SSLKEYLOGFILE"):
        try:
            Path(file).open("ab").close()  # ssl creates the file too
        except OSError as exc:
            del os.environ["SSLKEYLOGFILE"]
            echo(f"SSLKEYLOGFILE is ignored: {file} can't be written ({exc.strerror}).", err=True)
