"""Buttons that run other commands."""

from collections.abc import Sequence

from bot import ids
from bot.errors import Suggestion
from bot.render.kit.blocks import actions, button, context, label
from bot.render.kit.limits import BUTTON_TEXT, Block, Payload, message
from bot.texts import Texts


def suggestion_buttons(suggestions: Sequence[Suggestion]) -> Block:
    """Return a button for each command. Pressed, it runs the command for whoever presses it."""
    return actions(
        (
            button(shown, f"{ids.RUN}{place}", value=suggestion.text)
            for place, suggestion in enumerate(suggestions)
            if (shown := label(suggestion.shown, BUTTON_TEXT))
        ),
        ids.SUGGESTIONS,
    )


def with_suggestions(texts: Texts, payload: Payload, suggestions: Sequence[Suggestion]) -> Payload:
    """Return an answer with buttons below it for what else may have been meant."""
    tail = [context(texts("errors.suggestion")), suggestion_buttons(suggestions)]
    return message(payload["text"], payload["blocks"], tail=tail)
