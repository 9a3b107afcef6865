"""`/kickscale calls` and `meetings`: what is answered, to whom, and the pages."""

import asyncio
import functools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.kickscale import DomainForm, Envelope, RequestLog, Swagger
from bot.sandbox.slack import Message
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, call, is_error, world

TEN = [f"Call {number}" for number in range(10)]


def names(message: Message) -> list[str]:
    """The conversations of a list, in its order."""
    names = [block["text"]["text"].split(" ", 1)[1].split(" →")[0] for block in message.blocks if "accessory" in block]
    assert names or "No calls" in message.text
    return names


def buttons(message: Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


async def test_a_list_has_a_heading_facts_and_buttons(here: World) -> None:
    """The count, the domain and the days are on top; each call has its facts and a button."""
    here.kickscale.add_call(
        call(1, datetime(2026, 11, 17, 13, 0, tzinfo=UTC), name="Renewal", outcome="Next step agreed")
    )
    answer = await here.ask("/kickscale calls acme.com last-week")
    text = here.text(answer)
    assert "1 call with acme.com, Mon, 16 – Sun, 22 Nov 2026" in text
    assert "Renewal" in text
    assert "Tue, 17 Nov, 14:00" in text, "in Robin's own zone, Europe/Berlin"
    assert "10 min" in text
    assert "Robin Rep" in text
    assert "outbound" in text
    assert "Next step agreed" in text
    assert "Summary 1" not in text
    assert "[Details]" in text
    assert buttons(answer) == ["Share in channel"]


async def test_only_the_asker_sees_an_answer(here: World) -> None:
    """Nobody else does, and nothing is posted."""
    here.add_calls(1)
    await here.type("/kickscale calls acme.com")
    assert len(here.slack.ephemerals(SALES, ROBIN)) == 1
    assert here.slack.ephemerals(SALES, LEA) == []
    assert here.slack.posts(SALES) == []


async def test_pages_turn_both_ways_and_after_a_restart(here: World) -> None:
    """Ten on a page, newest first. There is no Newer on the first page and no Older on the last."""
    here.add_calls(23)
    answer = await here.ask("/kickscale calls acme.com")
    assert names(answer) == TEN
    assert buttons(answer) == ["Older", "Share in channel"]
    await here.click(answer, "Older")
    answer = here.slack.ephemerals(SALES, ROBIN)[-1]
    assert names(answer) == [f"Call {number}" for number in range(10, 20)]
    assert buttons(answer) == ["Newer", "Older", "Share in channel"]
    await here.restart()
    await here.click(answer, "Older")
    answer = here.slack.ephemerals(SALES, ROBIN)[-1]
    assert names(answer) == ["Call 20", "Call 21", "Call 22"]
    assert buttons(answer) == ["Newer", "Share in channel"]
    await here.click(answer, "Newer")
    assert names(here.slack.ephemerals(SALES, ROBIN)[-1])[0] == "Call 10"
    assert len(here.slack.ephemerals(SALES, ROBIN)) == 1, "each page replaces the one before"


async def test_a_page_turned_tomorrow_covers_the_same_days(here: World) -> None:
    """The days are fixed when the question is asked."""
    here.add_calls(12, every=timedelta(minutes=10))
    answer = await here.ask("/kickscale calls acme.com today")
    await here.clock.advance(86_400)
    here.kickscale.add_call(call(99, here.clock.now(), name="Tomorrow's"))
    await here.click(answer, "Older")
    text = here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert "Mon, 23 Nov 2026" in text
    assert "Tomorrow" not in text


async def test_oldest_first_swaps_the_buttons(here: World) -> None:
    """With sort:oldest the next page is a newer one."""
    here.add_calls(11)
    answer = await here.ask("/kickscale calls acme.com sort:oldest")
    assert names(answer)[0] == "Call 10"
    assert buttons(answer) == ["Newer", "Share in channel"]
    await here.click(answer, "Newer")
    answer = here.slack.ephemerals(SALES, ROBIN)[-1]
    assert names(answer) == ["Call 0"]
    assert buttons(answer) == ["Older", "Share in channel"]


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("owner:@lea.lead", ["Lea's"]),
        ("owner:lea.lead@example.com", ["Lea's"]),
        ('type:"Discovery"', ["Discovery"]),
        ("language:de", ["German"]),
        ("direction:inbound", ["Inbound"]),
        ("outcome:won", ["Won"]),
        ('"renewal price"', ["Words"]),
        ("scope:internal", ["Internal"]),
    ],
)
async def test_filters_narrow_the_list_and_its_count(here: World, typed: str, listed: list[str]) -> None:
    """Every filter that can be typed; the count is what is left after all of them."""
    now = here.clock.now() - timedelta(hours=1)
    lea = {"id": "u2", "firstName": "Lea", "lastName": "Lead", "email": "lea.lead@example.com"}
    here.kickscale.add_call(call(1, now, name="Lea's", user=lea))
    here.kickscale.add_call(call(2, now, name="Discovery", type="Discovery"))
    here.kickscale.add_call(call(3, now, name="German", language="de-DE"))
    here.kickscale.add_call(call(4, now, name="Inbound", direction="inbound"))
    here.kickscale.add_call(call(5, now, name="Won", outcome="Won"))
    here.kickscale.add_call(call(6, now, name="Words", summary="About the renewal price of it all"))
    here.kickscale.add_call(call(7, now, name="Internal"), internal=True)
    answer = await here.ask(f"/kickscale calls acme.com {typed}")
    assert names(answer) == listed
    assert "1 call with acme.com" in here.text(answer)


