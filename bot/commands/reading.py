"""What the readers of all commands share: the tokens after the command's name, and errors with suggestions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from bot import domains
from bot.commands.atoms import date_words
from bot.commands.customers import CustomerNames
from bot.commands.lexicon.words import Words
from bot.commands.tokens import Token
from bot.errors import CommandError, Suggestion
from bot.tools.spelling import fold, nearest

MOST_OTHERS = 10
"""How many other ways to understand a command are noted: few are offered, and each is as long as the command."""
MOST_LOOKUPS = 10
"""For how many words customers with similar names are looked up: each time, all names are gone through."""
MOST_READINGS = 30
"""How many suggestions are read to find the few that can be run: each may lead to others."""
LISTS = {"call": "calls", "meeting": "meetings"}
"""The command that shows one conversation, and the one that lists several."""


@dataclass
class Effort:
    """What the readings of a text and of all its suggestions share, so that no text takes long."""

    readings: int = MOST_READINGS
    """How many suggestions may still be read."""
    similar: dict[str, list[str]] = field(default_factory=dict)
    """By words: the domains of customers with similar names, as far as they were looked for."""


@dataclass(frozen=True)
class Reading:
    """The tokens after the command's name, and what is needed to read them."""

    command: str
    filters: frozenset[str]
    """The filters that apply to the command."""
    tokens: list[Token]
    today: date
    words: Words
    asker: str = ""
    """The Slack user who typed it."""
    customers: CustomerNames = field(default_factory=CustomerNames)
    others: dict[Suggestion, None] = field(default_factory=dict)
    """Other ways to understand a command that was understood."""
    effort: Effort = field(default_factory=Effort)

    @cached_property
    def trimmed(self) -> list[Token]:
        """Return the tokens without the commas between them."""
        return [token for token in (token.trimmed() for token in self.tokens) if token.parts]

    def error(
        self,
        reason: str,
        *,
        at: Sequence[int] = (),
        instead: Iterable[str] = (),
        suggestions: Iterable[Suggestion] = (),
        example: str | None = None,
        **values: str,
    ) -> CommandError:
        """Return an error. Each text in `instead` may be meant rather than the trimmed tokens from `at[0]` to `at[-1]`.

        `bot.commands.registry.parse` adds what was typed, and by default the command's example.
        """
        replaced = tuple(self.replace(at, text) for text in instead) if at else ()
        return CommandError(
            "", reason, {"command": self.command, **values}, suggestions=(*suggestions, *replaced), example=example
        )

    def misread(self, error: CommandError, at: Sequence[int]) -> CommandError:
        """Turn an error about dates into one about the command, with whole commands as suggestions."""
        suggestions = tuple(self.replace(at, text) for text in error.instead)
        return CommandError("", error.reason, {"command": self.command, **error.values}, suggestions=suggestions)

    def replace(self, at: Sequence[int], text: str, shown: str = "", *, command: str = "") -> Suggestion:
        """Return the whole command with this text in the place of the trimmed tokens from `at[0]` to `at[-1]`."""
        tokens = self.trimmed
        before, after = (tokens[: at[0]], tokens[at[-1] + 1 :]) if at else (tokens, [])
        name = command or self.command
        return Suggestion(
            " ".join(
                [name, *(token.markup for token in before), *filter(None, [text]), *(token.markup for token in after)]
            ),
            " ".join(
                [
                    name,
                    *(token.shown for token in before),
                    *filter(None, [shown or text]),
                    *(token.shown for token in after),
                ]
            ),
        )

    def offer(self, at: Sequence[int], text: str, shown: str) -> None:
        """Note the whole command with this text instead (see `replace`) as another way to understand it."""
        if len(self.others) < MOST_OTHERS:
            self.others[self.replace(at, text, shown)] = None

    def offer_similar(self, at: int, word: str) -> None:
        """Note the customers that are spelled like this word as other ways to understand it."""
        if word in self.effort.similar or len(self.effort.similar) < MOST_LOOKUPS:
            for domain in self.similar(word):
                self.offer((at,), domain, domains.display(domain))

    def similar(self, word: str) -> list[str]:
        """Return the domains of customers that are spelled like this word."""
        if word not in self.effort.similar:
            self.effort.similar[word] = self.customers.near(word)
        return self.effort.similar[word]

    def is_filler(self, token: Token) -> bool:
        return isinstance(token.sole, str) and _bare(token) in self.words.fillers

    def finds_exactly(self, window: Sequence[Token]) -> bool:
        """Return whether these tokens only count as a customer's whole name: the first or last may belong to a date.

        In `acme ab 1.11.`, `ab` isn't a legal form.
        """
        edges = (window[0], window[-1])
        return any(self.is_filler(token) for token in edges) or fold(window[-1].text) in self.date_words

    @cached_property
    def date_words(self) -> frozenset[str]:
        return date_words(self.words)

    def several_named(self, token: Token) -> list[str]:
        """Return the domains of the customers in `acme,globex`; none unless each part names one."""
        parts = token.text.split(",") if isinstance(token.sole, str) and "," in token.text else []
        found = [self.customers.matching(part) for part in parts]
        return [domains[0] for domains in found] if all(len(domains) == 1 for domains in found) else []

    def without_fillers(self) -> list[Token]:
        return [token for token in self.trimmed if not self.is_filler(token)]

    def refuse_rest(self, rest: list[Token], example: str | None = None) -> None:
        """Raise CommandError if these last tokens say anything, with the command without them as a suggestion."""
        known = self.trimmed[: len(self.trimmed) - len(rest)]
        rest = [token for token in rest if not self.is_filler(token)]
        if rest:
            without_rest = replace(self, tokens=known).replace((), "")
            raise self.error("extra", suggestions=[without_rest], example=example, word=joined(rest))

    def action(self, actions: Mapping[str, str], likely: Sequence[str] = ()) -> tuple[str, list[Token]]:
        """Return the action after the command's name, and the tokens after it.

        If it was left out (`digest acme.com`), the `likely` ones are suggested.
        """
        tokens, known = self.trimmed, tuple(dict.fromkeys(actions.values()))
        shown = ", ".join(known)
        while len(tokens) > 1 and _bare(tokens[0]) not in actions and self.is_filler(tokens[0]):
            tokens = tokens[1:]
        if not tokens or (self.is_filler(tokens[0]) and not nearest(tokens[0].text, actions)):
            texts = [f"{self.command} {name}" for name in known]
            raise self.error("action_missing", suggestions=[Suggestion(text, text) for text in texts], actions=shown)
        word = tokens[0].text
        action = actions.get(_bare(tokens[0]))
        if action is None:
            place = len(self.trimmed) - len(tokens)
            near = nearest(word, actions)
            # Without anything similar the action was left out: `digest acme.com`.
            left_out = [
                self.replace(range(place + 1), f"{name} {tokens[0].markup}", f"{name} {tokens[0].shown}")
                for name in (() if near else likely)
            ]
            raise self.error(
                "action", at=(place,), instead=[near] if near else (), suggestions=left_out, word=word, actions=shown
            )
        return action, tokens[1:]


def _bare(token: Token) -> str:
    """Return a token as words are compared, without the punctuation of a sentence."""
    return fold(token.text).rstrip(".!?:")


def joined(tokens: Iterable[Token]) -> str:
    return " ".join(token.text for token in tokens)
