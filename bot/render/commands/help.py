"""`help`, made from the table that commands are parsed by; and the answer to a command that doesn't work yet."""

import re
from collections.abc import Collection

from bot.commands.registry import COMMANDS, SLASH_COMMAND, TOPICS, Syntax, lookup
from bot.model.commands import Command
from bot.render.kit.blocks import code, context, header, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

USAGE = 500
_PLACEHOLDER = re.compile("[A-Z]{3,}")
"""Not `ID` and `HH:MM`, which are the same in all languages."""


def help_message(texts: Texts, topic: str, working: Collection[type[Command]]) -> Payload:
    """Return the list of commands, or everything about one topic.

    `working` are the commands that do something. Others aren't listed, and their topics say that they don't work yet.
    """
    syntax = lookup(topic)
    if syntax is not None:
        return _command(texts, syntax) if _works(syntax, working) else not_yet_message(texts, topic)
    if topic in TOPICS:
        return message(texts(f"help.summary.{topic}"), [section(texts(f"help.topic.{topic}"))])
    lines = [_line(texts, syntax) for syntax in COMMANDS if _works(syntax, working)]
    topics = (f"• {code(f'help {name}', USAGE)}: {texts(f'help.summary.{name}')}" for name in TOPICS)
    return message(
        texts("overview.title"),
        [
            header(texts("overview.title")),
            section(texts("overview.type", example=code(f"{SLASH_COMMAND} {COMMANDS[0].example}", USAGE))),
            section("\n".join((*lines, *topics))),
            context(texts("overview.more", help=code(f"{SLASH_COMMAND} help {COMMANDS[0].name}", USAGE))),
        ],
    )


def not_yet_message(texts: Texts, name: str) -> Payload:
    """Return the answer to a command that is understood but does nothing yet."""
    text = texts(
        "notyet.command", command=code(f"{SLASH_COMMAND} {name}", USAGE), help=code(f"{SLASH_COMMAND} help", USAGE)
    )
    return message(text, [section(text)])


def _works(syntax: Syntax, working: Collection[type[Command]]) -> bool:
    return any(made in working for made in syntax.makes)


def _line(texts: Texts, syntax: Syntax) -> str:
    return f"• {code(syntax.name, USAGE)}: {texts(syntax.summary)}"


def _usage(texts: Texts, syntax: Syntax) -> str:
    usage = _PLACEHOLDER.sub(lambda word: texts(f"help.placeholder.{word[0].lower()}"), syntax.usage)
    return code(f"{SLASH_COMMAND} {usage}", USAGE)


def _command(texts: Texts, syntax: Syntax) -> Payload:
    summary = texts(syntax.summary)
    return message(
        summary,
        [
            section(f"*{syntax.name}*: {summary}"),
            section(texts(f"help.topic.{syntax.name}")),
            context(_usage(texts, syntax)),
        ],
    )
