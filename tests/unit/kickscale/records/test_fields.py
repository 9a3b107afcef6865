"""Reading records: every documented field in every shape that it may have, and in any other."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.kickscale.records.parsing import conversation
from bot.model.conversation import ActionItem, Deal, EmailDraft, Insight, Kind, Metric, Owner, Participant, Utterance
from tests.unit.kickscale.records.samples import FIELDS, parsed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T12:30:45Z", datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)),
        ("2026-03-01T14:30:45+02:00", datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)),
        ("2026-03-01 12:30:45", datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("20260301", datetime(2026, 3, 1, tzinfo=UTC)),
        (1772368245, datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)),
        (1772368245000, datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)),
        ("1772368245", datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        (0, None),
        (True, None),
        (math.inf, None),
        ({"date": 1}, None),
        (None, None),
    ],
)
def test_a_moment_is_read_from_a_text_or_a_number(value: Any, expected: datetime | None) -> None:
    """With a zone, without one (then UTC), in seconds or in milliseconds."""
    assert parsed(date=value).starts_at == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (90, 90),
        (89.6, 90),
        ("90", 90),
        (" 90.0 ", 90),
        ("1:30", 90),
        ("01:00:05", 3605),
        (0, 0),
        (-1, None),
        (math.nan, None),
        (math.inf, None),
        ("nan", None),
        (10**400, None),
        (True, None),
        ("an hour", None),
        ([90], None),
        (None, None),
    ],
)
def test_a_duration_is_seconds_or_unknown(value: Any, expected: int | None) -> None:
    """Never negative, never infinite."""
    assert parsed(duration=value).duration == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Hello", "Hello"),
        ({"text": "Hello"}, "Hello"),
        ({"title": "", "content": "Hello"}, "Hello"),
        ({"value": {"text": "Hello"}}, "Hello"),
        (["One", {"text": "Two"}, None, {"x": 1}], "One\nTwo"),
        ({"unknown": "Hello"}, ""),
        (7, "7"),
        (True, ""),
        ("half \ud83d", "half ?"),
        (None, ""),
    ],
)
def test_a_summary_is_a_text_or_an_object_that_holds_one(value: Any, expected: str) -> None:
    """And nothing if there is none."""
    assert parsed(summary=value).summary == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["acme.com", "ACME.com", "https://www.acme.com/"], ("acme.com",)),
        ("acme.com, example.com;example.org", ("acme.com", "example.com", "example.org")),
        ([{"domain": "acme.com"}, {"name": "example.com"}], ("acme.com", "example.com")),
        ({"domain": "acme.com"}, ("acme.com",)),
        ({"acme.com": 3}, ("acme.com",)),
        (["Bücher.de"], ("xn--bcher-kva.de",)),
        (["sophie@acme.com"], ("acme.com",)),
        (["*", "*.com", "*.acme.com", "", None, 5, "nonsense"], ()),
        (None, ()),
    ],
)
def test_customer_domains_are_normalised_and_what_is_none_is_dropped(value: Any, expected: tuple[str, ...]) -> None:
    """A record cannot claim every domain by calling itself `*`."""
    assert parsed(customerDomains=value).customer_domains == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["Sophie", "max@acme.com"], (Participant("Sophie"), Participant("", "max@acme.com"))),
        ("Sophie, Max <max@acme.com>", (Participant("Sophie"), Participant("Max", "max@acme.com"))),
        ([{"firstName": "Sophie", "lastName": "Sample"}], (Participant("Sophie Sample"),)),
        ([{"user": {"displayName": "Sophie", "mail": "s@acme.com"}}], (Participant("Sophie", "s@acme.com"),)),
        ({"internal": [{"name": "Rita"}], "external": ["Sophie"]}, (Participant("Rita"), Participant("Sophie"))),
        ({"name": "Sophie"}, (Participant("Sophie"),)),
        (
            [{"name": "A", "speakRatio": 60}, {"name": "B", "talk_share": "40%"}],
            (Participant("A", talk_share=0.6), Participant("B", talk_share=0.4)),
        ),
        (
            [{"name": "A", "percentage": 99.5}, {"name": "B", "percentage": 0.5}],
            (Participant("A", talk_share=0.995), Participant("B", talk_share=0.005)),
        ),
        ([{"name": "A", "metrics": {"speakRatio": 0.3}}], (Participant("A", talk_share=0.3),)),
        ([{"name": "A", "talkShare": -1}, {"name": "B", "talkShare": 400}], (Participant("A"), Participant("B"))),
        ([{"talkShare": 0.5}, None, 5.5, []], (Participant("5.5"),)),
    ],
)
def test_participants_are_names_or_objects(value: Any, expected: tuple[Participant, ...]) -> None:
    """With a talk share as a fraction or in percent. Somebody without name and address is left out."""
    assert parsed(participants=value).participants == expected


def test_participants_come_from_their_addresses_if_there_are_no_others() -> None:
    """Meetings have `participantEmails` too."""
    assert parsed(participantEmails=["s@acme.com"]).participants == (Participant("", "s@acme.com"),)
    both = parsed(participants=["Sophie"], participantEmails=["s@acme.com"])
    assert both.participants == (Participant("Sophie"),)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["Send it", "  ", None], (ActionItem("Send it"),)),
        ("- Send it\n2. Call back\n\n3) Ask", (ActionItem("Send it"), ActionItem("Call back"), ActionItem("Ask"))),
        ({"text": "Send it", "assignee": "Rita", "completed": True}, (ActionItem("Send it", "Rita", done=True),)),
        ({"items": [{"title": "Send it", "owner": {"name": "Rita"}}]}, (ActionItem("Send it", "Rita"),)),
        ({"Rita": ["Send it"], "Sophie": [{"task": "Sign"}]}, (ActionItem("Send it"), ActionItem("Sign"))),
        ([{"description": "Send it", "status": "DONE"}], (ActionItem("Send it", done=True),)),
        ([{"description": "Send it", "status": "open", "done": False}], (ActionItem("Send it"),)),
        ([{"unknown": 1}], ()),
        (3, ()),
    ],
)
def test_action_items_are_texts_or_objects(value: Any, expected: tuple[ActionItem, ...]) -> None:
    """One by one, in a list, in a text of several lines, or by person."""
    assert parsed(actionItems=value).action_items == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"speakRatio": 0.42, "patience": 1.234}, (Metric("speak ratio", "42%"), Metric("patience", "1.23"))),
        (
            {"speak_ratio": {"Rita": 0.4, "value": 0.6}},
            (Metric("speak ratio: rita", "40%"), Metric("speak ratio", "60%")),
        ),
        ([{"name": "wordsPerMinute", "value": 140, "unit": "wpm"}], (Metric("words per minute", "140 wpm"),)),
        ([{"questions": 12}, {"monologue": "2:30"}], (Metric("questions", "12"), Metric("monologue", "2:30"))),
        ({"a": None, "b": True, "c": {}, "d": [], "e": math.nan}, ()),
        ("fast", ()),
    ],
)
def test_metrics_are_figures_with_names(value: Any, expected: tuple[Metric, ...]) -> None:
    """From an object or a list; a ratio is in per cent."""
    assert parsed(metrics=value).metrics == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["Budget is fixed"], (Insight("Budget is fixed"),)),
        ([{"category": "Pain", "value": "Slow"}], (Insight("Pain", "Slow"),)),
        ([{"text": "Slow"}], (Insight("Slow"),)),
        (
            {"painPoints": ["Slow", "Dear"], "budget": "50k"},
            (Insight("pain points", "Slow\nDear"), Insight("budget", "50k")),
        ),
        ({"title": "Pain", "items": ["Slow", "Dear"]}, (Insight("Pain", "Slow\nDear"),)),
        (None, ()),
    ],
)
def test_insights_are_texts_objects_or_sections(value: Any, expected: tuple[Insight, ...]) -> None:
    """A section's name becomes its title."""
    if isinstance(value, dict) and "items" in value:
        value = [value]
    assert parsed(insights=value).insights == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            [
                {
                    "id": "1",
                    "text": "50k",
                    "event_type": "Budget",
                    "type": "DEAL",
                    "quote": "We have 50k",
                    "speaker": "Jo",
                }
            ],
            (Insight("Budget", "50k", "We have 50k", "Jo"),),
        ),
        ([{"insightText": "Slow", "QUOTE": "It is slow"}], (Insight("Slow", "", "It is slow"),)),
        ([{"id": "1", "quote": "Hm", "speaker": {"name": "Jo"}}], (Insight("", "", "Hm", "Jo"),)),
        (
            [{"text": "Slow", "quote": "So slow", "utterance_id": 7}],
            (Insight("Slow", "", "So slow", "Kim", "7", 61.5),),
        ),
        ([{"text": "Slow", "quote": "x", "utteranceId": "8"}], (Insight("Slow", "", "x", "", "8"),)),
        ([{"text": "Slow", "quote": {"a": 1}, "utterance_id": 7}], (Insight("Slow"),)),
    ],
)
def test_an_insight_may_quote_what_was_said(value: Any, expected: tuple[Insight, ...]) -> None:
    """With the speaker and the moment of the utterance, if the transcript has it."""
    said = [{"id": 7, "speaker": "Kim", "text": "So slow", "start": 61.5}]
    assert parsed(insights=value, transcript=said).insights == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"talkRatio": 0.71, "rating": 4.7}, (Metric("talk ratio", "0.71"), Metric("rating", "4.7"))),
        ({"robin": 3, "pace": "rather fast"}, (Metric("robin", "3"), Metric("pace", "rather fast"))),
        ({"robin": {"value": "71 %"}}, (Metric("robin", "71 %"),)),
        ({"coaching": ["Well done", 0.71]}, (Metric("coaching", "Well done\n0.71"),)),
        ({"coaching": ["Talk ratio: 71 %"]}, (Metric("coaching", "Talk ratio: 71 %"),)),
        ([{"title": "Redeanteil", "text": "Robin sprach viel"}], (Metric("redeanteil", "Robin sprach viel"),)),
        ([{"label": "Longest", "value": "2:30"}], (Metric("longest", "2:30"),)),
        ([{"label": "Anteil", "value": "0,71"}], (Metric("anteil", "0,71"),)),
        ({"title": "Coaching", "items": [0.71, 4.7]}, (Metric("coaching", "0.71\n4.7"),)),
        ([0.71, "4.7", "talkRatio: 71 %"], (Metric("talk ratio", "71 %"),)),
        ("Redezeit: 2:30\nWords per minute = 140", (Metric("redezeit", "2:30"), Metric("words per minute", "140"))),
    ],
)
def test_what_may_be_a_figure_about_a_person_is_no_insight(value: Any, expected: tuple[Metric, ...]) -> None:
    """Only its rep may see it; without a name it is left out."""
    read_call = parsed(insights=[value] if isinstance(value, dict) and "items" in value else value)
    assert read_call.insights == ()
    assert read_call.metrics == expected