async def test_several_domains_mean_any_of_them(here: World) -> None:
    """A call with both customers is listed once."""
    now = here.clock.now() - timedelta(hours=1)
    here.kickscale.add_call(call(1, now, customerDomains=["acme.com", "example.org"]))
    here.kickscale.add_call(call(2, now - timedelta(hours=1), customerDomains=["example.org"]))
    here.kickscale.add_call(call(3, now, customerDomains=["example.net"]))
    assert names(await here.ask("/kickscale calls acme.com example.org")) == ["Call 1", "Call 2"]


async def test_subdomains_are_shown_only_when_asked_for(here: World) -> None:
    """acme.com is not eu.acme.com; *.acme.com is both."""
    now = here.clock.now() - timedelta(hours=1)
    here.kickscale.add_call(call(1, now, customerDomains=["acme.com"]))
    here.kickscale.add_call(call(2, now - timedelta(hours=1), customerDomains=["eu.acme.com"]))
    assert names(await here.ask("/kickscale calls acme.com")) == ["Call 1"]
    assert names(await here.ask("/kickscale calls *.acme.com")) == ["Call 1", "Call 2"]


async def test_an_empty_list_says_what_to_do(here: World) -> None:
    """The days searched, when the latest one was, and that internal ones aren't included."""
    here.kickscale.add_call(call(1, datetime(2026, 9, 1, 10, 0, tzinfo=UTC), name="Long ago"))
    text = here.text(await here.ask("/kickscale calls acme.com last-week"))
    assert "No calls with acme.com, Mon, 16 – Sun, 22 Nov 2026" in text
    assert "Long ago" in text
    assert "Tue, 1 Sept 2026" in text
    assert "nternal" in text


async def test_a_list_ends_with_the_last_second_of_its_last_day(here: World) -> None:
    """It isn't known whether the API's endDate is inclusive. The answer is right either way."""
    for number, at in enumerate(("2026-11-15T22:59:59Z", "2026-11-15T23:00:00Z", "2026-11-22T22:59:59Z")):
        here.kickscale.add_call(call(number, datetime.fromisoformat(at)))
    here.kickscale.add_call(call(3, datetime(2026, 11, 22, 23, 0, tzinfo=UTC)))
    for inclusive in (True, False):
        here.kickscale.variant.end_inclusive = inclusive
        await here.clock.advance(61)  # what was read is kept for a minute
        assert names(await here.ask("/kickscale calls acme.com last-week")) == ["Call 2", "Call 1"]


async def test_an_unreadable_record_is_counted_and_spoils_no_other(here: World) -> None:
    """Records of any shape are shown if they have an id; the others are counted."""
    here.add_calls(2)
    here.kickscale.add_call({"date": here.clock.now().isoformat(), "customerDomains": ["acme.com"]})
    here.kickscale.add_call(
        call(9, here.clock.now() - timedelta(hours=9), name=None, summary={"a": [1]}, participants=7, duration="x")
    )
    answer = await here.ask("/kickscale calls acme.com")
    text = here.text(answer)
    assert "3 calls" in text
    assert "1 record" in text
    assert "{'" not in text


