"""The messages for people who have to wait for an answer, or who ask too often."""

from bot.render.kit.blocks import context
from bot.render.kit.limits import Payload, message
from bot.render.kit.suggestions import again_buttons
from bot.texts import Texts


def waiting_message(texts: Texts) -> Payload:
    return message(texts("waiting.message"), [context(texts("waiting.message"))])


def stopped_message(texts: Texts, command: str = "") -> Payload:
    """Return the message for people who are waiting for an answer when the bot stops; `command` is what they typed."""
    again = again_buttons(texts, command) if command else []
    return message(texts("waiting.stopped"), [context(texts("waiting.stopped")), *again])


def interrupted_message(texts: Texts, command: str = "") -> Payload:
    """Return the message for people who may have their answer: the bot was killed when it was about to send it."""
    again = again_buttons(texts, command) if command else []
    return message(texts("waiting.interrupted"), [context(texts("waiting.interrupted")), *again])


def click_interrupted_message(texts: Texts) -> Payload:
    """Return the message for people whose click may not have been done: the bot was killed meanwhile."""
    return message(texts("waiting.click_interrupted"), [context(texts("waiting.click_interrupted"))])


def refused_message(texts: Texts, why: str) -> Payload:
    """Return the message for people whose request was skipped: `why` is `too_often` or `too_many`."""
    return message(texts(f"waiting.{why}"), [context(texts(f"waiting.{why}"))])
