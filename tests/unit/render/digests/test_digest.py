"""Digests: what they say, and that everything is in exactly one of their messages, however much it is."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError, KickscaleUnavailable
from bot.model.conversation import ActionItem, Conversation, Kind, Participant
from bot.model.digests import Digest, Subscription
from bot.render.digests.digest import digest_parts, preview_message, quiet_message, thread_parts
from bot.render.digests.notices import failed_message, paused_message
from bot.render.kit.charts import with_charts_as_text
from tests.unit.render import samples
from tests.unit.render.samples import DATE, STARTS, TEXTS, conversation, hostile
from tests.unit.render.slack_rules import check_message, shown

DAY = timedelta(days=1)
END = STARTS + timedelta(hours=2)


def subscription(**changes: Any) -> Subscription:
    values: dict[str, Any] = {"domains": ("acme.com",), "since": END - DAY}
    return Subscription("d1", "C1", timezone="UTC", created_by="U1", created_at=END, due_after=END, **values | changes)


def digest(*conversations: Conversation, **changes: Any) -> Digest:
    """Of a day, up to two hours after the sample conversation began."""
    values: dict[str, Any] = {"subscription": subscription(), "day": END.date(), "start": END - DAY, "end": END}
    return Digest(conversations=conversations, **values | changes)


def messages(one: Digest) -> list[str]:
    """What can be read of each message."""
    parts = list(digest_parts(TEXTS, one, link_template=""))
    for part in parts:
        check_message(part.payload)
    return [shown(part.payload) for part in parts]


def moment(at: Any) -> str:
    return f"<!date^{int(at.timestamp())}^{{date_long}}, {{time}}|{at:%a}, {at.day} Nov 2026, {at:%H:%M} UTC>"


def test_a_digest_says_what_happened() -> None:
    """The figures and what is usual, then the conversations, with all that people want to know before they click."""
    items = (ActionItem("Send the offer", "Robin Rep"), ActionItem("Book a room", done=True), ActionItem("Call again"))
    guests = (Participant("Kim Kay", "kim@acme.com"), Participant("Robin Rep", "robin@example.com"))
    first = conversation(kind=Kind.MEETING, direction="", action_items=items, participants=guests)
    second = conversation(id="c-2", name="Acme: follow-up", action_items=(), participants=(), summary="")
    (text,) = messages(digest(first, second, usual_count=1.5, usual_seconds=1800))
    assert text == (
        "acme.com: digest for Wed, 18 Nov 2026\n"
        "*1 meeting + 1 call* · 1 h 24 min in total · usually about 2 (30 min)\n"
        "📅 *Acme: pricing* →\u00a0*Next step agreed*\n"
        "[Details]\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· with Kim Kay\n"
        "Pricing was agreed on. The contract follows.\n"
        "Next step: the offer.\n"
        "☐ Send the offer (Robin Rep)\n"
        "☐ Call again\n"
        "📞 *Acme: follow-up* →\u00a0*Next step agreed*\n"
        "[Details]\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\n"
        "Not analysed by Kickscale yet.\n"
        f"{moment(END - DAY)} to {moment(END)} · digest d1\n"
        "[Change]\n[Pause]"
    )


@pytest.mark.parametrize(
    ("count", "seconds", "said"),
    [
        (0.0, 0.0, "usually none"),
        (0.2, 300.0, "usually fewer than one"),
        (1.0, 1800.0, "usually 1 (30 min)"),
        (1.3, 1800.0, "usually about 1 (30 min)"),
        (3.5, 30.0, "usually about 4"),
        (1234.0, None, "usually 1,234"),
    ],
)
def test_usual_figures_are_whole_conversations(count: float, seconds: float | None, said: str) -> None:
    """And how long they take in total, if there is usually at least one."""
    (text,) = messages(digest(conversation(), usual_count=count, usual_seconds=seconds))
    assert text.split("\n")[1] == f"*1 call* · 42 min in total · {said}"


def test_summaries_and_action_items_are_short() -> None:
    """About two lines of the summary, the first three open action items, and how many more there are."""
    items = tuple(ActionItem(f"Step {number}", "Robin Rep") for number in range(5))
    (text,) = messages(digest(conversation(summary="Said this and that. " * 60, action_items=items)))
    (summary,) = re.findall("Said this.*", text)
    assert 200 < len(summary) <= 260
    assert summary.endswith("that.")
    assert "☐ Step 2 (Robin Rep)\n… and 2 more action items" in text
    assert "Step 3" not in text


def test_conversations_are_grouped_by_customer() -> None:
    """Each one is below the first of its subscribed domains. The customer with the newest conversation comes first."""
    asked = subscription(domains=("acme.com", "*.example.net"))
    (text,) = messages(
        digest(
            conversation(id="1", name="First", customer_domains=("eu.example.net", "acme.com")),
            conversation(id="2", name="Second", customer_domains=("acme.com",)),
            conversation(id="3", name="Third", customer_domains=("other.example", "eu.example.net")),
            subscription=asked,
        )
    )
    headings = re.findall(r"^(?:📞 )?\*(.+?)\*(?: →.*| · (\d) conversations)?$", text, re.MULTILINE)
    assert headings == [("eu.example.net", "2"), ("First", ""), ("Third", ""), ("acme.com", ""), ("Second", "")]
    assert text.startswith("acme.com and *.example.net: digest for")


@pytest.mark.parametrize(("days", "charted"), [(2, 0), (7, 0), (8, 8), (40, 20)])
def test_a_week_and_more_has_a_chart(days: int, charted: int) -> None:
    """Of very many days, only the last ones. Where Slack doesn't know charts yet, the same is shown as text."""
    counts = tuple((END.date() - (days - 1 - place) * DAY, place + 1) for place in range(days))
    (part,) = digest_parts(TEXTS, digest(conversation(), counts=counts), link_template="")
    assert shown(part.payload).count("[chart]") == bool(charted)
    assert "Conversations per day: " not in shown(part.payload)
    as_text = with_charts_as_text(part.payload)
    text = shown(as_text) if as_text else ""
    assert ("Conversations per day, last 20 days: " in text) == (days > charted > 0)
    words = re.findall(r"^Conversations per day(?:, last 20 days)?: (.*)$", text, re.MULTILINE)
    points = [f"{day.day} {day:%b}: {count}" for day, count in counts[days - charted :]]
    assert words == ([", ".join(points)] if charted else [])


