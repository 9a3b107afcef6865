"""What a click says: what its button carries, and in which channel it was.

None of it is trusted. A button only carries an id, and every click is checked for the person who clicks.
"""

import re
from typing import Any

from bot.errors import GoneError
from bot.render.kit.views import channel_of_view

Body = dict[str, Any]


def value_of(action: Body) -> str:
    """Return what the button carries; empty, which is no id, if that isn't text."""
    value = action.get("value")
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def question_of(action: Body) -> tuple[str, int]:
    """Return the id of the question and the page that a button carries. Raises GoneError."""
    id_, _, page = value_of(action).partition(":")
    if not re.fullmatch("[0-9]{1,4}", page):
        raise GoneError("question", id_)
    return id_, int(page)


def channel_of(body: Body) -> str:
    """Return the channel of the click; in a modal, the channel in which the modal was opened."""
    return str((body.get("channel") or {}).get("id", "")) or channel_of_view(body.get("view") or {})


def require_here(body: Body, channel: str, what: str) -> None:
    """Raise GoneError(what) unless the click was in this channel, the only one that has such a button."""
    if channel_of(body) != channel:
        raise GoneError(what)
