"""Finds the name of the command among other words: `show me the calls with acme`, `acme calls last week`."""

from collections.abc import Sequence

from bot.commands.lexicon.every import WORDS
from bot.commands.lexicon.words import Words
from bot.commands.tokens import Token, tokens
from bot.errors import CommandError
from bot.tools.spelling import fold

SLASH_COMMAND = "/kickscale"
_NAMES = ("kickscale", SLASH_COMMAND)
"""What people call the bot."""
_ANYWHERE = frozenset({"calls", "meetings", "call", "meeting", "stats"})
"""Commands whose name may stand after their arguments."""


def plain_word(token: Token) -> str:
    """Return a word as words are compared, without punctuation; empty if the token isn't just a word."""
    return fold(token.text).rstrip(".,:;!?") if isinstance(token.sole, str) else ""


def find_command(typed: Sequence[Token], words: Words) -> int | None:
    """Return where the command is named in `show me the calls`, or in `acme calls last week`; None if nowhere.

    After words with a meaning it can only be a list or statistics, since other commands begin with their name.
    """
    for place, token in enumerate(typed):
        name = words.commands.get(plain_word(token))
        if name is not None and (name in _ANYWHERE or not meaningful(typed[:place], words)):
            return place
    return None


def names_command(text: str) -> bool:
    """Return whether a text below a recording is a command rather than a request to upload the recording."""
    try:
        typed = tokens(text)
    except CommandError:
        return True
    place = find_command(typed, WORDS)
    if place is None:
        return False
    following = typed[place + 1 : place + 2]
    is_upload = WORDS.commands[plain_word(typed[place])] == "uploads"
    return not is_upload or any(plain_word(token) in WORDS.uploads for token in following)


def meaningful(before: Sequence[Token], words: Words) -> list[Token]:
    """Return the tokens before the name of a command without those that mean nothing there: `show me the latest …`."""
    without_meaning = {*words.fillers, *words.me, *_NAMES, ""}
    kept = [token for token in before if not isinstance(token.sole, str) or plain_word(token) not in without_meaning]
    if kept and plain_word(kept[-1]) in words.latest:
        kept.pop()
    return kept
