"""Who looks at a message: it decides on names, dates and what was entered in a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.slack.dates import ENGLISH
from bot.sandbox.slack.state import State, User, View


@dataclass(frozen=True, slots=True)
class Reader:
    """`names` has the names of people and channels by id. "Today" is the day of `now` in `zone`.

    `values` (as in a view's `state.values`) is what was entered in a form, `errors` what is wrong with it by block_id.
    """

    names: Mapping[str, str]
    zone: tzinfo
    now: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    locale: str = ENGLISH


def reader_of(state: State, user: User, view: View | None = None) -> Reader:
    """Return a user of the embedded Slack as a reader, of a view with what was entered in it."""
    names = {other.id: other.real_name for other in state.users.values()}
    names |= {channel.id: channel.name for channel in state.channels.values() if channel.name}
    entered = {"values": view.values, "errors": view.errors} if view is not None else {}
    return Reader(names, ZoneInfo(user.tz), state.clock.now(), **entered, locale=user.locale)
