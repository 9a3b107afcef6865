"""The text after `/kickscale` as a command. The table `COMMANDS` is for both parsing and help."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot import domains
from bot.commands.arguments import Narrowed, Narrowing, customers, days_or_default, read_domains
from bot.commands.atoms import date_words
from bot.commands.calendar_periods import period_start
from bot.commands.customers import NOBODY, CustomerNames
from bot.commands.digest import read_digest, read_follow, read_unfollow
from bot.commands.lexicon.every import WORDS
from bot.commands.lexicon.words import Words
from bot.commands.misreadings import looks_like_id
from bot.commands.naming import SLASH_COMMAND, find_command, meaningful, move_behind_name, plain_word
from bot.commands.reading import LISTS, Effort, Reading, joined
from bot.commands.search import Searching
from bot.commands.tokens import Token, readable, tokens
from bot.errors import CommandError, Suggestion
from bot.model.commands import (
    Command,
    CustomersCommand,
    Days,
    Filters,
    HelpCommand,
    ListCommand,
    SearchCommand,
    ShowCommand,
    StartCommand,
    StatsCommand,
    StatusCommand,
    UploadsCommand,
    WhyCommand,
)
from bot.model.conversation import Kind
from bot.tools.spelling import fold, nearest

MAX_LENGTH = 10_000
"""The longest command, in characters. Nobody types more, and parsing more would take too long."""
TOPICS = ("dates", "filters", "domains")
"""What `help` explains in addition to the commands."""
MOST_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Syntax:
    """A command: how it is written after `/kickscale`, and its reader."""

    name: str
    usage: str
    example: str
    read: Callable[[Reading], Command]
    filters: frozenset[str] = frozenset()
    """The filters that apply to it."""

    @property
    def summary(self) -> str:
        """The key of its summary in the text catalogue."""
        return f"help.summary.{self.name}"


@dataclass(frozen=True, slots=True)
class Parsed:
    command: Command
    others: tuple[Suggestion, ...] = ()
    """Other ways to understand what was typed."""


@dataclass(frozen=True, slots=True)
class Asker:
    """What the parser needs to know about the person who typed the command."""

    today: date
    """In their time zone."""
    user: str = ""
    """Their Slack id, for `my calls`."""
    customers: CustomerNames = NOBODY
    """Those that they may know."""


def parse(
    text: str, *, today: date, asker: str = "", customers: CustomerNames = NOBODY, words: Words = WORDS
) -> Command:
    """Return the command in `text`: see `read_command`."""
    return read_command(text, Asker(today, asker, customers), words).command


def read_command(text: str, asker: Asker, words: Words = WORDS) -> Parsed:
    """Return the command in `text`, which is what follows `/kickscale` as Slack sends it.

    Raises only CommandError, whose suggestions can be run.
    """
    effort = Effort()
    parsed = _read(text, asker, words, effort)
    return replace(parsed, others=_runnable(parsed.others, asker, words, effort))


def _read(text: str, asker: Asker, words: Words, effort: Effort) -> Parsed:
    """Do the same, but some of the other ways to understand the command may not be runnable."""
    try:
        return _parse(text, asker, words, effort)
    except CommandError as error:
        error.typed = readable(text[:MAX_LENGTH])
        error.example = f"{SLASH_COMMAND} {error.example or COMMANDS[0].example}"
        error.suggestions = _runnable(error.suggestions, asker, words, effort)
        raise


def _runnable(suggestions: Iterable[Suggestion], asker: Asker, words: Words, effort: Effort) -> tuple[Suggestion, ...]:
    """Return the suggestions that can be run; of one that contains another mistake, its own suggestions."""
    found: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        if len(found) >= MOST_SUGGESTIONS or not effort.readings:
            break
        effort.readings -= 1
        try:
            _read(suggestion.text, asker, words, effort)
        except CommandError as error:
            found |= {other.text: other for other in error.suggestions}
        else:
            found[suggestion.text] = suggestion
    return tuple(found.values())[:MOST_SUGGESTIONS]


def _parse(text: str, asker: Asker, words: Words, effort: Effort) -> Parsed:
    if len(text) > MAX_LENGTH:
        raise CommandError("", "long", {"limit": f"{MAX_LENGTH:,}"})
    typed = tokens(text)
    if not typed:
        return Parsed(StartCommand())
    others: dict[Suggestion, None] = {}

    def reading(syntax: Syntax, rest: list[Token]) -> Reading:
        return Reading(
            syntax.name, syntax.filters, rest, asker.today, words, asker.user, asker.customers, others, effort
        )

    def read(name: str, rest: list[Token]) -> Parsed:
        syntax = COMMAND[name]
        try:
            command = syntax.read(reading(syntax, rest))
        except CommandError as error:
            error.example = error.example or syntax.example
            raise
        return Parsed(command, tuple(others))

    candidates = _candidates(typed, words)
    if not candidates and not meaningful(typed, words):
        return Parsed(StartCommand())
    if not candidates:
        raise _unknown_command(typed, reading)
    for name, rest in candidates[:-1]:
        try:
            return read(name, rest)
        except CommandError:
            others.clear()
    return read(*candidates[-1])


def _candidates(typed: list[Token], words: Words) -> list[tuple[str, list[Token]]]:
    """Return the names of the commands that this may be, with the tokens after them; only the last one if it fails."""
    name = words.commands.get(fold(typed[0].text))
    if name is not None:
        listed = _found_list(typed, words)
        found = [] if listed is None else [(words.commands[plain_word(typed[listed])], typed[listed + 1 :])]
        return [*found, (name, typed[1:])]
    place = find_command(typed, words)
    if place is None:
        return []
    before, after = move_behind_name(typed, place, words) or [], typed[place + 1 :]
    name = words.commands[plain_word(typed[place])]
    is_list = before or not any(looks_like_id(token.text) for token in after)
    return [(LISTS.get(name, name) if is_list else name, [*before, *after])]


def _found_list(typed: list[Token], words: Words) -> int | None:
    """Return where a list is named in `find me the calls with acme`; None in a search."""
    if fold(typed[0].text) not in words.finding:
        return None
    place = next((place for place, token in enumerate(typed[1:], 1) if meaningful([token], words)), None)
    is_list = place is not None and words.commands.get(plain_word(typed[place])) in LISTS.values()
    return place if is_list else None


def topics() -> tuple[str, ...]:
    """Return what `help` has a text for: every command, and what they have in common."""
    return (*(syntax.name for syntax in COMMANDS), *TOPICS)


def lookup(name: str) -> Syntax | None:
    """Return the command with this name; None if there is none."""
    return COMMAND.get(name)


def _unknown_command(typed: list[Token], reading: Callable[[Syntax, list[Token]], Reading]) -> CommandError:
    word = typed[0].text
    of_list = reading(COMMANDS[0], typed)
    words, rest = of_list.words, of_list.without_fillers()
    is_known = fold(word) in (*words.fillers, *words.mine, *words.me, *words.bare_values, *date_words(words))
    near = None if is_known else nearest(word, words.commands)
    suggestions = []
    if near is not None:
        suggestions.append(reading(COMMAND[of_list.words.commands[near]], typed[1:]).replace((), "", command=near))
    elif ids := [*filter(_looks_like_id, rest)]:
        suggestions += [Suggestion(f"{name} {ids[0].text}", f"{name} {ids[0].text}") for name in LISTS]
    elif rest:
        # These may be the arguments of a list, without its command.
        first = next(place for place, token in enumerate(of_list.trimmed) if _begins_arguments(of_list, token))
        of_list = replace(of_list, tokens=of_list.trimmed[first:])
        suggestions += [of_list.replace((), "", command=name) for name in LISTS.values()]
    return of_list.error("command", suggestions=suggestions, word=word)


def _begins_arguments(reading: Reading, token: Token) -> bool:
    return not reading.is_filler(token) or fold(token.text) in reading.words.between


# ---- one reader for each command -----------------------------------------------------------------------------------


def _list(kind: Kind, reading: Reading) -> ListCommand:
    return _listed(kind, reading, Narrowing(reading).read())


def _listed(kind: Kind, reading: Reading, narrowed: Narrowed) -> ListCommand:
    filters = Filters(words=tuple(narrowed.words), **narrowed.filters)
    return ListCommand(kind, days_or_default(reading, narrowed), customers(narrowed), filters)


def _show(kind: Kind, reading: Reading) -> ShowCommand | ListCommand:
    """An id; or a domain, or several words, which mean a list."""
    if not reading.tokens:
        suggestions = [Suggestion(LISTS[reading.command], LISTS[reading.command])]
        raise reading.error("id_missing", suggestions=suggestions)
    of_list = replace(reading, command=LISTS[reading.command], filters=COMMAND[LISTS[reading.command]].filters)
    if (id_ := _id(reading)) is not None:
        for domain in reading.customers.matching(id_) if len(reading.trimmed) == 1 else ():
            of_list.offer((0,), domain, domains.display(domain))
        return ShowCommand(kind, id_)
    try:
        return _list(kind, of_list)
    except CommandError as error:
        raise reading.error("id", suggestions=error.suggestions, word=joined(reading.tokens)) from None


def _id(reading: Reading) -> str | None:
    """Return the only token as it was typed, unless it is a domain. Among other words it has to look like an id."""
    only = reading.tokens if len(reading.tokens) == 1 else reading.without_fillers()
    if len(only) != 1 or read_domains(only[0]) or not only[0].text or " " in only[0].text:
        return None
    return only[0].text if len(reading.tokens) == 1 or looks_like_id(only[0].text) else None


def _search(reading: Reading) -> SearchCommand:
    narrowed = Searching(reading).read()
    filters = Filters(**narrowed.filters)
    if narrowed.words:
        return SearchCommand(tuple(narrowed.words), narrowed.days, customers(narrowed), filters)
    if not (mentioned := customers(narrowed)):
        raise reading.error("search_empty")
    return SearchCommand(mentioned, narrowed.days, filters=filters)


def _stats(reading: Reading) -> StatsCommand:
    narrowed = Narrowing(reading).read()
    if narrowed.words:
        raise reading.error("extra", word=narrowed.words[0])
    return StatsCommand(narrowed.days or _quarter(reading.today), customers(narrowed))


def _quarter(today: date) -> Days:
    """Return the quarter so far."""
    return Days(period_start("quarter", today), today)


def _customers(reading: Reading) -> CustomersCommand:
    reading.refuse_rest(reading.trimmed)
    return CustomersCommand()


def _why(reading: Reading) -> WhyCommand:
    if not reading.tokens:
        raise reading.error("id_missing")
    given = reading.tokens if len(reading.tokens) == 1 else [*filter(_looks_like_id, reading.trimmed)]
    if len(given) != 1 or not given[0].text or " " in given[0].text:
        raise reading.error("id", word=joined(reading.tokens))
    return WhyCommand(given[0].text)


def _looks_like_id(token: Token) -> bool:
    return looks_like_id(token.text)


def _status(reading: Reading) -> StatusCommand:
    reading.refuse_rest(reading.trimmed)
    return StatusCommand()


def _help(reading: Reading) -> HelpCommand:
    """The first word decides: `help digest add` is `help digest`."""
    known = {**reading.words.commands, **reading.words.topics}
    rest = [token for token in reading.trimmed if fold(token.text) in known or not reading.is_filler(token)]
    rest = [token for token in rest if fold(token.text) not in reading.words.me]
    if not rest:
        return HelpCommand()
    word = rest[0].text
    topic = known.get(fold(word))
    if topic is None:
        near = nearest(word, known)
        suggestions = [Suggestion(f"help {near}", f"help {near}")] if near else []
        raise reading.error("topic", suggestions=suggestions, word=word, known=", ".join(topics()))
    return HelpCommand(topic)


def _uploads(reading: Reading) -> UploadsCommand:
    action, rest = reading.action(reading.words.uploads)
    if action == "on" and rest and reading.words.uploads.get(fold(rest[0].text)) == "auto":
        action, rest = "auto", rest[1:]
    if action == "auto" and rest and reading.words.uploads.get(fold(rest[0].text)) == "on":
        rest = rest[1:]
    reading.refuse_rest(rest)
    return UploadsCommand(action)


# ---- the table -----------------------------------------------------------------------------------------------------

_FILTERS = frozenset({"owner", "scope", "type", "language", "outcome", "sort", "words"})
COMMANDS: tuple[Syntax, ...] = (
    Syntax(
        name="calls",
        usage="calls [CUSTOMER …] [RANGE] [FILTER …]",
        example="calls acme.com last-week",
        read=functools.partial(_list, Kind.CALL),
        filters=_FILTERS | {"direction"},
    ),
    Syntax(
        name="meetings",
        usage="meetings [CUSTOMER …] [RANGE] [FILTER …]",
        example="meetings acme.com last-week",
        read=functools.partial(_list, Kind.MEETING),
        filters=_FILTERS,
    ),
    Syntax(
        name="call",
        usage="call ID",
        example="call c-1042",
        read=functools.partial(_show, Kind.CALL),
    ),
    Syntax(
        name="meeting",
        usage="meeting ID",
        example="meeting m-1042",
        read=functools.partial(_show, Kind.MEETING),
    ),
    Syntax(
        name="digest",
        usage="digest add CUSTOMER … [at HH:MM] [on DAYS] [tz ZONE] [lang:en|de] [empty]"
        " | add CUSTOMER … live [lang:en|de] | list | remove … | pause … | resume … | preview …",
        example="digest add acme.com at 8:30 on weekdays",
        read=read_digest,
    ),
    Syntax(
        name="follow",
        usage="follow CUSTOMER …",
        example="follow acme.com",
        read=read_follow,
    ),
    Syntax(
        name="unfollow",
        usage="unfollow CUSTOMER …",
        example="unfollow acme.com",
        read=read_unfollow,
    ),
    Syntax(
        name="uploads",
        usage="uploads on | auto | off | status",
        example="uploads on",
        read=_uploads,
    ),
    Syntax(
        name="search",
        usage="search WORDS [CUSTOMER …] [RANGE] [FILTER …]",
        example='search "renewal price" acme.com this-quarter',
        read=_search,
        filters=_FILTERS - {"sort"} | {"direction"},
    ),
    Syntax(
        name="stats",
        usage="stats [CUSTOMER …] [RANGE]",
        example="stats acme.com this-month",
        read=_stats,
    ),
    Syntax(name="customers", usage="customers", example="customers", read=_customers),
    Syntax(name="why", usage="why ID", example="why c-1042", read=_why),
    Syntax(name="status", usage="status", example="status", read=_status),
    Syntax(name="help", usage="help [TOPIC]", example="help dates", read=_help),
)
COMMAND = {syntax.name: syntax for syntax in COMMANDS}
