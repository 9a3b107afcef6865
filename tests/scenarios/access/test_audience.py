"""What a channel may see, because of who is in it."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.audit import AuditKind
from tests.scenarios.access.steps import DAY, HOUR, names, read_audit, under
from tests.scenarios.conversations.calls import rich
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, call, is_error

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("channel", "why"), [(GUESTS, "has guests"), ("ext-acme", "shared with another company")])
async def test_a_digest_that_would_leak_goes_to_its_creator(here: World, channel: str, why: str) -> None:
    """Once, with the reason, and nothing is posted in the channel. The next day's digest follows."""
    subscription = await here.subscribe(channel)
    here.kickscale.add_call(call(1, here.clock.now() + 20 * HOUR))
    await here.run_digests_at(here.clock.now() + DAY)
    assert here.slack.posts(channel) == []
    (message,) = here.slack.direct_messages(ROBIN)
    text = here.text(message)
    assert why in text
    assert "Call 1" in text
    await here.click(message, "Details")
    assert "Summary 1" in here.text(here.slack.open_view(ROBIN))
    await here.restart()
    here.kickscale.add_call(call(2, here.clock.now() + 20 * HOUR))
    await here.run_digests_at(here.clock.now() + DAY)
    assert [names(message) for message in here.slack.direct_messages(ROBIN)] == [["Call 1"], ["Call 2"]]
    assert here.slack.posts(channel) == []
    held = await read_audit(here, AuditKind.HELD)
    assert [(row.channel, row.conversations) for row in held] == [
        (subscription.channel, ("c1",)),
        (subscription.channel, ("c2",)),
    ]


async def test_a_guest_who_joins_does_not_get_the_rest_of_a_long_digest(here: World) -> None:
    """The rest is in the next digest, which goes to the creator. What was posted before the guest joined stays."""
    await here.subscribe(SALES)
    for number in range(200):
        here.kickscale.add_call(call(number, here.clock.now() + timedelta(minutes=7 * number)))
    await here.clock.advance(DAY.total_seconds())
    await here.bot.services.digests.run_due()
    await here.slack.wait_for(lambda: here.slack.posts(SALES))
    await here.slack.join(GUS, SALES)
    await here.settle()
    posted = here.slack.posts(SALES)
    assert len(posted) <= 3
    await here.run_digests_at(here.clock.now() + DAY)
    blocks = str([message.blocks for message in (*posted, *here.slack.direct_messages(ROBIN))])
    assert sorted(map(int, re.findall(r"Call (\d+)\*", blocks))) == list(range(200))


async def test_a_held_digest_stays_in_the_direct_message_where_it_began(here: World) -> None:
    """Even after a stop in the middle."""
    await here.subscribe(GUESTS)
    for number in range(40):
        here.kickscale.add_call(call(number, here.clock.now() + timedelta(minutes=number)))
    await here.clock.advance(DAY.total_seconds())
    await here.bot.services.digests.run_due()
    await here.slack.wait_for(lambda: here.slack.direct_messages(ROBIN))
    await here.restart()
    await here.pass_time(60)
    assert here.slack.posts(GUESTS) == []
    blocks = str([message.blocks for message in here.slack.direct_messages(ROBIN)])
    assert sorted(map(int, re.findall(r"Call (\d+)\*", blocks))) == list(range(40))


async def test_a_held_digest_that_failed_names_the_channel_and_the_reason(here: World) -> None:
    """A direct message doesn't say by itself which channel it is about."""
    subscription = await here.subscribe(GUESTS)
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    await here.clock.advance(4 * 3600)
    await here.run_digests_at(here.clock.now() + DAY)
    assert here.slack.posts(GUESTS) == []
    (message,) = here.slack.direct_messages(ROBIN)
    text = here.text(message)
    assert "couldn't create the digest" in text
    assert "has guests" in text
    assert f"<#{subscription.channel}>" in str(message.blocks)


async def test_a_large_channel_is_checked_with_the_list_of_all_people(here: World) -> None:
    """Asking for each person would hit Slack's limit of about a hundred a minute. One guest among them is enough."""
    robin, sales = here.slack.user(ROBIN), here.slack.state.channel(SALES)
    people = [replace(robin, id=f"U0MANY{number:04}", name=f"many.{number}") for number in range(300)]
    here.slack.state.users |= {person.id: person for person in people}
    members = (*sales.members, *(person.id for person in people))
    here.slack.state.channels[sales.id] = replace(sales, members=members)
    here.kickscale.add_call(rich(1, here))
    await here.click(await here.ask("/kickscale calls acme.com"), "Share in channel")
    assert names(here.slack.posts(SALES)[-1]) == ["Call 1"]
    asked = Counter(call.method for call in here.slack.calls)
    assert asked["users.list"] >= 1
    assert asked["users.info"] < 10
    here.slack.state.users["U0MANY0123"] = replace(people[123], is_ultra_restricted=True)
    await here.clock.advance(600)
    await here.click(await here.ask("/kickscale calls acme.com"), "Share in channel")
    assert len(here.slack.posts(SALES)) == 1