async def test_both_modes_give_the_same_answer(tmp_path: Path) -> None:
    """Socket Mode and signed HTTP lead to the same bot."""
    answers = []
    now = datetime.now(UTC).replace(microsecond=0)
    for over in ("socket", "http"):
        folder = tmp_path / over
        folder.mkdir()
        async with world(folder, over=over, now=now, populated=True) as here:
            answers.append(here.text(await here.ask("/kickscale calls acme.com last-week")))
    assert answers[0] == answers[1]
    assert "calls with acme.com" in answers[0]


def has(log: RequestLog, count: int) -> bool:
    return len(log.on("/calls")) == count


async def until_waves(here: World, *counts: int) -> None:
    """Answer requests for lists only when so many have been received, wave by wave."""
    here.kickscale.requests.clear()
    here.kickscale.faults.add("/calls", hang=True, times=counts[-1])
    async with asyncio.timeout(60):
        for count in counts:
            await here.kickscale.requests.until(functools.partial(has, count=count))
            here.kickscale.release()


@pytest.mark.parametrize(("typed", "requests"), [("", 2), ("sort:oldest", 3), ("scope:all", 3)])
async def test_a_page_of_2000_calls_takes_one_round_trip(tmp_path: Path, typed: str, requests: int) -> None:
    """It asks for ten calls, and side by side for what tells whether they are all that is needed to know."""
    async with world(tmp_path, internal_for="all") as here:
        here.add_calls(2000, every=timedelta(minutes=30))
        here.kickscale.add_call(call(2000, here.clock.now() - timedelta(hours=2)), internal=True)
        waves = asyncio.create_task(until_waves(here, requests))
        answer = await here.ask(f"/kickscale calls acme.com 60d {typed}")
        await waves
        assert ("2,001 calls" if typed == "scope:all" else "2,000 calls") in here.text(answer)
        assert len(here.kickscale.requests.on("/calls")) == requests
        assert {request.parameters["pageSize"] for request in here.kickscale.requests.on("/calls")} == {"1", "10"}


async def test_a_filter_of_the_bots_own_takes_three_round_trips_for_2000_calls(here: World) -> None:
    """The first page says how many there are; the others are requested in parallel, at most 12 at once."""
    here.add_calls(2000, every=timedelta(minutes=30))
    waves = asyncio.create_task(until_waves(here, 1, 13, 20))
    answer = await here.ask("/kickscale calls acme.com 60d direction:outbound")
    await waves
    assert "2,000 calls" in here.text(answer)
    log = here.kickscale.requests.on("/calls")
    assert len(log) == 20
    assert log.waves <= 3
    assert log.most_at_once <= 12


async def test_a_range_over_a_hundred_pages_is_answered_unless_all_of_it_is_needed(here: World) -> None:
    """With a filter that only the bot applies, the answer says after one request how to narrow the range."""
    for number in range(10_001):
        here.kickscale.add_call(call(number, here.clock.now() - timedelta(minutes=number % 9000)))
    assert "10,001 calls" in here.text(await here.ask("/kickscale calls acme.com this-year"))
    here.kickscale.requests.clear()
    refused = await here.ask("/kickscale calls acme.com this-year direction:outbound")
    assert "10,001" in here.text(refused)
    assert is_error(refused)
    assert len(here.kickscale.requests.on("/calls")) == 1


async def test_a_question_is_read_once_for_all_who_ask_within_a_minute(here: World) -> None:
    """If their days are the same; what each of them may see is decided for each."""
    lea = here.slack.user(LEA)
    here.slack.state.users[lea.id] = replace(lea, tz=here.slack.user(ROBIN).tz)
    here.add_calls(12)
    here.kickscale.add_call(call(20, here.clock.now(), name="Internal"), internal=True)
    for typed in ("", "direction:outbound", "scope:internal direction:outbound"):
        await here.ask(f"/kickscale calls acme.com 30d {typed}", user=LEA)
        here.kickscale.requests.clear()
        for user in (LEA, ROBIN):
            listed = names(await here.ask(f"/kickscale calls acme.com 30d {typed}", user=user))
            assert listed == (TEN if "scope" not in typed else ["Internal"] if user == ROBIN else [])
        assert len(here.kickscale.requests) == 0


