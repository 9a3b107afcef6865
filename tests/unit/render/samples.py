"""Conversations to render: believable ones, and whatever could come instead."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.model.commands import Days, Filters, ListCommand, ShowCommand
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
    Scope,
    Utterance,
)
from bot.model.questions import Answer, Question
from bot.texts import texts_in
from bot.texts.languages import DEFAULT

TEXTS = texts_in(DEFAULT)
WEEK = Days(date(2026, 11, 16), date(2026, 11, 22))
STARTS = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
DATE = f"<!date^{int(STARTS.timestamp())}^{{date_long}}, {{time}}|Wed, 18 Nov 2026, 09:30 UTC>"
PERSONAL = ("42%", "58%", "Words per minute", "140", "4 of 5", "Let them talk more")
"""What `conversation` has about the rep."""

hostile = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
"""For tests with whatever could come instead: each example is a whole screen."""


def answer(
    shown: tuple[Conversation, ...] = (),
    total: int = 0,
    page: int = 0,
    pages: int = 1,
    *,
    unreadable: int = 0,
    latest: Conversation | None = None,
) -> Answer:
    """One page of a list."""
    return Answer(shown, total, page, pages, unreadable, latest)


def conversation(**changes: Any) -> Conversation:
    values: dict[str, Any] = {
        "id": "c-1042",
        "kind": Kind.CALL,
        "name": "Acme: pricing",
        "starts_at": STARTS,
        "duration": 2520,
        "summary": "Pricing was agreed on. The contract follows.\nNext step: the offer.",
        "owner": Owner("7", "Robin Rep", "robin@example.com"),
        "customer_domains": ("acme.com",),
        "direction": "outbound",
        "participants": (Participant("Robin Rep", talk_share=0.42), Participant("", "kim@acme.com", 0.58)),
        "action_items": (ActionItem("Send the offer", "Robin Rep"), ActionItem("Book a room", done=True)),
        "questions": ("Is there a discount?",),
        "insights": (Insight("Competitor", "Globex was named twice."),),
        "metrics": (Metric("Words per minute", "140"),),
        "email_draft": EmailDraft("Hello Kim,\n\nQ&A: <b> `tick`", "The offer"),
        "deal": Deal("Acme 2027", "https://crm.example.com/deals/1?a=1&b=2"),
        "type": "Discovery",
        "language": "de",
        "outcome": "Next step agreed",
        "rating": "4 of 5",
        "feedback": "Let them talk more",
        "recording_url": "https://recordings.example.com/1?sig=abc",
        "raw": {"untouched": {"leaks": "never"}},
    }
    return Conversation(**{**values, **changes})


def question(command: ListCommand | ShowCommand | None = None, **changes: Any) -> Question:
    values: dict[str, Any] = {
        "id": "q-1",
        "command": command or list_command(),
        "timezone": "Europe/Berlin",
        "user": "U1",
        "channel": "C1",
        "asked_at": datetime(2026, 11, 23, 8, 30, tzinfo=UTC),
    }
    return Question(**{**values, **changes})


def list_command(**changes: Any) -> ListCommand:
    values: dict[str, Any] = {"kind": Kind.CALL, "days": WEEK, "domains": ("acme.com",)}
    return ListCommand(**{**values, **changes})


# ---- whatever could come instead -----------------------------------------------------------------------------------

NASTY = (
    "<!channel>",
    "<@U123> <https://evil.example|click>",
    "*bold* _italic_ ~strike~",
    "`code` ```\nblock```",
    "&",
    "&amp;lt;",
    ">>> quote",
    "\u202eesrever\u2066",
    "👩‍👩‍👧‍👦🇩🇪",
    "e\u0301" + "\u0300" * 40,
    "\ud800\udfff",
    "\x00\x1b[31m\u2028\u200b",
    " \n\t ",
    ":rotating_light: {name} %s {0}",
    "# Title\n- **item** & more\n* item",
    "https://evil.example/?a=1&b=<2>",
)
texts = st.one_of(
    st.just(""),
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.builds(lambda part, count: part * (1 + count // len(part)), st.sampled_from(NASTY), st.integers(140, 6_000)),
)
moments = st.none() | st.datetimes(timezones=st.just(UTC))
some = st.sampled_from((0, 1, 3, 60))


def several(item: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.builds(lambda value, count: (value,) * count, item, some)


kinds = st.sampled_from(Kind)
conversations = st.builds(
    Conversation,
    id=texts | st.just("c-1"),
    kind=kinds,
    name=texts,
    starts_at=moments,
    duration=st.none() | st.integers(-5, 10**400),
    summary=texts,
    owner=st.builds(Owner, texts, texts, texts),
    customer_domains=several(texts),
    participants=several(st.builds(Participant, texts, texts, st.none() | st.floats())),
    action_items=several(st.builds(ActionItem, texts, texts, st.booleans())),
    questions=several(texts),
    insights=several(st.builds(Insight, texts, texts)),
    metrics=several(st.builds(Metric, texts, texts)),
    transcript=several(st.builds(Utterance, texts, texts, st.none() | st.floats())),
    email_draft=st.none() | st.builds(EmailDraft, texts, texts),
    deal=st.none() | st.builds(Deal, texts, texts),
    type=texts,
    language=texts,
    outcome=texts,
    direction=texts | st.just("inbound"),
    caller=texts,
    callee=texts,
    rating=texts,
    feedback=texts,
    consent=st.sampled_from(("", "yes", "no", "unclear")),
    recording_url=texts | st.just("https://recordings.example.com/1"),
)
dates = st.dates(date(1970, 1, 1), date(2999, 12, 31))
commands = st.builds(
    ListCommand,
    kind=kinds,
    days=st.builds(lambda *ends: Days(*sorted(ends)), dates, dates),
    domains=several(texts | st.sampled_from(("acme.com", "*.acme.com", "xn--mller-kva.de"))),
    filters=st.builds(
        Filters,
        owner_user=st.sampled_from(("", "U1")),
        owner_email=texts,
        scope=st.sampled_from(Scope),
        type=texts,
        language=texts,
        direction=st.sampled_from(("", "inbound")),
        outcome=texts,
        words=several(texts),
        oldest_first=st.booleans(),
    ),
)


@st.composite
def pages(draw: st.DrawFn) -> Answer:
    """One page of a list; now and then none of it."""
    shown = (draw(conversations),) * draw(st.integers(0, 2)) + (draw(conversations),) * draw(st.integers(0, 8))
    count = draw(st.integers(1, 1_000))
    return Answer(
        shown=shown,
        total=draw(st.integers(len(shown), 10_000)) if shown else 0,
        page=draw(st.integers(0, count - 1)),
        pages=count,
        unreadable=draw(st.integers(0, 10_000)),
        latest=draw(st.none() | conversations),
    )


templates = st.sampled_from(("", "https://app.example.com/{kind}/{id}", "javascript:alert({id})", "{}{nothing}"))