async def test_a_new_subscription_says_who_is_in_the_channel(here: World) -> None:
    """At once, not only when the first digest doesn't come."""
    said = here.text(await here.ask("/kickscale digest add acme.com", channel=GUESTS))
    assert "This channel has guests" in said
    assert "by direct message" in said
    assert "by direct message" not in here.text(await here.ask("/kickscale digest add acme.com"))


async def test_a_guest_who_joins_is_noticed_at_once(here: World) -> None:
    """A minute after a card was posted a guest joined, so the next card is held."""
    await here.subscribe(SALES, live=True)
    here.kickscale.add_call(call(1, here.clock.now() + timedelta(minutes=1)))
    await here.look_for_news(5 * MINUTE)
    assert len(here.slack.posts(SALES)) == 1
    here.kickscale.add_call(call(2, here.clock.now() + timedelta(minutes=1)))
    await here.slack.join(GUS, SALES)
    await here.clock.advance(120)
    await here.bot.services.live.poll()
    await here.settle()
    await here.look_for_news(5 * MINUTE)
    assert [names(message) for message in here.slack.posts(SALES)] == [["Call 1"]]
    (message,) = here.slack.direct_messages(ROBIN)
    assert "has guests" in here.text(message)
    assert names(message) == ["Call 2"]
    here.kickscale.change("c1", {"summary": "News that the guest may not read."})
    await here.look_for_news(5 * MINUTE)
    assert "guest may not read" not in here.text(here.slack.posts(SALES)[0])
    assert len(here.slack.direct_messages(ROBIN)) == 1


async def test_a_held_card_is_recorded_though_its_conversation_is_gone(here: World) -> None:
    """Slack's answer was lost, and the call was deleted before the next attempt. `erase` has to find the message."""
    await here.subscribe(GUESTS, live=True)
    here.kickscale.add_call(call(1, here.clock.now()))
    await here.clock.advance(300)
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await here.bot.services.live.poll()
    (sent,) = await here.slack.wait_for(lambda: here.slack.direct_messages(ROBIN))
    here.kickscale.remove("c1")
    await here.pass_time(60)
    assert here.slack.direct_messages(ROBIN) == [sent]
    (known,) = await here.bot.database.ledger.of_conversation("c1")
    assert (known.channel, known.ts, known.domains) == (sent.channel, sent.ts, ("acme.com",))


async def test_a_held_digest_waits_if_its_creator_may_not_have_it_either(here: World) -> None:
    """The creator became a guest. Once no guest is in the channel, the next digest has everything."""
    await here.subscribe(GUESTS)
    here.kickscale.add_call(call(1, here.clock.now() + 20 * HOUR))
    robin, guests = here.slack.user(ROBIN), here.slack.state.channel(GUESTS)
    here.slack.state.users[robin.id] = replace(robin, is_restricted=True)
    await here.run_digests_at(here.clock.now() + DAY)
    assert here.slack.posts(GUESTS) == []
    assert here.slack.direct_messages(ROBIN) == []
    here.slack.state.users[robin.id] = robin
    here.slack.state.channels[guests.id] = replace(
        guests, members=tuple(member for member in guests.members if member != here.slack.user(GUS).id)
    )
    here.kickscale.add_call(call(2, here.clock.now() + 20 * HOUR))
    await here.run_digests_at(here.clock.now() + DAY)
    (message,) = here.slack.posts(GUESTS)
    assert names(message) == ["Call 1", "Call 2"]


@pytest.mark.parametrize(("channel", "why"), [(GUESTS, "has guests"), ("ext-acme", "shared with another company")])
async def test_nothing_is_shared_with_guests_or_other_companies(here: World, channel: str, why: str) -> None:
    """The person who pressed the button hears why, and the channel sees nothing."""
    here.kickscale.add_call(rich(1, here))
    await here.click(await here.ask("/kickscale calls acme.com", channel=channel), "Share in channel")
    assert here.slack.posts(channel) == []
    message = here.slack.ephemerals(channel, ROBIN)[-1]
    assert is_error(message)
    assert why in here.text(message)


async def test_an_uploads_summary_is_withheld_from_guests(here: World) -> None:
    """The thread says that it is done, and the person who uploaded it gets the summary."""
    shared = await here.share("call.wav", wav(3), channel=GUESTS)
    await here.choose_upload(shared)
    await here.submit_upload_form()
    await here.pass_time(60)
    (message,) = here.thread(shared)
    assert "has been analysed" in here.text(message)
    assert here.text(message).count("\n") < 4, "no summary"
    (message,) = here.slack.direct_messages(ROBIN)
    assert "has guests" in here.text(message)
    assert "Action items" in here.text(message)


