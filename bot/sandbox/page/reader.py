"""Who looks at a message: it decides on names, dates and what was entered in a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from bot.sandbox.slack.dates import ENGLISH


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
