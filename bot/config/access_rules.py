"""Reads the access settings: IDs, who has a capability, and the customers of channels.

Each function raises ValueError with a message that continues "SETTING_NAME …".
"""

import re

from bot import domains
from bot.model.access import Holders

WORDS = ("all", "own", "self", "admins", "nobody")
WORDS_WITHOUT_CONVERSATION = ("all", "admins", "nobody")
"""For capabilities that aren't about one conversation."""
_IDS = {
    "U": re.compile(r"[UW][A-Z0-9]{2,30}"),
    "S": re.compile(r"S[A-Z0-9]{2,30}"),
    "C": re.compile(r"[CGD][A-Z0-9]{2,30}"),
}
_SEPARATOR = re.compile(r"[\s,;]+")


def read_ids(text: str, kinds: str) -> frozenset[str]:
    """Return ids of these kinds: `U` users, `S` user groups, `C` channels."""
    ids = _split(text)
    if not all(_is_id(id_, kinds) for id_ in ids):
        examples = " or ".join(f"{kind}0123456789" for kind in kinds)
        raise ValueError(f"must be IDs like {examples}, separated by commas.")
    return frozenset(ids)


def read_holders(text: str, words: tuple[str, ...] = WORDS) -> Holders:
    """Return who has a capability: some of `words`, or ids of users and user groups."""
    parts = set(_split(text))
    chosen = {part.casefold() for part in parts if part.casefold() in words}
    ids = {part for part in parts if _is_id(part, "US")}
    if not parts or len(chosen) + len(ids) < len(parts):
        raise ValueError(f"must be one of {', '.join(words)}, or IDs like U0123456789 or S0123456789.")
    if len(chosen | ids) > 1 and chosen & {"nobody", "self"}:
        raise ValueError("can't combine nobody or self with anything else.")
    return Holders(frozenset(chosen), frozenset(ids))


def read_bound_channels(text: str) -> dict[str, tuple[str, ...]]:
    """Return the customers of each channel in `C0123456789=acme.com,*.acme.com C0987654321=example.com`."""
    bound: dict[str, tuple[str, ...]] = {}
    for part in text.split():
        channel, _, names = part.strip(";").partition("=")
        try:
            customers = tuple(domains.normalise(name) for name in names.split(",") if name)
        except ValueError:
            customers = ()
        if not _is_id(channel, "C") or not customers or channel in bound:
            raise ValueError("must look like C0123456789=acme.com,*.acme.com, with a space before the next channel.")
        bound[channel] = customers
    return bound


def _is_id(text: str, kinds: str) -> bool:
    return any(_IDS[kind].fullmatch(text) for kind in kinds)


def _split(text: str) -> list[str]:
    return [part for part in _SEPARATOR.split(text.strip()) if part]