async def test_a_page_that_shows_a_fault_corrects_the_count(here: World) -> None:
    """The API's filter finds too much, and the second page shows that: from then on everything is read."""
    here.kickscale.variant.domain_loose = True
    here.add_calls(14)
    for number in (20, 21):
        moment = here.clock.now() - timedelta(hours=number)
        here.kickscale.add_call(call(number, moment, name="Foreign", customerDomains=["notacme.com"]))
    answer = await here.ask("/kickscale calls acme.com 7d")
    assert "16 calls" in here.text(answer)
    for button, expected in (("Older", [f"Call {number}" for number in range(10, 14)]), ("Newer", TEN)):
        await here.clock.advance(61)
        await here.click(answer, button)
        answer = here.slack.ephemerals(SALES, ROBIN)[-1]
        assert names(answer) == expected
        assert "14 calls" in here.text(answer)


@pytest.mark.parametrize("envelope", list(Envelope))
async def test_pages_are_read_whatever_they_are_wrapped_in(here: World, envelope: Envelope) -> None:
    """With a total, without one, and as a bare array."""
    here.kickscale.variant.envelope = envelope
    here.add_calls(130, every=timedelta(minutes=10))
    assert "130 calls" in here.text(await here.ask("/kickscale calls acme.com 30d"))


@pytest.mark.parametrize("swagger", list(Swagger))
async def test_lists_work_without_a_usable_openapi_document(tmp_path: Path, swagger: Swagger) -> None:
    """If it is missing, slow, huge or nonsense, the documented default is used."""
    async with world(tmp_path) as here:
        here.kickscale.variant.swagger = swagger
        await here.restart()
        here.add_calls(3)
        here.kickscale.add_call(call(9, here.clock.now(), customerDomains=["example.org"]))
        assert names(await here.ask("/kickscale calls acme.com")) == ["Call 0", "Call 1", "Call 2"]
        here.kickscale.release()


@pytest.mark.parametrize("form", list(DomainForm))
@pytest.mark.parametrize("ignored", [True, False])
async def test_a_renamed_filter_is_found_and_its_answer_checked(
    tmp_path: Path, form: DomainForm, ignored: bool
) -> None:
    """Its name and form come from the document. Whatever the server does, no other customer is shown."""
    async with world(tmp_path) as here:
        here.kickscale.variant.domain_filter = "accountDomains"
        here.kickscale.variant.domain_form = form
        here.kickscale.variant.domain_ignored = ignored
        here.kickscale.variant.rejects_unknown = True
        await here.restart()
        here.add_calls(2)
        now = here.clock.now() - timedelta(hours=5)
        here.kickscale.add_call(call(8, now, customerDomains=["example.org"]))
        here.kickscale.add_call(call(9, now, customerDomains=["notacme.com"]))
        assert names(await here.ask("/kickscale calls acme.com example.org")) == ["Call 0", "Call 1", "Call 8"]
        asked = here.kickscale.requests.on("/calls")[-1]
        assert "accountDomains" in asked.parameters


async def test_a_refused_filter_is_applied_by_the_bot(tmp_path: Path) -> None:
    """The default's name is wrong and the server is strict, and the answer is right all the same."""
    async with world(tmp_path) as here:
        here.kickscale.variant.domain_filter = "accountDomains"
        here.kickscale.variant.rejects_unknown = True
        here.kickscale.variant.swagger = Swagger.MISSING
        await here.restart()
        here.add_calls(2)
        here.kickscale.add_call(call(9, here.clock.now(), customerDomains=["example.org"]))
        assert names(await here.ask("/kickscale calls acme.com")) == ["Call 0", "Call 1"]


@pytest.mark.parametrize(("user", "channel", "word"), [(GUS, GUESTS, "uest"), ("pat.partner", "ext-acme", "workspace")])
async def test_guests_and_outsiders_are_refused_with_the_reason(
    here: World, user: str, channel: str, word: str
) -> None:
    """In a sentence, and without a request to Kickscale."""
    here.add_calls(1)
    await here.ask("/kickscale status")
    here.kickscale.requests.clear()
    answer = await here.ask("/kickscale calls acme.com", user=user, channel=channel)
    assert is_error(answer)
    assert word in here.text(answer)
    assert "Call 0" not in here.text(answer)
    assert len(here.kickscale.requests) == 0


async def test_a_person_whom_slack_cannot_identify_is_refused(here: World) -> None:
    """Nobody gets anything without being known."""
    here.add_calls(1)
    here.slack.faults.add("users.info", error="user_not_found")
    answer = await here.ask("/kickscale calls acme.com")
    assert is_error(answer)
