"""Slack's text syntax: which parts of a message ping people, and how Slack encodes what is typed after a command."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# https://docs.slack.dev/messaging/formatting-message-text#escaping : the three control characters, and no others.
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))

# https://docs.slack.dev/messaging/formatting-message-text#advanced : users, user groups, and the three broadcasts.
_MENTION = re.compile(r"<(?:@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!(?:channel|here|everyone|group))(?:\|[^>]*)?>")

_BROADCASTS = {"channel": "<!channel>", "here": "<!here>", "everyone": "<!everyone>"}


def escape(text: str) -> str:
    for character, entity in _ESCAPES:
        text = text.replace(character, entity)
    return text


def unescape(text: str) -> str:
    for character, entity in reversed(_ESCAPES):
        text = text.replace(entity, character)
    return text


def mentions_in(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every mention in the texts of a message that Slack parses, in order.

    The top-level `text`, mrkdwn objects and `markdown` blocks are parsed, and rich_text has elements of its own;
    plain_text is shown as it is (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
    """
    mentions: list[str] = []
    for text in _parsed_texts({**payload, "type": "message"}):
        mentions += (match.group(0) for match in _MENTION.finditer(text))
    mentions += _rich_mentions(payload)
    return tuple(mentions)


def _parsed_texts(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        text = node.get("text")
        if isinstance(text, str) and node.get("type") in {"message", "mrkdwn", "markdown"}:
            yield text
        for key, value in node.items():
            if key == "attachments":  # legacy attachments have mrkdwn texts without a type
                yield from _strings(value)
            elif not isinstance(value, str):
                yield from _parsed_texts(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _parsed_texts(item)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _strings(item)


def _rich_mentions(node: Any) -> Iterator[str]:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#element-types"""
    if isinstance(node, Mapping):
        match node.get("type"):
            case "user" if "user_id" in node:
                yield f"<@{node['user_id']}>"
            case "usergroup" if "usergroup_id" in node:
                yield f"<!subteam^{node['usergroup_id']}>"
            case "broadcast" if node.get("range") in _BROADCASTS:
                yield _BROADCASTS[node["range"]]
        for value in node.values():
            yield from _rich_mentions(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _rich_mentions(item)


# Slack's client turns what looks like an address into a link, so a command's text arrives with `<http://acme.com|acme.com>`:
# https://docs.slack.dev/messaging/formatting-message-text#automatic-parsing . Its list of top-level domains
# is not published; these are enough here.
_ENDINGS = "com|org|net|edu|gov|io|co|ai|dev|app|info|biz|eu|de|at|ch|fr|nl|be|it|es|pt|pl|cz|se|dk|fi|uk|ie|us|ca|au"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_LINKABLE = re.compile(
    rf"""
    (?P<escaped> [&<>] )
    | (?P<url> \b https?://[^\s<>|"“”]+ )
    | (?P<mail> (?<![\w.+-]) [\w.+-]+@(?:{_LABEL}\.)+[a-z]{{2,}}\b )
    | (?P<domain> (?<![\w.@*/:-]) (?:{_LABEL}\.)+(?:{_ENDINGS})\b (?![\w.-]*[\w@]) (?:/[^\s<>|"“”]*)? )
    | (?P<user> (?<![\w.]) @[\w.-]*\w )
    | (?P<channel> (?<![\w&]) \#[\w-]+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def typed(text: str, user: Callable[[str], str | None], channel: Callable[[str], str | None]) -> str:
    """Return a command's text as Slack sends it with `should_escape`.

    `user` and `channel` return the id for a name, or None if there is none. Slack writes
    `<@U123|name>` and `<#C123|name>`:
    https://docs.slack.dev/interactivity/implementing-slash-commands#creating_your_command
    """

    def linked(match: re.Match[str]) -> str:
        word = match.group(0)
        match match.lastgroup:
            case "url":
                return f"<{escape(word)}>"
            case "mail":
                return f"<mailto:{word}|{word}>"
            case "domain":
                return f"<http://{escape(word)}|{escape(word)}>"
            case "user":
                return f"<@{id_}|{word[1:]}>" if (id_ := user(word[1:])) else word
            case "channel":
                return f"<#{id_}|{word[1:]}>" if (id_ := channel(word[1:])) else word
            case _:
                return escape(word)

    return _LINKABLE.sub(linked, text)
