"""The text after `/kickscale` as a command. The table `COMMANDS` is for both parsing and help."""

import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.commands.arguments import Reading, customers, days_or_default, joined, narrow
from bot.commands.digest import read_digest
from bot.commands.lexicon.en import EN
from bot.commands.lexicon.words import Words
from bot.commands.tokens import Token, readable, tokens
from bot.errors import CommandError
from bot.model.commands import (
    Command,
    DigestAddCommand,
    DigestCommand,
    Filters,
    HelpCommand,
    ListCommand,
    SearchCommand,
    ShowCommand,
    StatsCommand,
    StatusCommand,
    UploadsCommand,
    WhyCommand,
)
from bot.model.conversation import Kind
from bot.tools.spelling import fold, nearest

SLASH_COMMAND = "/kickscale"
MAX_LENGTH = 10_000
"""The longest command, in characters. Nobody types more, and parsing more would take too long."""
TOPICS = ("dates", "filters", "domains")
"""What `help` explains in addition to the commands."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A command: how it is written after `/kickscale`, and its reader."""

    name: str
    usage: str
    example: str
    makes: tuple[type[Command], ...]
    read: Callable[[Reading], Command]
    filters: frozenset[str] = frozenset()
    """The filters that apply to it."""

    @property
    def summary(self) -> str:
        """The key of its summary in the text catalogue."""
        return f"help.summary.{self.name}"


def parse(text: str, *, today: date, words: Words = EN) -> Command:
    """Return the command in `text`, which is what follows `/kickscale` as Slack sends it.

    `today` is the date in the asker's time zone. An empty text means `help`. Raises only CommandError.
    """
    try:
        return _parse(text, today, words)
    except CommandError as error:
        error.typed = readable(text[:MAX_LENGTH])
        error.example = f"{SLASH_COMMAND} {error.example or COMMANDS[0].example}"
        raise


def _parse(text: str, today: date, words: Words) -> Command:
    if len(text) > MAX_LENGTH:
        raise CommandError("", "long", {"limit": f"{MAX_LENGTH:,}"})
    typed = tokens(text)
    if not typed:
        return HelpCommand()
    syntax = lookup(words.commands.get(fold(typed[0].text), ""))
    if syntax is None:
        raise _unknown_command(typed, text, today, words)
    try:
        return syntax.read(Reading(syntax.name, syntax.filters, typed[1:], today, words))
    except CommandError as error:
        error.example = error.example or syntax.example
        raise


def command_name(command: Command) -> str:
    """Return the name in `COMMANDS` of a parsed command."""
    match command:
        case ListCommand(kind=kind):
            return f"{kind}s"
        case ShowCommand(kind=kind):
            return str(kind)
        case _:
            return next(syntax.name for syntax in COMMANDS if type(command) in syntax.makes)


def topics() -> tuple[str, ...]:
    """Return what `help` has a text for: every command, and what they have in common."""
    return (*(syntax.name for syntax in COMMANDS), *TOPICS)


def lookup(name: str) -> Syntax | None:
    """Return the command with this name; None if there is none."""
    return next((syntax for syntax in COMMANDS if syntax.name == name), None)


def _unknown_command(typed: list[Token], text: str, today: date, words: Words) -> CommandError:
    word, calls = typed[0].text, COMMANDS[0]
    suggestion = nearest(word, words.commands)
    if suggestion is None:
        with contextlib.suppress(CommandError):  # these are the arguments of a list, without its command
            calls.read(Reading(calls.name, calls.filters, typed, today, words))
            suggestion = f"{calls.name} {readable(text)}"
    return CommandError("", "command", {"word": word}, suggestion)


# ---- one reader for each command -----------------------------------------------------------------------------------


def _list(kind: Kind, reading: Reading) -> ListCommand:
    narrowed = narrow(reading)
    filters = Filters(words=tuple(narrowed.words), **narrowed.filters)
    return ListCommand(kind, days_or_default(reading, narrowed), customers(narrowed), filters)


def _show(kind: Kind, reading: Reading) -> ShowCommand:
    return ShowCommand(kind, reading.id())


