"""Buttons that run other commands."""

from collections.abc import Sequence

from bot import ids
from bot.commands.wording import command_in
from bot.errors import Suggestion
from bot.render.kit.blocks import actions, button, context, label
from bot.render.kit.limits import BUTTON_TEXT, BUTTON_VALUE, Block, Payload, message, width
from bot.texts import Texts


def suggestion_buttons(texts: Texts, suggestions: Sequence[Suggestion]) -> Block:
    """Return a button for each command, which it runs for the person who presses it."""
    return actions(
        (
            button(shown, f"{ids.RUN}{place}", value=suggestion.text)
            for place, suggestion in enumerate(suggestions)
            if (shown := label(command_in(texts.language, suggestion.shown), BUTTON_TEXT))
        ),
        ids.SUGGESTIONS,
    )


def again_buttons(texts: Texts, command: str) -> list[Block]:
    """Return the button that runs a command again; none if the command is too long for one."""
    if width(command) > BUTTON_VALUE:
        return []
    return [actions([button(texts("errors.again"), f"{ids.RUN}0", value=command)], ids.AGAIN)]


def with_suggestions(texts: Texts, payload: Payload, suggestions: Sequence[Suggestion]) -> Payload:
    """Return an answer with buttons below it for what else may have been meant."""
    tail = [context(texts("errors.suggestion")), suggestion_buttons(texts, suggestions)]
    return message(payload["text"], payload["blocks"], tail=tail)
