"""`help`, made from the table that commands are parsed by."""

from bot.commands.registry import COMMANDS, SLASH_COMMAND, TOPICS, Syntax, lookup
from bot.render.kit.blocks import code, context, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

USAGE = 500


def help_message(texts: Texts, topic: str) -> Payload:
    """Return the list of commands, or everything about one topic."""
    syntax = lookup(topic)
    if syntax is not None:
        return _command(texts, syntax)
    if topic in TOPICS:
        return message(texts(f"help.summary.{topic}"), [section(texts(f"help.topic.{topic}"))])
    lines = [_line(texts, syntax) for syntax in COMMANDS]
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


def _line(texts: Texts, syntax: Syntax) -> str:
    return f"• {_usage(syntax)}: {texts(syntax.summary)}"


def _usage(syntax: Syntax) -> str:
    return code(f"{SLASH_COMMAND} {syntax.usage}", USAGE)


def _command(texts: Texts, syntax: Syntax) -> Payload:
    return message(
        texts(syntax.summary),
        [section(f"{_usage(syntax)}: {texts(syntax.summary)}"), section(texts(f"help.topic.{syntax.name}"))],
    )
