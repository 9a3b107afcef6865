"""The records of the embedded Kickscale's workspace, and how they are selected and served."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from bot.sandbox.kickscale.query import Listing

Kind = Literal["calls", "meetings"]
Json = dict[str, Any]

_ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    kind: Kind
    raw: Any
    """The stored JSON: with the owner and the transcript, without a recording link. Never changed in place."""
    id: str = ""
    starts_at: datetime | None = None
    domains: frozenset[str] = frozenset()
    is_internal: bool = False
    is_recorded: bool = False
    """Whether there is a recording, so that each answer has a new link to it."""
    known_from: datetime = _ALWAYS
    """When it was analysed: before that, no answer has it."""
    transcript: Callable[[], list[Json]] | None = None
    """Makes the transcript if `raw` has none, since most are never requested."""

    def shown(self, expand: Iterable[str], recording: str) -> Any:
        """Return the JSON of an answer. Without `expand` there is no owner and no transcript (the connector)."""
        if not isinstance(self.raw, dict):
            return self.raw
        shown = dict(self.raw)
        if "user_client_augmentation" not in expand:
            shown.pop("user", None)
        if "meeting_transcript" not in expand:
            shown.pop("transcript", None)
        elif self.transcript is not None:
            shown.setdefault("transcript", self.transcript())
        if self.is_recorded:
            shown["recordingRef"] = recording
        return shown


def read_record(kind: Kind, raw: Any, *, internal: bool = False, recorded: bool = False) -> Record:
    """Return a record from any JSON. Without a valid `date` it is in every range; if it is no object, in every list."""
    fields = raw if isinstance(raw, dict) else {}
    return Record(
        kind,
        raw,
        id=str(fields.get("id", "")),
        starts_at=_moment(fields.get("date")),
        domains=frozenset(_strings(fields.get("customerDomains"))),
        is_internal=internal,
        is_recorded=recorded,
    )


class Records:
    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def put(self, record: Record) -> str:
        """Store a record in place of the one with its id and kind. Returns its key."""
        key = f"{record.kind}/{record.id}" if record.id else f"{record.kind}//{uuid.uuid4()}"
        self._records[key] = record
        return key

    def change(self, record_id: str, fields: Json) -> Record:
        """Change fields of a record. Raises KeyError if there is none with that id."""
        old = next((record for record in self._records.values() if record.id == record_id), None)
        if old is None:
            raise KeyError(record_id)
        new = read_record(old.kind, {**old.raw, **fields}, internal=old.is_internal, recorded=old.is_recorded)
        new = replace(new, known_from=old.known_from, transcript=old.transcript)
        self.remove(record_id)
        self.put(new)
        return new

    def remove(self, record_id: str) -> None:
        """Delete every record with that id."""
        self._records = {key: record for key, record in self._records.items() if record.id != record_id}

    def clear(self) -> None:
        self._records.clear()

    def known(self, kind: Kind, now: datetime) -> Iterator[Record]:
        """Return the records that are there at `now`, in the order in which they were added."""
        return (record for record in self._records.values() if record.kind == kind and record.known_from <= now)

    def find(self, kind: Kind, record_id: str, now: datetime) -> Record | None:
        record = self._records.get(f"{kind}/{record_id}")
        return record if record is not None and record_id and record.known_from <= now else None

    def newest(self, kind: Kind, now: datetime) -> Record | None:
        return next(iter(_sorted(self.known(kind, now), is_ascending=False)), None)

    def listed(
        self,
        kind: Kind,
        listing: Listing,
        now: datetime,
        *,
        end_inclusive: bool,
        filters: bool,
        is_loose: bool,
        ids: bool,
    ) -> list[Record]:
        """Return a whole list, in order, before it is split into pages.

        `filters` says whether domains are filtered; if it is loose, also by their ends.
        """
        records = [
            record
            for record in self.known(kind, now)
            if _is_in_range(record, listing, end_inclusive=end_inclusive)
            and ("internal" if record.is_internal else "external") in listing.scopes
            and (not ids or listing.ids is None or record.id in listing.ids)
            and (
                not filters
                or listing.domains is None
                or not isinstance(record.raw, dict)
                or bool(record.domains & listing.domains)
                or (is_loose and any(domain.endswith(tuple(listing.domains)) for domain in record.domains))
            )
        ]
        return _sorted(records, is_ascending=listing.is_ascending)


def _is_in_range(record: Record, listing: Listing, *, end_inclusive: bool) -> bool:
    """The range is about `date`, the start of the conversation, and includes `startDate` (the connector)."""
    at = record.starts_at
    if at is None:
        return True
    if listing.start is not None and at < listing.start:
        return False
    return listing.end is None or at < listing.end or (end_inclusive and at == listing.end)


def _sorted(records: Iterable[Record], *, is_ascending: bool) -> list[Record]:
    return sorted(records, key=lambda record: (record.starts_at or _ALWAYS, record.id), reverse=not is_ascending)


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _strings(value: Any) -> Iterator[str]:
    """Yield every string in a value, so that the filter also finds a domain in an unusual structure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
