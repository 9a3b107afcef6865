"""Reading records: whatever they are, nothing is raised, and no text is a raw object."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kickscale.protocol import Records
from bot.kickscale.records.parsing import conversation, read
from bot.model.conversation import (
    ActionItem,
    Conversation,
    Deal,
    EmailDraft,
    Insight,
    Kind,
    Metric,
    Owner,
    Participant,
    Utterance,
)
from tests.unit.kickscale.records.samples import JSON, KEYS, parsed


@given(st.dictionaries(KEYS, JSON, max_size=12) | JSON)
def test_no_record_raises_and_no_text_is_a_raw_object(record: Any) -> None:
    """Any JSON in every field reads as a conversation or as unreadable, and can be stored and sent."""
    read_call = conversation(record, Kind.MEETING)
    if read_call is None:
        return
    assert read_call.raw is record
    assert read_call.id
    for text in texts_of(read_call):
        text.encode()
        assert text.strip()[:2] not in ("{'", "['", "{}", "[]", '{"')
    assert read_call.duration is None or read_call.duration >= 0
    assert all(
        participant.talk_share is None or 0 <= participant.talk_share <= 1 for participant in read_call.participants
    )
    for moment in (read_call.starts_at, read_call.created_at, read_call.updated_at):
        assert moment is None or moment.tzinfo is UTC


def texts_of(read_call: Conversation) -> list[str]:
    """Every text that a person may see and that the record did not hold as a text of its own."""
    return [
        *(metric.value for metric in read_call.metrics if not any_text_in(read_call.raw, metric.value)),
        *(item.text for item in read_call.action_items if not any_text_in(read_call.raw, item.text)),
        *(utterance.text for utterance in read_call.transcript if not any_text_in(read_call.raw, utterance.text)),
        *(
            text
            for insight in read_call.insights
            for text in (insight.title, insight.text)
            if not any_text_in(read_call.raw, text)
        ),
        *(
            text
            for text in (read_call.name, read_call.summary, read_call.feedback)
            if not any_text_in(read_call.raw, text)
        ),
    ]


def any_text_in(value: Any, text: str) -> bool:
    if isinstance(value, dict):
        return any(any_text_in(inner, text) for pair in value.items() for inner in pair)
    if isinstance(value, list):
        return any(any_text_in(inner, text) for inner in value)
    return isinstance(value, str) and text[:2] in value


@given(st.lists(JSON, max_size=6))
def test_bad_records_are_counted_and_never_spoil_the_others(bad: list[Any]) -> None:
    """Among anything, the good record is read, and the counts add up."""
    page = read(Records([*bad, {"id": "good", "name": "Discovery"}, *bad], total=7), Kind.CALL)
    assert "good" in [conversation_.id for conversation_ in page.conversations]
    assert page.received == 2 * len(bad) + 1
    assert page.unreadable + len(page.conversations) == page.received
    assert page.total == 7


@pytest.mark.parametrize(
    "record",
    [
        *(None, 1, "x", [], {}, {"id": None}, {"id": " "}, {"id": True}, {"id": {"a": 1}}, {"id": 1.5}),
        *({"id": "\ud800"}, {"id": "c\0"}),
    ],
)
def test_a_record_without_a_usable_id_is_unreadable(record: Any) -> None:
    """It could not be asked for again."""
    assert conversation(record, Kind.CALL) is None


def test_an_id_is_kept_as_it_is_and_a_numeric_one_becomes_text() -> None:
    """Its case included."""
    assert parsed(id="AbC-1").id == "AbC-1"
    assert parsed(id=42).id == "42"


def test_the_documented_record_is_read_whole() -> None:
    """Every field in its likeliest shape."""
    read_call = conversation(
        {
            "id": "c1",
            "createdAt": "2026-03-01T13:00:00Z",
            "updatedAt": "2026-03-02T09:00:00.123Z",
            "name": " Discovery ",
            "date": "2026-03-01T12:30:45Z",
            "summary": "They liked it.",
            "actionItems": ["Send the offer"],
            "participants": [{"name": "Sophie", "email": "sophie@acme.com", "talkShare": 0.25}],
            "userQuestions": ["What is the budget?"],
            "duration": 1800,
            "emailDraft": {"subject": "Thanks", "body": "Dear Sophie"},
            "feedback": "Good pace",
            "metrics": {"wordsPerMinute": 140, "speakRatio": 0.42},
            "type": "Discovery",
            "insights": [{"title": "Budget", "text": "50k"}],
            "language": "de",
            "outcome": "Next meeting",
            "comments": [{"text": "Well done"}],
            "rating": 4.5,
            "user": {"id": "u1", "firstName": "Rita", "lastName": "Rep", "email": "rita@example.com"},
            "recordingRef": "https://media.example.com/c1?signature=x",
            "transcript": [{"speaker": "Rita", "text": "Hello", "start": 1.5}],
            "crmReference": {"deal": {"name": "Acme 2026", "url": "https://crm.example.com/1"}, "company": "Acme"},
            "customerDomains": ["ACME.com", "www.acme.com", "nonsense"],
            "recordingConsent": True,
            "caller": "+49 30 1",
            "callee": {"name": "Sophie"},
            "direction": "INBOUND",
        },
        Kind.CALL,
    )
    assert read_call == Conversation(
        id="c1",
        kind=Kind.CALL,
        name="Discovery",
        starts_at=datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC),
        duration=1800,
        created_at=datetime(2026, 3, 1, 13, tzinfo=UTC),
        updated_at=datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=UTC),
        summary="They liked it.",
        owner=Owner("u1", "Rita Rep", "rita@example.com"),
        customer_domains=("acme.com",),
        participants=(Participant("Sophie", "sophie@acme.com", 0.25),),
        action_items=(ActionItem("Send the offer"),),
        questions=("What is the budget?",),
        insights=(Insight("Budget", "50k"),),
        metrics=(Metric("words per minute", "140"), Metric("speak ratio", "42%")),
        transcript=(Utterance("Hello", "Rita", 1.5),),
        comments=("Well done",),
        email_draft=EmailDraft("Dear Sophie", "Thanks"),
        deal=Deal("Acme 2026", "https://crm.example.com/1"),
        type="Discovery",
        language="de",
        outcome="Next meeting",
        direction="inbound",
        caller="+49 30 1",
        callee="Sophie",
        rating="4.5",
        feedback="Good pace",
        consent="yes",
        recording_url="https://media.example.com/c1?signature=x",
    )
