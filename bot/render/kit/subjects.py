"""What a rendered message is about: the conversations that its buttons lead to, and the domains that it names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot import domains, ids
from bot.model.conversation import Kind

_OF_CONVERSATION = re.compile(f"({ids.DETAILS}|{ids.TRANSCRIPT}|{ids.RECORDING})({'|'.join(Kind)})")


def conversations_in(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the conversations that have a button."""
    buttons = (node for node in _nodes(payload) if _OF_CONVERSATION.fullmatch(str(node.get("action_id", ""))))
    return tuple(dict.fromkeys(str(button["value"]) for button in buttons if button.get("value")))


def domains_in(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the customer domains in the texts."""
    texts = (node["text"] for node in _nodes(payload) if isinstance(node.get("text"), str))
    return tuple(dict.fromkeys(domain for text in texts for domain in domains.named(text)))


def _nodes(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)
