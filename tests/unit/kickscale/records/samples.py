"""Records, and JSON of any kind."""

from typing import Any

from hypothesis import strategies as st

from bot.kickscale.records.parsing import conversation
from bot.model.conversation import Conversation, Kind

FIELDS = [
    "id",
    "createdAt",
    "updatedAt",
    "clientId",
    "name",
    "date",
    "summary",
    "actionItems",
    "participants",
    "userQuestions",
    "duration",
    "emailDraft",
    "feedback",
    "metrics",
    "type",
    "insights",
    "language",
    "outcome",
    "comments",
    "rating",
    "user",
    "recordingRef",
    "transcript",
    "crmReference",
    "customerDomains",
    "businessEntities",
    "recordingConsent",
    "participantEmails",
    "metadata",
    "caller",
    "callee",
    "direction",
    "externalCallId",
]
KEYS = st.sampled_from(
    [
        *FIELDS,
        *("text", "title", "value", "items", "data", "email", "firstName", "talkShare", "owner", "done", "speaker"),
        *("start", "words", "deal", "url", "subject", "profile", "label", "unit", "domain", "status"),
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**320)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["12", "1:02:03", "2026-03-01T12:30:45Z", "a@acme.com", "40%", "\ud800", "https://x.de/a", "0001-01-01"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)


def parsed(**fields: Any) -> Conversation:
    """The one record with these fields."""
    read_call = conversation({"id": "c1", **fields}, Kind.CALL)
    assert read_call is not None
    return read_call