@pytest.mark.parametrize(
    "said",
    ["They are generating 3 leads a day", "Integrating: 2 systems", "Budget: 50000", "They rate us: a high rating"],
)
def test_what_is_about_the_customer_stays_an_insight(said: str) -> None:
    """Though there is a figure in it."""
    assert parsed(insights=[said]).insights == (Insight(said),)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Hello.\nGoodbye.", (Utterance("Hello."), Utterance("Goodbye."))),
        ({"text": "Hello."}, (Utterance("Hello."),)),
        (
            {"segments": [{"speakerName": "Rita", "content": "Hello.", "startTime": "0:01"}]},
            (Utterance("Hello.", "Rita", 1.0),),
        ),
        (
            [{"speaker": {"name": "Rita"}, "words": [{"word": "Hello"}, "there"], "start": 0}],
            (Utterance("Hello there", "Rita", 0.0),),
        ),
        ([{"text": "Hello", "startMs": 1500}], (Utterance("Hello", at=1.5),)),
        ([{"text": "Late", "start": 1_500_000}], (Utterance("Late", at=1500.0),)),
        ([{"text": "Odd", "start": -1}, {"speaker": "Rita"}, None], (Utterance("Odd"),)),
        (None, ()),
    ],
)
def test_a_transcript_is_a_text_a_list_or_an_object(value: Any, expected: tuple[Utterance, ...]) -> None:
    """Places beyond the conversation's own length are milliseconds."""
    assert parsed(transcript=value, duration=1800).transcript == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Dear Sophie", EmailDraft("Dear Sophie")),
        ({"subject": "Thanks", "content": "Dear Sophie"}, EmailDraft("Dear Sophie", "Thanks")),
        ({"subject": "Thanks"}, EmailDraft("", "Thanks")),
        ([{"body": "Dear Sophie"}], EmailDraft("Dear Sophie")),
        ({}, None),
        ("", None),
        (None, None),
    ],
)
def test_an_email_draft_is_a_text_or_an_object(value: Any, expected: EmailDraft | None) -> None:
    """None if there is nothing to copy."""
    assert parsed(emailDraft=value).email_draft == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"deal": {"name": "Acme", "link": "https://crm.example.com/1"}}, Deal("Acme", "https://crm.example.com/1")),
        ({"deal": "Acme"}, Deal("Acme")),
        ({"deal": ["Acme"]}, Deal("Acme")),
        ({"opportunity": {"title": "Acme"}}, Deal("Acme")),
        ({"deal": {"name": "Acme", "url": "javascript:alert(1)"}}, Deal("Acme")),
        ({"deal": {"id": 7}}, Deal("7")),
        ({"dealName": "Acme"}, Deal("Acme")),
        ("https://crm.example.com/1", Deal("https://crm.example.com/1", "https://crm.example.com/1")),
        ([{"deal": "Acme"}], Deal("Acme")),
        ({"company": "Acme", "contact": "Sophie"}, None),
        (None, None),
    ],
)
def test_the_linked_deal_is_the_deal_of_the_crm_reference(value: Any, expected: Deal | None) -> None:
    """A company or a contact is none, and only web addresses are links."""
    assert parsed(crmReference=value).deal == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": "u1", "name": "Rita", "email": "r@example.com"}, Owner("u1", "Rita", "r@example.com")),
        (
            {"userId": 5, "profile": {"firstName": "Rita", "emailAddress": "r@example.com"}},
            Owner("5", "Rita", "r@example.com"),
        ),
        ("u1", Owner("u1")),
        (5, Owner("5")),
        ("r@example.com", Owner(email="r@example.com")),
        (None, Owner()),
        ([1], Owner()),
    ],
)
def test_the_owner_is_an_object_an_id_or_an_address(value: Any, expected: Owner) -> None:
    """Without `expand` it may be just an id."""
    assert parsed(user=value).owner == expected


