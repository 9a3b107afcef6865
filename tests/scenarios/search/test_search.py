"""`/kickscale search`: finds what was said, and only what the asker may see."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.audit import AuditKind
from bot.model.commands import Days
from bot.model.conversation import Kind, Scope
from bot.model.erasure import About, Subject
from tests.clock import MONDAY_MORNING as NOW
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, call, world

PAT, CONNECTED = "pat.partner", "ext-acme"
"""Somebody of another company, and the channel that is shared with it."""
LEAS = {"id": "u2", "firstName": "Lea", "lastName": "Lead", "email": "lea.lead@example.com"}
SPOKEN = [
    {"text": "Hello.", "speaker": "Jane", "start": 1},
    {"text": "Our budget is frozen.", "speaker": "Jane", "start": 75},
]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, mirror_days=30) as here:
        yield here


async def test_search_statistics_and_customers_are_typed_like_lists(here: World) -> None:
    """In both languages, with customers' names; also in the bot's own messages, which erasing reaches."""
    acme = {"company": {"name": "Acme GmbH"}}
    here.kickscale.add_call(call(1, NOW - timedelta(days=3), summary="The price is open.", crmReference=acme))
    here.kickscale.add_call(call(2, NOW - timedelta(days=3), summary="The price.", customerDomains=["other.example"]))
    await here.catch_up()
    await here.learn_customers()
    searched, counted = "1 conversation with “price”", "acme.com, Mon, 16 – Sun, 22 Nov 2026"
    for line, expected in (
        ("search price acme gmbh", searched),
        ("suche nach price bei acme letzte woche", searched),
        ('finde "price" acme.com letzte woche', searched),
        ("search acme", "with “acme”"),
        ("stats acme last week", counted),
        ("zeig mir die statistik für acme von letzter woche", counted),
        ("kunden", "Acme GmbH (acme.com)"),
        ("zeig mir alle kunden", "Acme GmbH (acme.com)"),
        ("show me all customers please", "Acme GmbH (acme.com)"),
    ):
        assert expected in here.text(await here.ask(f"/kickscale {line}")), line
    for line in ("suche price bei acme", "statistik acme", "kunden"):
        await here.write(line)
    assert "acme.com" in str(here.slack.direct_messages(ROBIN))
    await here.run_to_end(here.bot.services.erasure.erase(Subject(About.DOMAIN, ("acme.com",)), "test"))
    ours = [message for message in here.slack.direct_messages(ROBIN) if message.user == here.slack.state.bot_user]
    assert [text for text in map(here.text, ours) if "acme.com" in text] == []


async def test_words_are_found_and_marked(here: World) -> None:
    """In their sentence; with filters and days as in lists, and the customer if other words remain."""
    here.kickscale.add_call(
        call(1, NOW - timedelta(days=3), summary="They met. The price of Gastzugänge is open.", type="Demo")
    )
    here.kickscale.add_call(call(2, NOW - timedelta(days=20), summary="The price.", customerDomains=["other.example"]))
    here.kickscale.add_meeting(call(3, NOW - timedelta(days=2), name="About example.net", summary="Nothing."))
    await here.catch_up()
    answer = await here.ask("/kickscale search price")
    assert "2 conversations with “price”" in here.text(answer)
    text = here.text(await here.ask("/kickscale search gastzugaenge acme.com last-7-days type:demo"))
    assert "1 conversation with “gastzugaenge”" in text
    assert "> The price of Gastzugänge is open." in text
    assert "*Gastzugänge*" in str(here.slack.ephemerals(SALES, ROBIN)[-1].blocks)
    assert "with acme.com" in text
    assert "as of Mon, 23 Nov 2026" in text
    assert "No conversations" in here.text(await here.ask("/kickscale search price type:discovery"))
    text = here.text(await here.ask("/kickscale search price september"))
    assert "I only have conversations since Sun, 25 Oct 2026" in text
    assert "Call 1" in here.text(
        await here.ask("/kickscale search price owner:robin.rep@example.com last-week acme.com")
    )
    text = here.text(await here.ask("/kickscale search example.net"))
    assert "About example.net" in text, "nothing else is looked for"
    text = here.text(await here.ask("/kickscale search acme.com"))
    assert "`/kickscale calls acme.com` lists" in text, "no text has this word"
    text = here.text(await here.ask("/kickscale search about example.net"))
    assert "1 conversation with “about” and “example.net”" in text, "example.net isn't a customer"


async def test_pages_are_turned(here: World) -> None:
    """Also after a restart, and with whatever a button carries."""
    here.add_calls(25)
    await here.catch_up()
    answer = await here.ask("/kickscale search summary")
    assert here.text(answer).count("[Details]") == 10
    await here.click(answer, "More")
    await here.click(answer, "More")
    last = here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert "page 3 of 3" in last
    assert (last.count("[Details]"), "[More]" in last, "[Previous]" in last) == (5, False, True)
    await here.click(answer, "Previous")
    assert "page 2 of 3" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])


async def test_a_search_says_how_far_the_copying_is(here: World) -> None:
    """What isn't copied yet can't be found. Internal conversations only matter where they are looked for."""
    here.add_calls(1)
    text = here.text(await here.ask("/kickscale search summary"))
    assert "No conversations with “summary”" in text
    assert "(0 of 30 days so far)" in text
    days = Days(NOW.date() - timedelta(days=29), NOW.date())
    for kind in Kind:
        await here.bot.database.mirror.mark_read(kind, Scope.EXTERNAL, days, NOW)
    for line in ("search summary", "stats"):
        assert "so far" not in here.text(await here.ask(f"/kickscale {line}")), line
    assert "(0 of 30 days so far)" in here.text(await here.ask("/kickscale search summary scope:all"))


async def test_without_a_mirror_it_says_what_is_switched_off(tmp_path: Path) -> None:
    """Statistics too. Customers and lists need no mirror."""
    async with world(tmp_path, mirror_days=0) as here:
        here.add_calls(1)
        assert "`MIRROR_DAYS` is 0" in here.text(await here.ask("/kickscale search price"))
        assert "`MIRROR_DAYS` is 0" in here.text(await here.ask("/kickscale stats"))
        await here.ask("/kickscale calls")
        assert "acme.com" in here.text(await here.ask("/kickscale customers"))


@pytest.mark.parametrize(
    ("settings", "user", "channel", "found"),
    [
        ({}, ROBIN, SALES, ["1", "2", "3"]),
        ({}, GUS, GUESTS, []),
        ({"visibility": "kickscale"}, GUS, GUESTS, []),
        ({}, PAT, CONNECTED, []),
        ({"channel_domains": "C0SHARED01=acme.com"}, PAT, CONNECTED, []),
        ({"allowed_users": "U0PAT00001", "admins": "U0PAT00001"}, PAT, CONNECTED, []),
        ({}, ROBIN, CONNECTED, ["1", "2", "3"]),
        ({"channel_domains": "C0SALES001=other.example"}, ROBIN, SALES, ["3"]),
        ({"visibility": "kickscale"}, ROBIN, SALES, ["1", "3"]),
        ({"visibility": "kickscale"}, LEA, SALES, ["2"]),
        ({"visibility": "kickscale", "admins": "U0LEA00001"}, LEA, SALES, ["1", "2", "3"]),
    ],
)
async def test_nothing_is_found_or_counted_that_is_not_the_askers(
    tmp_path: Path, settings: dict[str, Any], user: str, channel: str, found: list[str]
) -> None:
    """A guest, somebody of another company, a bound channel, a rep who sees only their own: by every command."""
    async with world(tmp_path, mirror_days=30, **settings) as here:
        here.kickscale.add_call(call(1, NOW - timedelta(days=1), summary="price"))
        here.kickscale.add_call(call(2, NOW - timedelta(days=2), summary="price", user=LEAS))
        here.kickscale.add_call(call(3, NOW - timedelta(days=3), summary="price", customerDomains=["other.example"]))
        here.kickscale.add_meeting(call(4, NOW - timedelta(days=4), summary="price"), internal=True)
        await here.catch_up()
        searched = here.text(await here.ask("/kickscale search price", user, channel), user)
        counted = here.text(await here.ask("/kickscale stats", user, channel), user)
        customers = here.text(await here.ask("/kickscale customers", user, channel), user)
        assert [number for number in "1234" if f"Call {number}" in searched] == found
        if not found:
            refusals = {searched, counted, customers}
            refusals |= {
                here.text(await here.ask(f"/kickscale {line}", user, channel), user)
                for line in (
                    "search price acme.com",
                    "search price scope:all",
                    "stats acme.com",
                    "stats c.example",
                    "acme",
                )
            }
            assert len(refusals) == 1, "not even whether there is such a customer"
            assert "members of this workspace" in searched
            return
        assert f"{len(found)} conversation" in searched
        assert f"{len(found)} conversation" in counted
        assert ("acme.com" in customers, "other.example" in customers) == ("1" in found or "2" in found, "3" in found)


async def test_internal_conversations_are_found_by_those_who_may_see_them(tmp_path: Path) -> None:
    """Only if they are asked for."""
    async with world(tmp_path, mirror_days=30, internal_for="own") as here:
        here.kickscale.add_meeting(call(1, NOW - timedelta(days=1), summary="price"), internal=True)
        here.kickscale.add_meeting(call(2, NOW - timedelta(days=2), summary="price", user=LEAS), internal=True)
        await here.catch_up()
        assert "No conversations" in here.text(await here.ask("/kickscale search price"))
        text = here.text(await here.ask("/kickscale search price scope:all"))
        assert ("1 conversation " in text, "Call 1" in text) == (True, True)


async def test_a_transcript_is_quoted_to_those_who_may_read_it(tmp_path: Path) -> None:
    """With who said it and when; others don't find it, nor does anybody without everybody's consent."""
    async with world(tmp_path, mirror_days=30, mirror_transcripts="on", transcripts_for="own") as here:
        here.kickscale.add_call(call(1, NOW - timedelta(days=1), transcript=SPOKEN, duration=600))
        here.kickscale.add_call(call(2, NOW - timedelta(days=1), transcript=SPOKEN, recordingConsent="no"))
        await here.catch_up()
        text = here.text(await here.ask("/kickscale search budget"))
        assert "1 conversation with" in text
        assert "> Jane, 00:01:15: Our budget is frozen." in text
        assert "transcripts included" in text
        assert "No conversations" in here.text(await here.ask("/kickscale search budget", LEA), LEA)
        used = await here.read_audit(AuditKind.USED)
        assert [(row["what"], row["conversations"]) for row in used] == [("transcript", ["c1"])]


async def test_a_transcript_is_not_found_once_the_consent_is_withdrawn(tmp_path: Path) -> None:
    """As soon as the bot reads of it, for whomever: here, somebody looks at the call."""
    async with world(tmp_path, mirror_days=30, mirror_transcripts="on") as here:
        here.kickscale.add_call(call(1, NOW - timedelta(days=5), transcript=SPOKEN, summary="Figures."))
        await here.catch_up()
        assert "1 conversation with" in here.text(await here.ask("/kickscale search budget"))
        here.kickscale.change("c1", {"recordingConsent": "no"})
        await here.clock.advance(60)
        await here.ask("/kickscale call c1")
        assert "No conversations" in here.text(await here.ask("/kickscale search budget"))
        assert "1 conversation with" in here.text(await here.ask("/kickscale search figures"))
        here.kickscale.change("c1", {"recordingConsent": "yes"})
        await here.clock.advance(60)
        await here.ask("/kickscale call c1")
        await here.catch_up()
        assert "1 conversation with" in here.text(await here.ask("/kickscale search budget"))


# ---- Share in channel ------------------------------------------------------------------------------------------------


async def test_what_was_found_is_shared(here: World) -> None:
    """As a list is: the page that is shown, with who shared it, without page buttons, and once."""
    here.add_calls(12)
    newest = NOW - timedelta(minutes=30)
    here.kickscale.add_call(call(50, newest, summary="Summary", customerDomains=["other.example"]))
    await here.catch_up()
    answer = await here.ask("/kickscale search summary")
    await here.click(answer, "Share in channel")
    await here.click(answer, "Share in channel")
    (posted,) = here.slack.posts(SALES)
    text = here.text(posted, LEA)
    assert "13 conversations with “summary”" in text
    assert "Robin Rep" in text
    assert "*Summary*" in str(posted.blocks)
    assert (text.count("[Details]"), "[More]" in text, "[Share" in text) == (10, False, False)
    assert "already shared" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    await here.run_to_end(here.bot.services.erasure.erase(Subject(About.DOMAIN, ("other.example",)), "test"))
    assert here.slack.posts(SALES) == []
    here.kickscale.add_call(call(60, NOW - timedelta(days=2), summary="Fleeting."))
    await here.clock.advance(24 * 3600)
    await here.catch_up()
    answer = await here.ask("/kickscale search fleeting")
    here.kickscale.remove("c60")
    await here.clock.advance(24 * 3600)
    await here.catch_up()
    await here.click(answer, "Share in channel")
    assert "nothing left to share" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])


async def test_a_transcript_is_never_shared(tmp_path: Path) -> None:
    """Not even that the words are in one: only what else says them, and how much that is."""
    async with world(tmp_path, mirror_days=30, mirror_transcripts="on") as here:
        here.kickscale.add_call(call(1, NOW - timedelta(days=1), transcript=SPOKEN))
        here.kickscale.add_call(call(2, NOW - timedelta(days=1), transcript=SPOKEN, summary="A budget."))
        await here.catch_up()
        answer = await here.ask("/kickscale search budget")
        assert "2 conversations with" in here.text(answer)
        await here.click(answer, "Share in channel")
        (posted,) = here.slack.posts(SALES)
        text = here.text(posted)
        assert ("1 conversation with" in text, "Call 2" in text) == (True, True)
        assert not [hidden for hidden in ("Call 1", "frozen", "Jane", "transcripts") if hidden in text]
        await here.click(await here.ask("/kickscale search frozen"), "Share in channel")
        assert "only in transcripts" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
        assert len(here.slack.posts(SALES)) == 1


@pytest.mark.parametrize("rule", ["hold", "bare"])
async def test_guests_are_shown_nothing_that_was_found(tmp_path: Path, rule: str) -> None:
    """Not even that there is a conversation with these words, or how many there are."""
    async with world(tmp_path, mirror_days=30, guest_channels=rule) as here:
        here.add_calls(2)
        await here.catch_up()
        for line in ("search summary", "stats"):
            await here.click(await here.ask(f"/kickscale {line}", channel=GUESTS), "Share in channel")
            assert "has guests" in here.text(here.slack.ephemerals(GUESTS, ROBIN)[-1]), line
        assert here.slack.posts(GUESTS) == []


async def test_only_what_all_may_see_is_shared(tmp_path: Path) -> None:
    """With `VISIBILITY=kickscale` that is what everybody took part in, and nobody learns how much else there is."""
    async with world(tmp_path, mirror_days=30, visibility="kickscale") as here:
        members = here.slack.state.channel(SALES).members
        addresses = [here.slack.state.users[member].email for member in members]
        everybody = [{"name": f"P{number}", "email": address} for number, address in enumerate(addresses)]
        here.kickscale.add_call(call(1, NOW - timedelta(days=1), summary="price", participants=everybody))
        here.kickscale.add_call(call(2, NOW - timedelta(days=1), summary="price and discount"))
        await here.catch_up()
        answer = await here.ask("/kickscale search price")
        assert "2 conversations with" in here.text(answer)
        await here.click(answer, "Share in channel")
        (posted,) = here.slack.posts(SALES)
        text = here.text(posted)
        assert ("1 conversation with" in text, "Call 1" in text, "Call 2" in text) == (True, True, False)
        for line in ("search discount", "stats"):
            await here.click(await here.ask(f"/kickscale {line}"), "Share in channel")
            assert "not everyone" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1]), line
        assert len(here.slack.posts(SALES)) == 1