async def test_an_uploads_summary_is_withheld_from_a_channel_of_other_customers(tmp_path: Path) -> None:
    """The thread says that it is done; *Details* and the audit log say why there is no more."""
    async with under(tmp_path, channel_domains="C0SALES001=acme.com") as here:
        for number, domain in enumerate(("example.org", "acme.com")):
            shared = await here.share("call.wav", wav(3 + number))
            await here.choose_upload(shared)
            await here.submit_upload_form(**{"s:customerDomains": domain})
            await here.pass_time(60)
            (message,) = here.thread(shared)
            text = here.text(message)
            assert "has been analysed" in text
            assert ("A call that can't be shown here" in text) is (domain == "example.org")
            assert (str(here.kickscale.calls()[-1]["summary"]).split(". ")[0] in text) is (domain == "acme.com")
            await here.click(message, "Details")
            details = here.text(here.slack.open_view(ROBIN))
            assert ("limited to acme.com" in details) is (domain == "example.org")
        (row,) = await read_audit(here, AuditKind.HELD)
        assert (row.what, row.channel) == ("bound", "C0SALES001")


async def test_an_internal_uploads_summary_is_withheld_from_people_who_may_not_see_it(here: World) -> None:
    """The thread says that there is one, even if Kickscale doesn't answer at once. Participants see the details."""
    here.kickscale.analysis_after = HOUR.total_seconds()
    shared = await here.share("call.wav", wav(3))
    await here.choose_upload(shared)
    await here.submit_upload_form(**{"s:customerDomains": ""})
    (raw,) = here.kickscale.calls()
    here.kickscale.add_call({**raw, "summary": "Reorganisation."}, internal=True)
    here.kickscale.faults.add("/calls", status=403)
    for _ in range(40):
        await here.pass_time(60)
    (message,) = here.thread(shared)
    assert "has been analysed" in here.text(message)
    assert "A call that can't be shown here" in here.text(message)
    assert "Reorganisation" not in str(message.blocks)
    await here.click(message, "Details", user=LEA)
    assert "internal conversation" in here.text(here.slack.open_view(LEA), LEA)
    await here.click(message, "Details")
    assert "Reorganisation" in here.text(here.slack.open_view(ROBIN))


@pytest.mark.parametrize(
    ("channel", "settings"),
    [(GUESTS, {}), (SALES, {"visibility": "kickscale"}), (SALES, {"channel_domains": "C0SALES001=acme.com"})],
)
async def test_why_kickscale_refused_an_upload_is_only_for_the_uploader(
    tmp_path: Path, channel: str, settings: dict[str, str]
) -> None:
    """Kickscale's words may be about any conversation. If not everybody in the channel may see all of them, the
    uploader gets the words once, by direct message.
    """
    async with under(tmp_path, **settings) as here:
        why = {"statusCode": 409, "message": 'Already there as "Price cut for Beta"', "error": "Conflict"}
        here.kickscale.faults.add("/calls/upload", status=409, body=json.dumps(why))
        shared = await here.share("call.wav", wav(3), channel=channel)
        await here.choose_upload(shared)
        here.slack.faults.add("chat.postMessage", broken=True, late=True)
        await here.submit_upload_form()
        for _ in range(5):
            await here.pass_time(60)
        (message,) = here.thread(shared)
        assert "couldn't upload" in here.text(message)
        assert "@Robin Rep got the reason by direct message" in here.text(message)
        assert "Price cut" not in str(message.blocks) + message.text
        assert "Price cut" not in here.text(await here.ask("/kickscale uploads status", LEA, channel))
        (message,) = here.slack.direct_messages(ROBIN)
        assert "call.wav" in here.text(message)
        assert "Price cut for Beta" in here.text(message)


async def test_a_bare_card_has_no_content(tmp_path: Path) -> None:
    """It has no names either. People who may see the details still can."""
    async with under(tmp_path, guests_listening="bare") as here:
        await here.click(await here.ask("/kickscale calls acme.com", channel=GUESTS), "Share in channel")
        (message,) = here.slack.posts(GUESTS)
        text = here.text(message)
        assert text.count("A call that can't be shown here") >= 2
        assert not [part for part in ("Call 1", "Summary", "outbound", "10 min") if part in text], text
        await here.click(message, "Details", user=GUS)
        assert "not to guests" in here.text(here.slack.open_view(GUS), GUS)
        await here.click(message, "Details")
        assert "Summary" in here.text(here.slack.open_view(ROBIN))


async def test_a_bare_digest_has_figures_and_no_names(tmp_path: Path) -> None:
    """How many there were and when, and nothing invented about what is withheld."""
    async with under(tmp_path, guests_listening="bare") as here:
        await here.subscribe(GUESTS)
        here.kickscale.add_call(rich(3, here) | {"date": (here.clock.now() + 20 * HOUR).isoformat()})
        await here.run_digests_at(here.clock.now() + DAY)
        text = here.text(here.slack.posts(GUESTS)[-1])
        assert "A call that can't be shown here" in text
        assert not [part for part in ("Call 3", "Summary", "Send the offer", "Not analysed", "Jane") if part in text]