def test_a_person_nested_without_end_is_read_to_a_depth() -> None:
    """As anything that may be nested."""
    nested: dict[str, Any] = {}
    for _ in range(900):
        nested = {"user": nested, "text": nested, "deal": nested, "items": nested, "status": nested}
    read_call = conversation(dict.fromkeys([*FIELDS], nested) | {"id": "c1"}, Kind.CALL)
    assert read_call is not None
    assert read_call.owner == Owner()


@pytest.mark.parametrize(
    ("field", "value", "attribute", "expected"),
    [
        ("direction", "outgoing", "direction", "outbound"),
        ("direction", "Incoming", "direction", "inbound"),
        ("direction", "sideways", "direction", ""),
        ("direction", 1, "direction", ""),
        ("caller", {"phoneNumber": "+49 30 1"}, "caller", "+49 30 1"),
        ("caller", 49301, "caller", "49301"),
        ("callee", {"email": "s@acme.com"}, "callee", "s@acme.com"),
        ("language", {"code": "de"}, "language", "de"),
        ("type", {"name": "Discovery"}, "type", "Discovery"),
        ("rating", {"score": 4}, "rating", "4"),
        ("feedback", [{"criterion": "Goals asked for", "score": 4}, "Good"], "feedback", "Goals asked for: 4\nGood"),
        ("feedback", {"text": "Good pace", "rating": 5}, "feedback", "Good pace: 5"),
        ("recordingConsent", False, "consent", "no"),
        ("recordingConsent", {"status": "given"}, "consent", "yes"),
        ("recordingConsent", {"granted": True}, "consent", "yes"),
        ("recordingRef", {"url": "https://media.example.com/1"}, "recording_url", "https://media.example.com/1"),
        ("recordingRef", "javascript:alert(1)", "recording_url", ""),
        ("recordingRef", "https://media.example.com/1|x>", "recording_url", ""),
        ("userQuestions", [{"question": "Why?"}], "questions", ("Why?",)),
        ("comments", "Well done", "comments", ("Well done",)),
    ],
)
def test_the_small_fields_are_read_leniently_too(field: str, value: Any, attribute: str, expected: Any) -> None:
    """A text, a number, a truth value or an object, as each may be."""
    assert getattr(parsed(**{field: value}), attribute) == expected


@pytest.mark.parametrize(("before", "email"), [(1, "sam@acme.com"), (2_000, "")])
def test_an_address_is_looked_for_at_the_beginning_only(before: int, email: str) -> None:
    """Every character may be read 64 times, so a long text would keep everybody waiting."""
    text = f"{' '.join('x' * before)} <sam@acme.com>"
    read_call = conversation({"id": "c1", "participants": [text]}, Kind.CALL)
    assert read_call is not None
    assert [participant.email for participant in read_call.participants] == [email]


@pytest.mark.parametrize(
    ("field", "value", "attribute", "expected"),
    [
        ("customerDomains", "www." * 1_000_000 + "acme.com", "customer_domains", ("acme.com",)),
        ("recordingConsent", {"k" * 1_000_000: ["yes"] * 10_000}, "consent", "unclear"),
        ("recordingConsent", {"k" * 1_000_000: {f"k{number}": 1 for number in range(10_000)}}, "consent", "unclear"),
    ],
)
def test_a_record_of_some_megabytes_is_read_without_copying_it_again_and_again(
    field: str, value: Any, attribute: str, expected: Any
) -> None:
    """Once more for each of its parts, it would take a quarter of an hour."""
    assert getattr(parsed(**{field: value}), attribute) == expected
