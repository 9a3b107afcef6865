"""`help`, made from the table that commands are parsed by."""

import re

from bot.commands.naming import SLASH_COMMAND
from bot.commands.registry import COMMANDS, TOPICS, Syntax, lookup
from bot.commands.wording import command_in, usage_in
from bot.render.kit.blocks import code, context, header, section
from bot.render.kit.commands import typed_command
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

USAGE = 500
EXAMPLES = ("calls", "meetings", "search", "stats", "digest", "follow")
"""The commands of which the overview shows an example, in this order."""
_PLACEHOLDER = re.compile("[A-Z]{3,}")
"""Not `ID` and `HH:MM`, which are the same in all languages."""


def help_message(texts: Texts, topic: str) -> Payload:
    """Return the list of commands, or everything about one topic."""
    syntax = lookup(topic)
    if syntax is not None:
        return _command(texts, syntax)
    if topic in TOPICS:
        return message(texts(f"help.summary.{topic}"), [section(texts(f"help.topic.{topic}"))])
    examples = [texts(f"overview.examples.{name}") for name in EXAMPLES]
    lines = [_line(texts, syntax) for syntax in COMMANDS]
    topics = (f"• {_command_name(texts, f'help {name}')}: {texts(f'help.summary.{name}')}" for name in TOPICS)
    return message(
        texts("overview.title"),
        [
            header(texts("overview.title")),
            section("\n".join((f"*{texts('overview.try')}*", *(f"• {example}" for example in examples)))),
            section("\n".join((f"*{texts('overview.commands')}*", *lines, *topics))),
            context(texts("overview.private"), texts("overview.more", help=typed_command(texts, "help calls"))),
        ],
    )


def _line(texts: Texts, syntax: Syntax) -> str:
    return f"• {_command_name(texts, syntax.name)}: {texts(syntax.summary)}"


def _command_name(texts: Texts, command: str) -> str:
    return code(command_in(texts.language, command), USAGE)


def _usage(texts: Texts, syntax: Syntax) -> str:
    usage = usage_in(texts.language, syntax.usage)
    usage = _PLACEHOLDER.sub(lambda word: texts(f"help.placeholder.{word[0].lower()}"), usage)
    return code(f"{SLASH_COMMAND} {usage}", USAGE)


def _command(texts: Texts, syntax: Syntax) -> Payload:
    summary = texts(syntax.summary)
    return message(
        summary,
        [
            section(f"*{command_in(texts.language, syntax.name)}*: {summary}"),
            section(texts(f"help.topic.{syntax.name}")),
            context(_usage(texts, syntax)),
        ],
    )
