"""The form about recordings: what is known before anybody is asked, and the questions."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.model.uploads import OfferedFile

YES = "yes"
"""A ticked check box."""
LONGEST_OPTION = 75
"""Characters of an option in a menu (https://docs.slack.dev/reference/block-kit/composition-objects/option-object)."""

Values = tuple[dict[str, str], ...]
"""For each recording, the fields that were filled in."""
Errors = dict[str, str]
"""By block_id, a key of the text catalogue (`upload.form.error.<key>`)."""


class Widget(StrEnum):
    """What an answer is entered with, and how `Question.initial` and the entered text are written."""

    TEXT = "text"
    MOMENT = "moment"
    """Unix seconds."""
    PERSON = "person"
    """A Slack user id."""
    CHOICE = "choice"
    """One of the options."""
    DURATION = "duration"
    """`10:00`, `1:02:03`, or minutes."""
    YES_NO = "yes_no"
    """`yes` or `no`."""


@dataclass(frozen=True, slots=True)
class RecordingDetails:
    """What is known of one recording before anybody is asked."""

    file: OfferedFile
    title: str = ""
    starts_at: datetime | None = None
    """Aware."""
    duration: float | None = None
    """Seconds."""
    day: date | None = None
    """The day on which it began, if the time isn't known."""


@dataclass(frozen=True, slots=True)
class CommonDetails:
    """What is known of all recordings of one message together."""

    domain: str = ""
    direction: str = ""
    rep: str = ""
    """A Slack user id."""
    rep_email: str = ""
    caller: str = ""
    callee: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the API's upload, as it is asked for."""

    block_id: str
    name: str
    """The field's name in the API."""
    meaning: str
    """What the field is for: a value of `bot.kickscale.uploading.fields.Meaning`."""
    widget: Widget
    initial: str = ""
    """What the input contains at first."""
    file_index: int | None = None
    """Which recording it is about; None if it is about all of them."""
    options: tuple[str, ...] = ()
    is_required: bool = False
    is_list: bool = False
    description: str = ""
    """The API's own."""
    day: date | None = None
    """For a moment: its day, if only that is known."""


@dataclass(frozen=True, slots=True)
class UploadForm:
    """What is asked about the recordings of one offer."""

    offer: str
    """The offer's id."""
    recordings: tuple[OfferedFile, ...]
    questions: tuple[Question, ...]
    more: int = 0
    """How many more recordings are asked about after these."""

    @property
    def key(self) -> str:
        """Which offer this is for, and which of its recordings; `read_key` reads it."""
        return ":".join((self.offer, *(file.id for file in self.recordings)))


def read_key(key: str) -> tuple[str, tuple[str, ...]]:
    """Return the id of the offer, and those of its recordings in the order in which they are asked about."""
    offer, *files = key.split(":")
    return offer, tuple(files)
