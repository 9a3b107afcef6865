"""Reads and checks the upload's fields as people write them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.commands.dates import read_moment
from bot.errors import CommandError
from bot.forms.upload import seconds_of
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.uploading.fields import AUTOMATIC, Meaning, items, meaning, problem
from bot.texts import texts_in
from bot.texts.languages import ENGLISH

EARLIEST = datetime(2001, 1, 2, tzinfo=UTC)
"""Any earlier date is the epoch of some clock, or a typo."""
NO_DATE = "neither the name nor the file's tags give the day and time"
AHEAD = timedelta(days=1)
"""How far in the future a date may be: clocks and time zones differ."""


class FieldValues:
    def __init__(self, operation: Upload, zone: ZoneInfo, now: datetime) -> None:
        self._operation = operation
        self._zone = zone
        self._now = now
        dates = (field.name for field in operation.fields if meaning(field) is Meaning.DATE)
        self.date_field = next(dates, "")
        """The field for the moment at which a recording was made; empty if there is none."""

    def read(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return dates in UTC, lengths in seconds, and options in the API's spelling.

        A value that can't be read stays as it is, for `find_problems` to report.
        """
        fields = {field.name: field for field in self._operation.fields}
        return {name: self._value(fields[name], value) if name in fields else value for name, value in values.items()}

    def find_problems(self, values: Mapping[str, str]) -> Iterator[str]:
        """Yield a sentence for each value that its field doesn't accept, or that is implausible."""
        texts = texts_in(ENGLISH)
        for field in self._operation.fields:
            key = "" if meaning(field) in AUTOMATIC else problem(field, values.get(field.name, ""))
            if key == "enum":
                yield f"{field.name}: {texts('upload.disk.enum', options=', '.join(field.enum))}"
            elif key == "required" and field.name == self.date_field:
                yield f"{field.name}: {NO_DATE}. {how_to_give(field.name)}"
            elif key == "whole_number" and meaning(field) is Meaning.DURATION:
                yield f"{field.name}: {texts('upload.disk.duration')}"
            elif key:
                yield f"{field.name}: {texts(f'upload.form.error.{key}')}"
        for field in filter(_is_moment, self._operation.fields):
            value = values.get(field.name, "")
            if value and not problem(field, value) and not self._is_credible(value):
                yield (
                    f"{field.name}: {value} is in the future or before {EARLIEST:%Y-%m-%d}. "
                    f"Correct it with --field or in a CSV file."
                )

    def _value(self, field: Field, value: str) -> str:
        if field.enum:
            options = {option.casefold(): option for option in field.enum}
            chosen = items(value) if field.type == "array" else [value]
            return ",".join(options.get(option.casefold(), option) for option in chosen)
        if meaning(field) is Meaning.DURATION:
            # A bare number is minutes to one person and seconds to another's telephone system.
            seconds = None if re.fullmatch(r"[\d.,]+", value) else seconds_of(value)
            return str(seconds) if seconds else f"{value}?"
        return self._utc(field, value) if _is_moment(field) else value

    def _utc(self, field: Field, value: str) -> str:
        # A field for a day without a time gets the day in UTC, which has to be the one that was written.
        zone = UTC if field.format == "date" else self._zone
        try:
            at = self._moment(value)
            return f"{at.replace(tzinfo=at.tzinfo or zone).astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
        except (ValueError, OverflowError):
            return value

    def _moment(self, value: str) -> datetime:
        """Return a moment in ISO 8601, or as it can be typed in Slack. Raises ValueError."""
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            try:
                read = read_moment(value, self._now.astimezone(self._zone).date())
            except CommandError as exc:
                raise ValueError(exc.reason) from exc
            if read is None:
                raise
        day, at = read
        return datetime.combine(day, at or time())

    def _is_credible(self, value: str) -> bool:
        at = datetime.fromisoformat(value)
        return EARLIEST <= at.replace(tzinfo=at.tzinfo or UTC) <= self._now + AHEAD


def how_to_give(field: str) -> str:
    """Return how to give the date of a recording."""
    return (
        f"Give it in a CSV file with the columns file and {field}, or with --field {field}=2026-11-20T14:30 if it's "
        "the same for all."
    )


def _is_moment(field: Field) -> bool:
    is_moment = field.type == "string" and field.format in ("date", "date-time")
    return not field.enum and (is_moment or meaning(field) is Meaning.DATE)
