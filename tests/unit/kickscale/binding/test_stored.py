"""A binding in the database, and the notes about it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.kickscale.binding.bind import (
    DEFAULT,
    Binding,
    ById,
    DomainFilter,
    Field,
    Form,
    Reading,
    Source,
    Upload,
    UploadStyle,
    from_json,
    to_json,
)
from tests.unit.kickscale.binding.documents import JSON, overridden

TEXT = st.text(max_size=10)
READINGS = st.builds(
    Reading,
    st.sampled_from(["/calls", "/v1/meetings"]),
    st.builds(DomainFilter, TEXT, st.sampled_from(Form), st.sampled_from(Source)),
    st.sampled_from([ById("/calls/{id}"), ById("/calls", "id", Source.DOCUMENT)]),
    st.sampled_from(Source),
)
FIELDS = st.builds(Field, TEXT, TEXT, st.booleans(), TEXT, st.lists(TEXT, max_size=2).map(tuple), TEXT)
UPLOADS = st.builds(
    Upload,
    st.sampled_from(["/calls", "/calls/upload"]),
    st.sampled_from(UploadStyle),
    TEXT,
    TEXT,
    st.lists(FIELDS, max_size=2).map(tuple),
    st.lists(TEXT, max_size=2).map(tuple),
    st.none() | st.integers(min_value=1),
    st.sampled_from(Source),
)
BINDINGS = st.builds(Binding, READINGS, READINGS, UPLOADS, st.lists(TEXT, max_size=2).map(tuple))


@given(BINDINGS)
def test_a_binding_survives_being_stored(binding: Binding) -> None:
    """Through JSON and back."""
    assert from_json(json.loads(json.dumps(to_json(binding)))) == binding


@given(JSON, st.sampled_from(["calls", "meetings", "upload", "remarks"]))
def test_nonsense_is_no_binding(value: Any, key: str) -> None:
    """From an older version, or anything else."""
    assert from_json(value) is None
    assert isinstance(from_json({**to_json(DEFAULT), key: value}), Binding | None)
    assert from_json({**to_json(DEFAULT), "upload": {**to_json(DEFAULT)["upload"], "path": "//example.com/x"}}) is None


def test_notes_name_every_part_and_its_source() -> None:
    """What a log and `doctor` show."""
    assert DEFAULT.notes == (
        "calls: GET /calls [default]",
        "calls, domain filter: customerDomain (single) [default]",
        "calls, by ID: GET /calls/{id} [default]",
        "meetings: GET /meetings [default]",
        "meetings, domain filter: customerDomain (single) [default]",
        "meetings, by ID: GET /meetings/{id} [default]",
        "upload: POST /calls (multipart, field file) [default]",
    )
    by_query = overridden(DEFAULT, call_path="/calls?id=")
    assert "calls, by ID: GET /calls?id= [override]" in by_query.notes