def test_quiet_weekends_are_not_drawn() -> None:
    """A Saturday on which something happened is."""
    counts = tuple((END.date() - (14 - place) * DAY, int(place in {3, 5})) for place in range(15))
    (part,) = digest_parts(TEXTS, digest(conversation(), counts=counts), link_template="")
    (chart,) = (block["chart"] for block in part.payload["blocks"] if block["type"] == "data_visualization")
    days = chart["axis_config"]["categories"]
    assert ("7 Nov" in days, "8 Nov" in days, "14 Nov" in days, "15 Nov" in days) == (True, False, False, False)


def test_a_digest_says_what_is_unusual() -> None:
    """That it is late, and that something in it wasn't known the last time."""
    (text,) = messages(digest(conversation(starts_at=END - 3 * DAY), posted_late=True))
    assert "only just became available · posted late" in text


@pytest.mark.parametrize("count", [1, 10, 11, 60, 3_000])
def test_every_conversation_is_in_exactly_one_message(count: int) -> None:
    """A screenful is in the channel and the rest in the thread. The first fifty have all their details."""
    texts = [f"Talk {number} " for number in range(count)]
    whole = digest(*(conversation(id=f"c-{number}", name=name) for number, name in enumerate(texts)))
    first, *thread = said = messages(whole)
    named = [int(number) for text in said for number in re.findall(r"^📞 \*Talk (\d+)\*", text, re.MULTILINE)]
    assert named == list(range(count))
    assert first.count("[Details]") == min(count, 10)
    assert (f"{count - 10:,} more in the thread" in first) == (count > 10) == bool(thread)
    assert sum(text.count("[Details]") for text in said) == count
    assert sum(text.count("☐ Send the offer") for text in said) == min(count, 50)


@hostile
@given(st.lists(samples.conversations, min_size=1, max_size=14), st.data())
def test_slack_accepts_every_message_of_any_digest(drawn: list[Conversation], data: st.DataObject) -> None:
    """If some of them are posted already, the others show the rest."""
    patterns = data.draw(st.sampled_from([("*",), ("acme.com",), ("acme.com", "*.example.net", "example.org")]))
    counts = tuple((END.date() - place * DAY, place) for place in range(data.draw(st.integers(0, 30))))
    one = digest(
        *(replace(item, id=f"c-{number}") for number, item in enumerate(drawn)),
        subscription=subscription(domains=patterns),
        counts=counts,
        usual_count=data.draw(st.none() | st.floats(0, 1e6)),
        usual_seconds=data.draw(st.none() | st.floats(0, 1e9)),
    )
    parts = list(digest_parts(TEXTS, one, link_template=data.draw(samples.templates)))
    for part in parts:
        check_message(part.payload)
    everything = [id_ for part in parts for id_ in part.shown]
    assert sorted(everything) == sorted(conversation.id for conversation in one.conversations)
    posted = {id_ for part in parts[: data.draw(st.integers(1, len(parts)))] for id_ in part.shown}
    rest = list(thread_parts(TEXTS, one, link_template="", without=posted))
    for part in rest:
        check_message(part.payload)
    assert [id_ for part in rest for id_ in part.shown] == [id_ for id_ in everything if id_ not in posted]
    check_message(preview_message(TEXTS, one, link_template=""))


@pytest.mark.parametrize("error", [None, KickscaleUnavailable(503)])
def test_the_messages_in_place_of_a_digest(error: BotError | None) -> None:
    """On a quiet day, and if the digest couldn't be made."""
    asked = subscription()
    quiet = quiet_message(TEXTS, digest(subscription=asked))
    failed = failed_message(TEXTS, asked, date(2026, 11, 18), error, with_button=False)
    for payload in (quiet, failed):
        check_message(payload)
    start = r"<!date\S+ \{time\}\|Tue, 17 Nov 2026, 11:30 UTC>"
    assert re.fullmatch(rf"acme\.com: nothing new since {start}\.", shown(quiet).removesuffix("\n[Change]\n[Pause]"))
    assert shown(failed).startswith("⚠️ acme.com: I couldn't create the digest for Wed, 18 Nov 2026. ")
    assert shown(failed).endswith(" The next one will include everything from that time too.")


@pytest.mark.parametrize("why", ["is_archived", "not_in_channel", "channel_not_found", "token_revoked", "<!channel>"])
def test_the_creator_reads_why_a_digest_is_paused_and_what_to_do(why: str) -> None:
    """In a sentence if there is one, otherwise with Slack's own word."""
    payload = paused_message(TEXTS, subscription(), why)
    check_message(payload)
    assert "I paused digest d1 (acme.com) in <#C1>." in shown(payload)
    assert "`/kickscale digest resume d1`" in shown(payload)
