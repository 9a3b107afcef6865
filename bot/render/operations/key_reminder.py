"""What the bot's admins read before the Kickscale API key expires."""

from datetime import date

from bot.render.kit import times
from bot.render.kit.blocks import section
from bot.render.kit.icons import WARNING
from bot.render.kit.limits import Payload, message
from bot.texts import Texts


def key_reminder_message(texts: Texts, days_left: int, ends: date) -> Payload:
    """Render how long the key can still be used, and how to replace it."""
    text = texts("status.key_reminder", count=days_left, day=times.day(texts, ends))
    return message(text, [section(f"{WARNING} *{text}*\n{texts('status.key_remedy')}")])
