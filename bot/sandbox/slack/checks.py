"""Reading a JSON document as strictly as Slack does, and complaining in its words.

The messages are from real answers, as in https://github.com/slackapi/bolt-js/issues/793 and
https://github.com/activepieces/activepieces/pull/11149: `must be less than 3001 characters
[json-pointer:/blocks/0/text/text]`. Slack refuses unknown properties (`invalid additional property: emoji`).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit


class Node:
    """A value, its position, and the list that complaints are added to."""

    __slots__ = ("pointer", "problems", "value")

    def __init__(self, value: Any, pointer: str, problems: list[str]) -> None:
        self.value = value
        self.pointer = pointer
        self.problems = problems

    def wrong(self, what: str) -> None:
        self.problems.append(f"{what} [json-pointer:{self.pointer}]")

    def at(self, key: str | int) -> "Node":
        value = self.value[key] if isinstance(key, int) else self.value.get(key)
        return Node(value, f"{self.pointer}/{key}", self.problems)

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    # ---- objects -----------------------------------------------------------------------------------------------------

    def is_object(self, required: Iterable[str] = (), optional: Iterable[str] = ()) -> bool:
        """Return whether it is an object. Complains about missing and unknown properties."""
        if not isinstance(self.value, dict):
            self.wrong("must provide an object")
            return False
        required = tuple(required)
        for key in required:
            if key not in self.value:
                self.wrong(f"missing required field: {key}")
        for key in sorted(self.value.keys() - set(required) - set(optional)):
            self.wrong(f"invalid additional property: {key}")
        return True

    def kind(self) -> str:
        """Return its `type`, or an empty string after a complaint."""
        if not isinstance(self.value, dict):
            self.wrong("must provide an object")
            return ""
        kind = self.value.get("type")
        if not isinstance(kind, str) or not kind:
            self.wrong("missing required field: type")
            return ""
        return kind

    def unsupported(self) -> None:
        self.at("type").wrong(f"unsupported type: {self.value['type']}")

    # ---- values ------------------------------------------------------------------------------------------------------

    def string(self, key: str, at_most: int, at_least: int = 1) -> str:
        """Return the string at `key`, if there is one."""
        if not self.has(key):
            return ""
        node = self.at(key)
        if not isinstance(node.value, str):
            node.wrong("must be a string")
            return ""
        if len(node.value) < at_least:
            node.wrong(f"must be more than {at_least - 1} characters")
        if len(node.value) > at_most:
            node.wrong(f"must be less than {at_most + 1} characters")
        return node.value

    def url(self, key: str, at_most: int = 3000) -> None:
        address = self.string(key, at_most)
        if address and not urlsplit(address).scheme:
            self.at(key).wrong("invalid url")

    def pattern(self, key: str, pattern: str, what: str) -> None:
        if self.has(key) and not (isinstance(self.value[key], str) and re.fullmatch(pattern, self.value[key])):
            self.at(key).wrong(what)

    def one_of(self, key: str, *choices: str) -> None:
        if self.has(key) and self.value[key] not in choices:
            self.at(key).wrong("must be a valid enum value")

    def flags(self, *keys: str) -> None:
        for key in keys:
            if self.has(key) and not isinstance(self.value[key], bool):
                self.at(key).wrong("must be a boolean")

    def integer(self, key: str, at_least: int, at_most: int) -> None:
        if not self.has(key):
            return
        value = self.value[key]
        if not isinstance(value, int) or isinstance(value, bool):
            self.at(key).wrong("must be an integer")
        elif not at_least <= value <= at_most:
            self.at(key).wrong(f"must be between {at_least} and {at_most}")

    def items(self, key: str, at_most: int, at_least: int = 1) -> Iterator["Node"]:
        """Yield the items of the array at `key`, if there is one."""
        if not self.has(key):
            return
        node = self.at(key)
        if not isinstance(node.value, list):
            node.wrong("must be an array")
            return
        if len(node.value) < at_least:
            node.wrong(f"no less than {at_least} items allowed")
        if len(node.value) > at_most:
            node.wrong(f"no more than {at_most} items allowed")
        for index in range(len(node.value)):
            yield node.at(index)

    def optional(self, key: str, check: Callable[["Node"], None]) -> None:
        if self.has(key):
            check(self.at(key))


def unique(nodes: Iterable[Node], key: str) -> None:
    """Complain about each `key` that an earlier node has too.

    "`action_id` "x" already exists [json-pointer:/blocks/1/elements/1/action_id]" is Slack's message.
    """
    seen: set[str] = set()
    for node in nodes:
        value = node.value.get(key) if isinstance(node.value, dict) else None
        if isinstance(value, str):
            if value in seen:
                node.at(key).wrong(f'`{key}` "{value}" already exists')
            seen.add(value)


# ---- composition objects: https://docs.slack.dev/reference/block-kit/composition-objects -----------------------------


def plain_text(node: Node, at_most: int) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
    text(node, at_most, allowed=("plain_text",))


def text(node: Node, at_most: int, allowed: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
    kind = node.kind()
    if not kind:
        return
    if kind not in allowed:
        node.at("type").wrong("must be a valid enum value")
        return
    node.is_object(("type", "text"), ("emoji",) if kind == "plain_text" else ("verbatim",))
    node.string("text", at_most)
    node.flags("emoji", "verbatim")


def confirm(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""
    if node.is_object(("title", "text", "confirm", "deny"), ("style",)):
        node.optional("title", lambda title: plain_text(title, 100))
        node.optional("text", lambda body: text(body, 300))
        node.optional("confirm", lambda yes: plain_text(yes, 30))
        node.optional("deny", lambda no: plain_text(no, 30))
        node.one_of("style", "primary", "danger")


def option(node: Node, *, mrkdwn: bool = False, url: bool = False) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object

    mrkdwn is for check boxes and radio buttons, a url for overflow menus.
    """
    allowed = ("plain_text", "mrkdwn") if mrkdwn else ("plain_text",)
    if node.is_object(("text", "value"), ("description", "url") if url else ("description",)):
        node.optional("text", lambda label: text(label, 75, allowed))
        node.string("value", 150)
        node.optional("description", lambda more: text(more, 75, allowed))
        node.url("url")


def option_group(node: Node) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object"""
    if node.is_object(("label", "options")):
        node.optional("label", lambda label: plain_text(label, 75))
        for item in node.items("options", 100):
            option(item)
