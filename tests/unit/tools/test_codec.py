"""Dataclasses as JSON objects and back."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tools.codec import decode, encode


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Inner:
    id: str
    size: int


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    day: date
    at: datetime
    colour: Colour = Colour.RED
    files: tuple[Inner, ...] = ()
    address: str | None = None


samples = st.builds(
    Sample,
    name=st.text(),
    day=st.dates(),
    at=st.datetimes(timezones=st.just(UTC)),
    colour=st.sampled_from(Colour),
    files=st.lists(st.builds(Inner, id=st.text(), size=st.integers(0, 2**53))).map(tuple),
    address=st.none() | st.text(),
)


@given(samples)
def test_what_was_encoded_is_decoded_as_it_was(sample: Sample) -> None:
    """Through JSON, as a row of the database."""
    assert decode(Sample, json.loads(json.dumps(encode(sample)))) == sample


def test_rows_of_other_versions_are_read() -> None:
    """A later version's fields are ignored; what an earlier one did not write gets its default."""
    row = {"name": "a", "day": "2026-11-27", "at": "2026-11-27T08:30:00+00:00", "later": {"x": 1}}
    assert decode(Sample, row) == Sample("a", date(2026, 11, 27), datetime(2026, 11, 27, 8, 30, tzinfo=UTC))


def test_a_value_that_does_not_fit_is_an_error() -> None:
    """A damaged row is not read as something else."""
    with pytest.raises(ValueError, match="colour"):
        decode(Sample, {"name": "a", "day": "2026-11-27", "at": "2026-11-27T08:30:00Z", "colour": "green"})
