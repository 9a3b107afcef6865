"""Commands in messages, in the words of the reader's language."""

from bot.commands.naming import SLASH_COMMAND
from bot.commands.wording import command_in
from bot.render.kit.blocks import code
from bot.texts import Texts

COMMAND = 600


def typed_command(texts: Texts, command: str) -> str:
    """Return a command, which is what follows `/kickscale`, as mrkdwn that people can copy and type."""
    return code(f"{SLASH_COMMAND} {command_in(texts.language, command)}", COMMAND)
