"""`help`, made from the table that commands are parsed by; and the answer to a command that doesn't work yet."""

import re
from collections.abc import Collection

from bot.commands.registry import COMMANDS, SLASH_COMMAND, TOPICS, Syntax, lookup
from bot.model.commands import Command
from bot.render.kit.blocks import code, context, section
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
    topics = (f"• {code(f'{SLASH_COMMAND} help {name}', USAGE)}: {texts(f'help.summary.{name}')}" for name in TOPICS)
    return message(
        texts("overview.title"),
        [
            section(f"*{texts('overview.title')}*"),
            section("\n".join(lines)),
            section("\n".join(topics)),
            context(texts("overview.example", example=code(f"{SLASH_COMMAND} {COMMANDS[0].example}", USAGE))),
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
    return f"• {_usage(texts, syntax)}: {texts(syntax.summary)}"


def _usage(texts: Texts, syntax: Syntax) -> str:
    usage = _PLACEHOLDER.sub(lambda word: texts(f"help.placeholder.{word[0].lower()}"), syntax.usage)
    return code(f"{SLASH_COMMAND} {usage}", USAGE)


def _command(texts: Texts, syntax: Syntax) -> Payload:
    return message(
        texts(syntax.summary),
        [section(f"{_usage(texts, syntax)}: {texts(syntax.summary)}"), section(texts(f"help.topic.{syntax.name}"))],
    )
