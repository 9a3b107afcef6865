"""A public line about a change in a channel, and what its author reads if it can't be posted."""

from bot.errors import NotInChannel
from bot.render.kit.blocks import context, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts


def announcement_message(text: str) -> Payload:
    """Render the line; `text` is mrkdwn."""
    return message(text, [context(text)])


def unannounced_message(texts: Texts, channel: str, text: str, why: BaseException) -> Payload:
    """Render what the author of a change reads if the line `text` couldn't be posted in the channel."""
    key = "not_in_channel" if isinstance(why, NotInChannel) else "other"
    sentence = texts(f"announcement.unposted.{key}", channel=channel)
    return message(f"{sentence} {text}", [section(sentence), context(text)])
