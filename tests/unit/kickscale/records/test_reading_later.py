"""Most of a record is read when somebody looks at it: what they see is what they would have seen at once."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversations.filters import matches
from bot.kickscale.records.parsing import conversation
from bot.model.commands import Filters
from bot.model.conversation import Conversation, Kind, Metric
from tests.unit.kickscale.records.samples import JSON, KEYS

NAMES = tuple(field.name for field in dataclasses.fields(Conversation))
AT_ONCE = {"id", "kind", "raw", "starts_at", "customer_domains"}
RECORD = {
    "id": "c1",
    "date": "2026-03-01T12:30:45Z",
    "name": "Discovery",
    "summary": "They liked it.",
    "customerDomains": ["acme.com"],
    "user": {"name": "Rita", "email": "rita@example.com"},
    "metrics": {"wordsPerMinute": 140},
    "insights": ["Budget is fixed"],
}


def read() -> Conversation:
    """The record, of which nothing but the necessary is read yet."""
    unread = conversation(RECORD, Kind.CALL)
    assert unread is not None
    return unread


@settings(max_examples=50)
@given(st.dictionaries(KEYS, JSON, max_size=12), st.permutations(NAMES))
def test_fields_can_be_read_in_any_order(record: dict[str, Any], names: list[str]) -> None:
    """Each has the value that it has among all the others, and keeps it."""
    later, at_once = (conversation(record | {"id": "c1"}, Kind.CALL) for _ in range(2))
    assert later is not None
    assert at_once is not None
    whole = dataclasses.replace(at_once)  # has read every field
    for name in names:
        value = getattr(later, name)
        assert repr(value) == repr(getattr(whole, name))
        assert getattr(later, name) is value


def test_a_list_reads_only_what_it_looks_at() -> None:
    """What no filter is about costs nothing and takes no memory."""
    unread = read()
    assert vars(unread).keys() == AT_ONCE
    assert matches(unread, Filters(owner_email="rita@example.com"))
    assert vars(unread).keys() == AT_ONCE | {"owner"}


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        lambda unread: pickle.loads(pickle.dumps(unread)),  # noqa: S301 our own bytes
        dataclasses.replace,
        lambda unread: unread.replace(),
        lambda unread: Conversation(**{name: getattr(unread, name) for name in NAMES}),
    ],
)
def test_copies_are_equal_whatever_was_read_before(copied: Any) -> None:
    """In both directions, and as keys; one with another value isn't."""
    unread = read()
    twin = copied(read())
    assert unread == twin
    assert twin == unread
    assert hash(twin) == hash(unread)
    assert unread != twin.replace(summary="")
    assert twin.replace(metrics=()) != unread


def test_a_copy_has_the_new_values_and_reads_the_others() -> None:
    """Even if the record has something else, and whether or not that was read; the original stays as it was."""
    unread = read()
    redacted = unread.replace(metrics=(), is_internal=True)
    assert (redacted.metrics, redacted.is_internal, redacted.summary) == ((), True, "They liked it.")
    assert (unread.metrics, unread.is_internal) == ((Metric("words per minute", "140"),), False)
    assert unread.replace(metrics=()).metrics == ()
    with pytest.raises(TypeError):
        unread.replace(metric=())


def test_nobody_can_change_a_field() -> None:
    """Read or not."""
    unread = read()
    for name in NAMES:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(unread, name, "")
    assert unread.summary == "They liked it."
