"""Records that stay JSON for longer: what people see is what they would have seen if all had been decoded at once."""

import dataclasses
import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import KickscaleUnreadable
from bot.kickscale import protocol
from bot.kickscale.protocol import Records
from bot.kickscale.records.encoded import EncodedRecord, decode_page
from bot.kickscale.records.parsing import read
from bot.model.conversation import Conversation, Kind
from tests.unit.kickscale.records.samples import FIELDS, JSON, KEYS

NAMES = [field.name for field in dataclasses.fields(Conversation) if field.name != "raw"]
RECORDS = st.dictionaries(KEYS, JSON, max_size=12).map(lambda record: {"id": "c1", **record})
PAGES = st.lists(RECORDS | JSON, max_size=4)
ANSWERS = (
    PAGES
    | st.fixed_dictionaries({"data": PAGES | JSON}, optional={"meta": st.fixed_dictionaries({"total": JSON}) | JSON})
    | JSON
)
BYTES = [*(character.encode() for character in '"\\{}[]:,-.0e\x00\n ü'), b"\xff", b"\xc3", b"\\ud800", b"NaN", b"null"]


def decode_at_once(body: bytes) -> Records:
    """What pages of lists were before their records stayed JSON."""
    return protocol.read_page(protocol.decode(body))


def look(records: Records) -> Any:
    """Everything that anybody could look at."""
    page = read(records, Kind.CALL)
    fields = [[repr(getattr(conversation, name)) for name in NAMES] for conversation in page.conversations]
    return fields, [repr(dict(conversation.raw)) for conversation in page.conversations], page.unreadable, page.total


def outcome(decode: Any, body: bytes) -> Any:
    try:
        return look(decode(body))
    except KickscaleUnreadable as exc:
        return str(exc)


@settings(max_examples=300)
@given(ANSWERS)
def test_a_page_is_the_same_as_if_it_were_decoded_at_once(answer: Any) -> None:
    """Whatever its shape, and whatever is in the records."""
    body = json.dumps(answer).encode()
    assert outcome(decode_page, body) == outcome(decode_at_once, body)


@settings(max_examples=300)
@given(st.lists(RECORDS, min_size=1, max_size=2), st.data())
def test_a_broken_page_is_unreadable_as_a_whole(records: list[Any], data: st.DataObject) -> None:
    """A record whose JSON is wrong somewhere is never found out only when somebody looks at it."""
    body = bytearray(json.dumps({"data": records}, ensure_ascii=False).encode("utf-8", "replace"))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 1))] = data.draw(st.sampled_from(BYTES))
    assert outcome(decode_page, bytes(body)) == outcome(decode_at_once, bytes(body))


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=12), st.permutations(FIELDS))
def test_a_field_is_the_same_before_and_after_the_others_are_decoded(record: dict[str, Any], names: list[str]) -> None:
    """In any order."""
    body = json.dumps({"data": [record]}).encode()
    (at_once,), (later,) = decode_at_once(body).items, decode_page(body).items
    assert [repr(later.get(name)) for name in names] == [repr(at_once.get(name)) for name in names]
    assert repr(dict(later)) == repr(at_once)
    assert [repr(later.get(name)) for name in names] == [repr(at_once.get(name)) for name in names]


def test_a_field_that_is_missing_has_the_default() -> None:
    """As in any mapping, also one that lists look at; null isn't missing."""
    (record,) = decode_page(b'[{"id": "c1", "type": null}]').items
    assert isinstance(record, EncodedRecord)
    assert [record.get(name) for name in ("actionItems", "outcome", "type", "id")] == [None, None, None, "c1"]
    assert [record.get(name, 0) for name in ("actionItems", "outcome", "type", "id")] == [0, 0, None, "c1"]
    assert len(record) == 2
    with pytest.raises(KeyError):
        record["outcome"]


def test_what_is_read_of_a_copy_is_not_kept_in_the_record() -> None:
    """The record stays the JSON that it was: a list that is in memory doesn't grow when somebody looks at it."""
    encoded = json.dumps({"id": "1", "name": "Demo", "duration": 60, "transcript": "x" * 2_000}).encode()
    (record,) = read(decode_page(b"[" + encoded + b"]"), Kind.CALL).conversations
    before, held = sys.getsizeof(record.raw), dict(vars(record))
    assert before >= len(encoded)
    for looked_at in (record.copy(), record.copy().copy()):
        assert dict(looked_at.raw) == json.loads(encoded)
        assert (looked_at.name, looked_at.duration) == ("Demo", 60)
        assert looked_at == record.copy()
    assert sys.getsizeof(record.raw) == before
    assert vars(record) == held
    looked_at.raw["id"]
    assert looked_at.copy().duration == 60
