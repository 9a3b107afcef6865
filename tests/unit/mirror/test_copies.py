"""What of a conversation is copied."""

from typing import Any

from bot.kickscale.records.parsing import conversation
from bot.mirror.copies import conversation_of, copy
from bot.model.conversation import Conversation, Insight, Kind
from bot.model.mirror import Content, Hit

NUMBER = "+49 30 23125 901"
RECORD = {
    "id": "c1",
    "updatedAt": "2026-11-23T09:00:00Z",
    "name": "Demo",
    "date": "2026-11-23T08:00:00Z",
    "summary": "About the price.",
    "actionItems": [
        {"text": "Send it", "done": True, "assignee": {"name": "Robin", "phone": NUMBER}, "comments": ["hm"]},
        "Call again",
    ],
    "participants": [
        {"name": "Jane Doe", "email": "Jane@acme.com", "phone": NUMBER, "talkShare": 40},
        {"name": "Robin Rep", "comment": "hm", "talkShare": 60},
    ],
    "participantEmails": ["jane@acme.com"],
    "userQuestions": ["How much?"],
    "insights": [{"title": "Budget", "text": "It is fixed.", "quote": "Not a cent more", "speaker": "Jane"}],
    "duration": 90.4,
    "user": {"id": 7, "firstName": "Robin", "lastName": "Rep", "email": "Robin@example.com", "mobile": NUMBER},
    "customerDomains": ["acme.com"],
    "recordingRef": "https://recordings.example/c1",
    "transcript": [{"text": "Hello"}],
    "emailDraft": "Dear Jane",
    "comments": ["hm"],
    "caller": NUMBER,
    "rating": 3,
}


def read(record: dict[str, Any]) -> Conversation:
    found = conversation(record, Kind.CALL)
    assert found is not None
    return found


def test_a_copy_has_what_is_searched_and_counted() -> None:
    """Whose it is in the form in which addresses are compared, and its words, each person once."""
    copied = copy(read(RECORD), is_internal=False)
    assert (copied.owner, *sorted(copied.people)) == ("robin@example.com", "jane@acme.com", "robin@example.com")
    assert (copied.domains, copied.duration, copied.open_items, copied.questions) == (("acme.com",), 90, 1, 1)
    assert copied.content == Content(
        "Demo", "About the price.", "Send it\nCall again\nHow much?\nBudget\nIt is fixed.", "Robin Rep\nJane Doe"
    )
    assert copied.version == "2026-11-23T09:00:00Z"


def test_a_copy_has_nothing_else() -> None:
    """No draft, link, telephone number, comment or rating, no quote, and the transcript only on its own."""
    copied = copy(read(RECORD), is_internal=True)
    again = conversation_of(Hit(Kind.CALL, "c1", is_internal=True, record=copied.record))
    left_out = {"transcript": (), "email_draft": None, "comments": (), "caller": "", "rating": "", "recording_url": ""}
    (insight,) = again.insights
    assert again == read(RECORD).replace(is_internal=True, insights=(Insight("Budget", "It is fixed."),), **left_out)
    assert insight.quote == ""
    for left_out_too in ("cent", NUMBER, "hm"):
        assert left_out_too not in str(copied)


def test_any_record_can_be_copied() -> None:
    """Whatever is missing or malformed is empty."""
    assert copy(read({"id": "c1", "user": [[]], "participants": 3}), is_internal=False).people == frozenset()
