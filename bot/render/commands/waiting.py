"""The messages for people who have to wait for an answer, or who ask too often."""

from bot.render.kit.blocks import context
from bot.render.kit.limits import Payload, message
from bot.texts import Texts


def waiting_message(texts: Texts) -> Payload:
    return message(texts("waiting.message"), [context(texts("waiting.message"))])


def stopped_message(texts: Texts) -> Payload:
    """Return the message for people who are waiting for an answer when the bot stops."""
    return message(texts("waiting.stopped"), [context(texts("waiting.stopped"))])


def refused_message(texts: Texts, why: str) -> Payload:
    """Return the message for people whose request was skipped: `why` is `too_often` or `too_many`."""
    return message(texts(f"waiting.{why}"), [context(texts(f"waiting.{why}"))])
