"""What the workspace of the embedded Kickscale holds, and what of it a question gets to see."""

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
    """The JSON as it is kept: with the owner and the transcript, without a recording link. Never changed in place."""
    id: str = ""
    starts_at: datetime | None = None
    domains: frozenset[str] = frozenset()
    is_internal: bool = False
    is_recorded: bool = False
    """Whether there is a recording, so that each answer holds a fresh link to it."""
    known_from: datetime = _ALWAYS
    """When it was analysed: no answer before that holds it."""
    transcript: Callable[[], list[Json]] | None = None
    """What makes the transcript, where `raw` has none: most are never asked for."""

    def shown(self, expand: Iterable[str], recording: str) -> Any:
        """The JSON of an answer. Without `expand` there is no owner and no transcript (the connector)."""
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
    """A record of any JSON. Without a readable `date` it is in every range; what is no object is in every list."""
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
        """Keep a record, in place of the one with its id and kind. Returns a key of it."""
        key = f"{record.kind}/{record.id}" if record.id else f"{record.kind}//{uuid.uuid4()}"
        self._records[key] = record
        return key

    def change(self, record_id: str, fields: Json) -> Record:
        """Put `fields` over those of a record. Raises KeyError when there is none with that id."""
        old = next((each for each in self._records.values() if each.id == record_id), None)
        if old is None:
            raise KeyError(record_id)
        new = read_record(old.kind, {**old.raw, **fields}, internal=old.is_internal, recorded=old.is_recorded)
        new = replace(new, known_from=old.known_from, transcript=old.transcript)
        self.remove(record_id)
        self.put(new)
        return new

    def remove(self, record_id: str) -> None:
        """Forget every record with that id."""
        self._records = {key: each for key, each in self._records.items() if each.id != record_id}

    def clear(self) -> None:
        self._records.clear()

    def known(self, kind: Kind, now: datetime) -> Iterator[Record]:
        """In the order of their being added."""
        return (each for each in self._records.values() if each.kind == kind and each.known_from <= now)

    def find(self, kind: Kind, record_id: str, now: datetime) -> Record | None:
        found = self._records.get(f"{kind}/{record_id}")
        return found if found is not None and record_id and found.known_from <= now else None

    def newest(self, kind: Kind, now: datetime) -> Record | None:
        return next(iter(_sorted(self.known(kind, now), is_ascending=False)), None)

    def listed(
        self, kind: Kind, listing: Listing, now: datetime, *, end_inclusive: bool, filters: bool, ids: bool
    ) -> list[Record]:
        """All that a list holds, in its order, before it is cut into pages. `filters` is whether domains count."""
        found = [
            each
            for each in self.known(kind, now)
            if _is_in_range(each, listing, end_inclusive=end_inclusive)
            and ("internal" if each.is_internal else "external") in listing.scopes
            and (not ids or listing.ids is None or each.id in listing.ids)
            and (
                not filters
                or listing.domains is None
                or not isinstance(each.raw, dict)
                or bool(each.domains & listing.domains)
            )
        ]
        return _sorted(found, is_ascending=listing.is_ascending)


def _is_in_range(each: Record, listing: Listing, *, end_inclusive: bool) -> bool:
    """The range is over `date`, the start of the conversation, and `startDate` belongs to it (the connector)."""
    at = each.starts_at
    if at is None:
        return True
    if listing.start is not None and at < listing.start:
        return False
    return listing.end is None or at < listing.end or (end_inclusive and at == listing.end)


def _sorted(records: Iterable[Record], *, is_ascending: bool) -> list[Record]:
    return sorted(records, key=lambda each: (each.starts_at or _ALWAYS, each.id), reverse=not is_ascending)


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _strings(value: Any) -> Iterator[str]:
    """Every string within, so that a domain in a strange shape is found by the filter as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)
