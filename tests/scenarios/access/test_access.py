"""Who may ask, who sees what, and what a channel may see, under each setting."""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.audit import AuditKind
from bot.model.conversation import Kind
from bot.sandbox.slack import Message
from tests.scenarios.conversations.test_details import rich
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, audit_row, call, is_error, world

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@asynccontextmanager
async def under(folder: Path, **settings: Any) -> AsyncIterator[World]:
    """The bot under these settings, with a call of Robin's and one of Lea's."""
    async with world(folder, **settings) as running:
        running.kickscale.add_call(rich(1, running))
        running.kickscale.add_call({**rich(2, running), "user": {"email": "lea.lead@example.com"}, "participants": []})
        yield running


@dataclass(frozen=True)
class Row:
    what: str
    by: str
    channel: str
    conversations: tuple[str, ...]
    count: int


async def read_audit(here: World, kind: AuditKind) -> list[Row]:
    return [
        Row(row["what"], row["by"], row["channel"], tuple(row["conversations"]), row["count"])
        for row in await here.read_audit(kind)
    ]


def names(message: Message) -> list[str]:
    return [f"Call {number}" for number in range(1, 9) if f"Call {number}" in str(message.blocks)]


# ---- who is in the channel -------------------------------------------------------------------------------------------


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


# ---- who may ask -----------------------------------------------------------------------------------------------------


async def test_user_groups_and_channels_narrow_who_may_ask(tmp_path: Path) -> None:
    """Others are refused in a sentence, and Kickscale isn't asked."""
    async with under(tmp_path, allowed_users="U0LEA00001", allowed_channels="C0SALES001") as here:
        here.kickscale.requests.clear()
        assert "You don't have access" in here.text(await here.ask("/kickscale calls acme.com"))
        assert "not enabled in this channel" in here.text(await here.ask("/kickscale calls acme.com", LEA, "general"))
        assert len(here.kickscale.requests) == 0
        answer = await here.ask("/kickscale calls acme.com", LEA)
        assert names(answer) == ["Call 1", "Call 2"]
        await here.click(answer, "Details", user=LEA)
        view = here.slack.open_view(LEA)
        assert view is not None
        await here.click(view, "Transcript", user=LEA)
        assert len(here.slack.direct_messages(LEA)) == 1, "a click in a modal comes from where that was opened"
        refused = await read_audit(here, AuditKind.REFUSED)
        assert [row.what for row in refused] == ["person", "channel"]


async def test_members_of_a_user_group_may_ask(tmp_path: Path) -> None:
    """Those whom Slack lists; if Slack can't say, nobody."""
    async with under(tmp_path, allowed_groups="S0SALES001") as here:
        group = here.slack.state.groups["S0SALES001"]
        here.slack.state.groups["S0SALES001"] = replace(group, members=(here.slack.user(ROBIN).id,))
        assert names(await here.ask("/kickscale calls acme.com")) == ["Call 1", "Call 2"]
        assert is_error(await here.ask("/kickscale calls acme.com", LEA))
        await here.clock.advance(600)
        here.slack.faults.add("usergroups.users.list", error="no_such_subteam")
        assert is_error(await here.ask("/kickscale calls acme.com"))


async def test_a_bound_channel_refuses_other_customers(tmp_path: Path) -> None:
    """They are not listed, opened, posted or subscribed to there."""
    async with under(tmp_path, channel_domains="C0SALES001=acme.com") as here:
        here.kickscale.add_call(call(3, here.clock.now() - HOUR, customerDomains=["example.org"]))
        answer = await here.ask("/kickscale calls")
        assert "with acme.com" in here.text(answer)
        assert names(answer) == ["Call 1", "Call 2"]
        for line in ("calls example.org", "call c3", "digest add example.org", "digest add *", "digest preview *"):
            said = await here.ask(f"/kickscale {line}")
            assert is_error(said), line
            assert "limited to acme.com" in here.text(said), line
        assert names(await here.ask("/kickscale calls", channel="general")) == ["Call 1", "Call 2", "Call 3"]
        await here.subscribe(SALES)
        await here.bot.database.subscriptions.change("d1", audit_row("digest edit"), domains=("*",))
        here.kickscale.add_call(call(4, here.clock.now() + 20 * HOUR, customerDomains=["example.org"]))
        await here.run_digests_at(here.clock.now() + DAY)
        assert "Call 4" not in "".join(here.text(message) for message in here.slack.posts(SALES))


# ---- whose conversations ---------------------------------------------------------------------------------------------


