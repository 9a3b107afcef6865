"""Find an upload's call in Kickscale's list by our own key (`externalCallId`)."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta

from bot.kickscale.binding import operations
from bot.kickscale.uploading.fields import Meaning, meaning
from bot.model.uploads import Upload


def has_key(operation: operations.Upload) -> bool:
    """Return whether the API keeps a key of our own with a call."""
    return any(meaning(field) is Meaning.EXTERNAL_ID for field in operation.fields)


def range_of_call(upload: Upload, now: datetime) -> tuple[datetime, datetime]:
    """Return a range that contains the call, whether it has the recording's date or that of its upload."""
    moments = [upload.created_at, now, *_moments(upload)]
    return min(moments) - timedelta(days=1), max(moments) + timedelta(days=1)


def _moments(upload: Upload) -> list[datetime]:
    moments = []
    for value in upload.fields.values():
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            continue
        if MINYEAR < moment.year < MAXYEAR:  # the days before and after it have to exist too
            moments.append(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return moments