def _search(reading: Reading) -> SearchCommand:
    narrowed = narrow(reading, bare=True)
    if not narrowed.words:
        raise reading.error("search_empty")
    return SearchCommand(tuple(narrowed.words), days_or_default(reading, narrowed), customers(narrowed))


def _stats(reading: Reading) -> StatsCommand:
    narrowed = narrow(reading)
    if narrowed.words:
        raise reading.error("extra", word=narrowed.words[0])
    return StatsCommand(days_or_default(reading, narrowed), customers(narrowed))


def _why(reading: Reading) -> WhyCommand:
    return WhyCommand(reading.id())


def _status(reading: Reading) -> StatusCommand:
    reading.nothing_more(reading.trimmed())
    return StatusCommand()


def _help(reading: Reading) -> HelpCommand:
    """The first word decides: `help digest add` is `help digest`."""
    rest = reading.trimmed()
    if not rest:
        return HelpCommand()
    known = {**reading.words.commands, **reading.words.topics}
    word = rest[0].text
    topic = known.get(fold(word))
    if topic is None:
        raise reading.error("topic", suggestion=nearest(word, known), word=word, known=", ".join(topics()))
    return HelpCommand(topic)


def _uploads(reading: Reading) -> UploadsCommand:
    known = "on, on auto, off, status"
    action, rest = reading.action(reading.words.uploads, known)
    if action == "auto":
        raise reading.error("action", suggestion="on auto", word=joined(reading.tokens), actions=known)
    if action == "on" and rest and reading.words.uploads.get(fold(rest[0].text)) == "auto":
        action, rest = "auto", rest[1:]
    reading.nothing_more(rest)
    return UploadsCommand(action)


# ---- the table -----------------------------------------------------------------------------------------------------

_FILTERS = frozenset({"owner", "scope", "type", "language", "outcome", "sort"})

COMMANDS: tuple[Syntax, ...] = (
    Syntax(
        name="calls",
        usage="calls [DOMAIN …] [RANGE] [FILTER …]",
        example="calls acme.com last-week",
        makes=(ListCommand,),
        read=functools.partial(_list, Kind.CALL),
        filters=_FILTERS | {"direction"},
    ),
    Syntax(
        name="meetings",
        usage="meetings [DOMAIN …] [RANGE] [FILTER …]",
        example="meetings acme.com last-week",
        makes=(ListCommand,),
        read=functools.partial(_list, Kind.MEETING),
        filters=_FILTERS,
    ),
    Syntax(
        name="call",
        usage="call ID",
        example="call c-1042",
        makes=(ShowCommand,),
        read=functools.partial(_show, Kind.CALL),
    ),
    Syntax(
        name="meeting",
        usage="meeting ID",
        example="meeting m-1042",
        makes=(ShowCommand,),
        read=functools.partial(_show, Kind.MEETING),
    ),
    Syntax(
        name="digest",
        usage="digest add DOMAIN … [at HH:MM] [on DAYS] [tz ZONE] [lang:en|de] [empty] | add DOMAIN … live [lang:en|de]"
        " | list | remove DOMAIN | pause DOMAIN | resume DOMAIN | preview DOMAIN",
        example="digest add acme.com at 8:30 on weekdays",
        makes=(DigestAddCommand, DigestCommand),
        read=read_digest,
    ),
    Syntax(
        name="uploads",
        usage="uploads on | on auto | off | status",
        example="uploads on",
        makes=(UploadsCommand,),
        read=_uploads,
    ),
    Syntax(
        name="search",
        usage="search WORDS [DOMAIN] [RANGE]",
        example='search "renewal price" acme.com this-quarter',
        makes=(SearchCommand,),
        read=_search,
    ),
    Syntax(
        name="stats",
        usage="stats [DOMAIN] [RANGE]",
        example="stats acme.com this-month",
        makes=(StatsCommand,),
        read=_stats,
    ),
    Syntax(name="why", usage="why ID", example="why c-1042", makes=(WhyCommand,), read=_why),
    Syntax(name="status", usage="status", example="status", makes=(StatusCommand,), read=_status),
    Syntax(name="help", usage="help [TOPIC]", example="help dates", makes=(HelpCommand,), read=_help),
)