async def test_with_kickscales_visibility_people_see_their_own(tmp_path: Path) -> None:
    """In lists, counts, details and `why`; posts only show what everybody in the channel may see."""
    async with under(tmp_path, visibility="kickscale", admins="U0DANA0001") as here:
        answer = await here.ask("/kickscale calls acme.com")
        assert "1 call with acme.com" in here.text(answer)
        assert names(answer) == ["Call 1"]
        for line in ("call c2", "why c2"):
            said = await here.ask(f"/kickscale {line}")
            assert is_error(said)
            assert "This isn't one of them" in here.text(said)
        assert names(await here.ask("/kickscale calls acme.com", LEA)) == ["Call 2"]
        await here.click(answer, "Share in channel")
        text = here.text(here.slack.posts(SALES)[-1])
        assert "A call that can't be shown here" in text
        assert "Summary 1" not in text
        assert [row.what for row in await read_audit(here, AuditKind.HELD)] == ["visibility"]


@pytest.mark.parametrize(("visibility", "by_lea", "shared"), [("kickscale", False, False), ("workspace", True, True)])
async def test_only_people_who_see_everything_hear_of_unreadable_records(
    tmp_path: Path, visibility: str, by_lea: bool, shared: bool
) -> None:
    """These may be other people's, so with Kickscale's visibility only admins hear of them."""
    async with under(tmp_path, visibility=visibility, admins="U0ROBIN001") as here:
        for _ in range(3):
            here.kickscale.add_call({"date": here.clock.now().isoformat(), "customerDomains": ["acme.com"]})
        for line in ("acme.com", "acme.com type:nosuch"):
            said = here.text(await here.ask(f"/kickscale calls {line}", LEA))
            assert ("couldn't be read" in said) is by_lea
        answer = await here.ask("/kickscale calls acme.com")
        assert "3 records couldn't be read" in here.text(answer)
        await here.click(answer, "Share in channel")
        assert ("couldn't be read" in here.text(here.slack.posts(SALES)[-1])) is shared


async def test_a_preview_reveals_nothing_that_its_reader_may_not_see(tmp_path: Path) -> None:
    """Neither that nothing happened, nor how much did."""
    async with under(tmp_path, visibility="kickscale") as here:
        await here.type("/kickscale digest add acme.com on tuesday")
        own = await here.ask("/kickscale digest preview acme.com")
        assert names(own) == ["Call 1"]
        assert "1 call" in here.text(own)
        assert "Conversations per day" not in here.text(own)
        here.kickscale.add_call(rich(3, here) | {"customerDomains": ["example.org"]})
        for domain, what in (("example.org", "nothing you have access to"), ("example.net", "nothing new")):
            said = here.text(await here.ask(f"/kickscale digest preview {domain}", LEA), LEA)
            assert f"{domain}: {what} since" in said


async def test_a_held_digest_reveals_nothing_that_its_creator_may_not_see(tmp_path: Path) -> None:
    """It doesn't even say that nothing happened."""
    async with under(tmp_path, visibility="kickscale") as here:
        await here.subscribe(GUESTS)
        await here.bot.database.subscriptions.change("d1", audit_row("digest edit"), empty=True)
        here.kickscale.add_call(call(3, here.clock.now() + 20 * HOUR, user={"email": "lea.lead@example.com"}))
        for id_ in ("c1", "c2"):
            here.kickscale.remove(id_)
        await here.run_digests_at(here.clock.now() + DAY)
        (message,) = here.slack.direct_messages(ROBIN)
        assert "acme.com: nothing you have access to since" in here.text(message)


async def test_only_participants_see_internal_conversations(here: World) -> None:
    """Other people's lists have the external ones; by id they hear why not."""
    here.add_calls(1)
    for number, email in ((7, "robin.rep@example.com"), (8, "lea.lead@example.com")):
        raw = call(number, here.clock.now() - HOUR, customerDomains=[], user={"email": email})
        here.kickscale.add_call(raw, internal=True)
    # Without a customer's domain, and external all the same: a call with a number that nobody knows.
    here.kickscale.add_call(call(5, here.clock.now() - 2 * HOUR, customerDomains=[], user={"email": "x@example.com"}))
    assert names(await here.ask("/kickscale calls scope:all")) == ["Call 5", "Call 7"]
    assert names(await here.ask("/kickscale calls scope:internal", LEA)) == ["Call 8"]
    assert "internal conversation" in here.text(await here.ask("/kickscale call c7", LEA))
    assert not is_error(await here.ask("/kickscale call c7"))
    assert not is_error(await here.ask("/kickscale call c5", LEA))
    assert "internal" in [row.what for row in await read_audit(here, AuditKind.USED)]


async def test_without_a_capability_its_buttons_are_missing(tmp_path: Path) -> None:
    """A forged click gets nothing either. An e-mail draft is only for its rep."""
    async with under(tmp_path, transcripts_for="self", recordings_for="nobody") as here:
        here.kickscale.add_call(rich(3, here), recorded=True)
        answer = await here.ask("/kickscale call c3", LEA)
        text = here.text(answer, LEA)
        assert "Summary 3" in text
        assert not any(part in text for part in ("[Transcript]", "[Recording]", "Dear Jane"))
        own = await here.ask("/kickscale call c3")
        assert "Dear Jane" in here.text(own)
        assert "[Transcript]" in here.text(own)
        forged = replace(own, ephemeral_for=here.slack.user(LEA).id)
        here.slack.state.ephemerals[own.channel, here.slack.user(LEA).id].append(forged)
        await here.click(forged, "Transcript", user=LEA)
        assert here.slack.direct_messages(LEA) == []
        assert "transcript" in here.text(here.slack.open_view(LEA), LEA)
        refused = await read_audit(here, AuditKind.REFUSED)
        assert [(row.what, row.conversations) for row in refused] == [("not_transcript", ("c3",))]


