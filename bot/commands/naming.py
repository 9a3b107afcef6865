"""Finds the name of the command among other words: `show me the calls with acme`, `acme calls last week`."""

from collections.abc import Mapping, Sequence

from bot.commands.lexicon.every import WORDS
from bot.commands.lexicon.words import Words
from bot.commands.reading import LISTS
from bot.commands.tokens import Token, tokens
from bot.errors import CommandError
from bot.tools.spelling import fold

SLASH_COMMAND = "/kickscale"
_NAMES = ("kickscale", "@kickscale", SLASH_COMMAND)
"""What people call the bot."""
_ANYWHERE = frozenset({"calls", "meetings", "call", "meeting", "stats"})
"""Commands whose name may stand after their arguments."""
_VERBS = frozenset({"follow", "unfollow"})
"""Commands whose name may stand after all of their arguments, as in German."""


def plain_word(token: Token) -> str:
    """Return a word as words are compared, without punctuation; empty if the token isn't just a word."""
    return fold(token.text).rstrip(".,:;!?") if isinstance(token.sole, str) else ""


def find_command(typed: Sequence[Token], words: Words) -> int | None:
    """Return where the command is named in `show me the calls`, or in `acme calls last week`; None if nowhere.

    Words with a meaning may only come before a list or statistics, unless `move_behind_name` knows what they mean.
    """
    for place, token in enumerate(typed):
        if plain_word(token) in words.commands and move_behind_name(typed, place, words) is not None:
            return place
    return None


def move_behind_name(typed: Sequence[Token], place: int, words: Words) -> list[Token] | None:
    """Return what stands before a command's name as it would stand after it; None if it has no meaning there.

    `acme calls`, `acme folgen`, `pause digest acme`, `daily digest for acme`, `turn on uploads`, `my digests`.
    """
    name, before = words.commands[plain_word(typed[place])], meaningful(typed[:place], words)
    if name in _ANYWHERE or not before or (name in _VERBS and place == len(typed) - 1):
        return before
    actions: Mapping[str, str] = {"digest": words.digest, "uploads": words.uploads}.get(name, {})
    is_set_up = bool(actions) and any(plain_word(token) in words.setting_up for token in before)
    found = [token for token in (typed[:place] if is_set_up else before) if plain_word(token) in actions]
    kept = [
        token for token in before if name == "digest" and plain_word(token) not in actions and _is_when(token, words)
    ]
    known = (*words.mine, *words.setting_up, *actions) if actions else words.mine
    if len(found) > 1 or any(plain_word(token) not in known and token not in kept for token in before):
        return None
    if name == "digest" and not found and (kept or is_set_up):
        found = [Token((next(iter(words.digest)),))]
    return [*found, *kept]


def _is_when(token: Token, words: Words) -> bool:
    """Return whether a token says when a digest is posted, or is part of that."""
    known = (*words.every, *words.weekly, *words.day_groups, *words.weekdays, *words.plural_weekdays)
    return plain_word(token) in (*known, *words.digest_options, *words.time_fillers) or token.text[:1].isdecimal()


def names_command(text: str) -> bool:
    """Return whether a text below a recording is a command rather than a request to upload the recording."""
    try:
        typed = tokens(text)
    except CommandError:
        return True
    place = find_command(typed, WORDS)
    if place is None:
        return False
    name, following = WORDS.commands[plain_word(typed[place])], typed[place + 1 : place + 2]
    if name in LISTS and meaningful(typed[:place], WORDS):  # `log this call, please`
        return False
    return name != "uploads" or any(plain_word(token) in WORDS.uploads for token in following)


def meaningful(before: Sequence[Token], words: Words) -> list[Token]:
    """Return the tokens before the name of a command without those that mean nothing there: `show me the latest …`."""
    without_meaning = {*words.fillers, *words.me, *_NAMES, ""}
    kept = [token for token in before if not isinstance(token.sole, str) or plain_word(token) not in without_meaning]
    count = 2 if kept and kept[-1].text.isdecimal() else 1  # `the last 5 calls`
    if len(kept) >= count and plain_word(kept[-count]) in words.latest:
        del kept[-count:]
    return kept