async def test_only_reps_see_figures_about_themselves_wherever_they_are(here: World) -> None:
    """Even if the figures are among the insights. Everybody sees the rest of those."""
    insights = {"talkRatio": 0.71, "rating": 4.7, "budget": "Approved for next year"}
    here.kickscale.add_call(call(1, here.clock.now() - HOUR, insights=insights))
    lea, robin = [here.text(await here.ask("/kickscale call c1", user), user) for user in (LEA, ROBIN)]
    assert not [figure for figure in ("0.71", "4.7", "atio", "ating") if figure in lea], lea
    assert "4.7" in robin
    assert "Approved for next year" in lea
    assert "Approved for next year" in robin


async def test_settings_say_who_may_share_subscribe_and_upload(tmp_path: Path) -> None:
    """There is a setting for each, which holds for every way to do it."""
    async with under(tmp_path, sharing_for="nobody", subscriptions_for="admins", uploads_for="admins") as here:
        answer = await here.ask("/kickscale calls acme.com")
        await here.click(answer, "Share in channel")
        assert "permission to share" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
        for line in ("digest add acme.com", "digest remove acme.com", "digest pause acme.com"):
            assert "permission to change" in here.text(await here.ask(f"/kickscale {line}"))
        assert not is_error(await here.ask("/kickscale digest list"))
        assert not is_error(await here.ask("/kickscale digest preview acme.com"))
        for line in ("uploads on", "uploads on auto", "uploads off"):
            assert "permission to upload" in here.text(await here.ask(f"/kickscale {line}"))
        assert not is_error(await here.ask("/kickscale uploads status"))
        assert here.slack.posts(SALES) == []


async def test_an_internal_conversation_is_shared_without_content(here: World) -> None:
    """In a list or by itself: the channel only sees that there is one, and when."""
    raw = call(7, here.clock.now() - HOUR, customerDomains=[], summary="Reorganisation.")
    here.kickscale.add_call(raw, internal=True)
    for line in ("call c7", "calls scope:internal"):
        await here.click(await here.ask(f"/kickscale {line}"), "Share in channel")
    for message in here.slack.posts(SALES):
        assert "Call 7" not in here.text(message)
        assert "Reorganisation" not in str(message.blocks)


async def test_internal_conversations_may_have_a_customers_domain(here: World) -> None:
    """The API decides, not the domains: when it is asked by id, and when the webhook reports one."""
    await here.subscribe(SALES, live=True)
    raw = call(7, here.clock.now() + HOUR, summary="Preparing for acme.com.")
    here.kickscale.add_call(raw, internal=True)
    await here.clock.advance(2 * HOUR.total_seconds())
    assert "internal conversation" in here.text(await here.ask("/kickscale call c7", LEA))
    await here.bot.services.live.take_report(await here.bot.services.conversations.read(Kind.CALL, "c7"))
    for _ in range(5):
        await here.pass_time(300)
    assert here.slack.posts(SALES) == []


# ---- what is remembered ----------------------------------------------------------------------------------------------


async def test_the_audit_says_who_was_shown_what(here: World) -> None:
    """Who asked for what, where, how many records they saw, and which capabilities they used: ids, but no text."""
    for number in (1, 2):
        here.kickscale.add_call(rich(number, here), recorded=True)
    answer = await here.ask('/kickscale calls acme.com "Summary"')
    await here.click(answer, "Details")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    await here.click(view, "Transcript")
    await here.click(await here.ask("/kickscale call c1"), "Recording")
    await here.ask("/kickscale calls acme.com", GUS, GUESTS)
    robin, sales = here.slack.user(ROBIN).id, here.slack.state.channel(SALES).id
    asked = await read_audit(here, AuditKind.ASKED)
    assert {(row.by, row.channel) for row in asked} == {(robin, sales)}
    assert [(row.what, row.conversations, row.count) for row in asked] == [
        ("calls", ("c2", "c1"), 2),
        ("call", ("c2",), 1),
        ("call", ("c1",), 1),
    ]
    used = [(row.what, row.conversations) for row in await read_audit(here, AuditKind.USED)]
    assert used == [
        ("email_draft", ("c2",)),
        ("metrics", ("c2",)),
        ("transcript", ("c2",)),
        ("email_draft", ("c1",)),
        ("metrics", ("c1",)),
        ("recording", ("c1",)),
    ]
    (refused,) = await read_audit(here, AuditKind.REFUSED)
    assert (refused.what, refused.by) == ("guest", here.slack.user(GUS).id)
