"""`/kickscale why ID`: where a conversation was posted, or why it was not."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import ids
from bot.digests.why import MOST_ASKED
from bot.model.audit import AuditKind
from bot.model.erasure import About, Subject
from bot.sandbox.slack import Channel
from tests.clock import MONDAY_MORNING
from tests.world import GUESTS, LEA, ROBIN, SALES, World, call, world

BOT = "U0KICKBOT1"
DAY = timedelta(days=1)
TUESDAY = MONDAY_MORNING + DAY


async def ask_why(here: World, id_: str, user: str = ROBIN, channel: str = SALES) -> str:
    return here.text(await here.ask(f"/kickscale why {id_}", user, channel), user)


async def test_why_names_the_digest_that_posted_it(here: World) -> None:
    """And before that, the digest that will."""
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1)))
    assert (await ask_why(here, "c1")).endswith("`d1` will include it in its next digest (Tue, 24 Nov 2026, 09:30).")
    await here.run_digests_at(here.clock.now() + DAY)
    assert "in digest `d1`" in await ask_why(here, "c1")


async def test_why_names_the_live_subscription_that_posted_it(here: World) -> None:
    """And before that, that it will be posted; or that it was given up."""
    await here.type("/kickscale digest add acme.com live")
    here.kickscale.add_call(call(1, MONDAY_MORNING + timedelta(minutes=1)))
    here.kickscale.add_call(call(2, MONDAY_MORNING + timedelta(minutes=2)))
    await here.clock.advance(600)
    assert "`d1` will post it soon" in await ask_why(here, "c1")
    here.slack.faults.add("chat.postMessage", error="msg_too_long")
    await here.bot.services.live.poll()
    await here.settle()
    answers = [await ask_why(here, id_) for id_ in ("c1", "c2")]
    assert sorted("live, through `d1`" in text for text in answers) == [False, True]
    assert sorted("`d1` couldn't post it" in text for text in answers) == [False, True]
    assert not any("will post it soon" in text for text in answers)


async def test_why_names_the_person_who_shared_it(here: World) -> None:
    """In a page of a list."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com today")
    await here.click(answer, "Share in channel")
    assert "shared by @Robin Rep" in await ask_why(here, "c0")


async def test_why_says_where_it_was_withheld_and_when_it_was_erased(here: World) -> None:
    """Each reason once, with the last time. If neither Kickscale nor a message has it any more, only that it was
    erased.
    """
    audit = here.bot.services.audit
    here.add_calls(1)
    channel = here.slack.state.channel(SALES).id
    for reason in ("guest", "shared", "guest", "outside", "visibility", "bound", "nosuch"):
        await audit.note(AuditKind.HELD, reason, channel=channel, conversations=["c1", "c0"])
        await here.clock.advance(86_400)
    await audit.note(AuditKind.HELD, "guest", channel=channel, conversations=["c2"])
    await audit.note(AuditKind.ERASED, "domain", conversations=["c0", "e1"], count=2)
    answer = await ask_why(here, "c0")
    assert "I haven't posted" in answer
    assert re.findall(r"in #sales-acme, \w+, \d\d Nov 2026, 09:30: content withheld (.*)", answer) == [
        "(the channel is shared with another workspace)",
        "(the channel has guests)",
        "(the channel has people from other workspaces)",
        "(not everyone in the channel can see it in Kickscale)",
        "(the channel is for other customers)",
        "(someone in the channel can't see it)",
    ]
    assert "I deleted everything" in answer
    gone = await ask_why(here, "e1")
    assert "is no longer in Kickscale" in gone
    assert "I deleted everything" in gone
    assert "subscription" not in gone


async def test_why_says_why_it_was_not_posted(here: World) -> None:
    """Other customers, from before the subscription, not analysed, paused, no subscription, or no such conversation."""
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1), customerDomains=["example.com"]))
    here.kickscale.add_call(call(2, TUESDAY - timedelta(days=9)))
    here.kickscale.add_call(call(3, TUESDAY - timedelta(hours=1), summary=None))
    assert "no digests in this channel" in await ask_why(here, "c1")
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
    assert "covers other customers" in await ask_why(here, "c1")
    assert "only covers conversations that started after" in await ask_why(here, "c2")
    assert "is waiting for Kickscale to analyse it" in await ask_why(here, "c3")
    await here.type("/kickscale digest pause acme.com")
    assert "is paused" in await ask_why(here, "c3")
    assert "I can't find `nosuch`" in await ask_why(here, "nosuch")
    assert here.posts("sales-acme") == []


async def test_why_says_that_a_digest_is_still_being_retried(here: World) -> None:
    """Kickscale can't be reached at 8:30. Today's digest may still come, and isn't tomorrow's."""
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1)))
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    await here.run_digests_at(here.clock.now() + DAY)
    here.kickscale.add_call(call(2, TUESDAY + timedelta(seconds=1)))
    here.kickscale.faults.clear()
    assert "is still retrying its digest due Tue, 24 Nov 2026, 09:30, which will include it" in await ask_why(
        here, "c1"
    )
    assert "in its next digest (Wed, 25 Nov 2026, 09:30)" in await ask_why(here, "c2")
    listed = here.text(await here.ask("/kickscale digest list"))
    assert "still retrying the digest due Tue, 24 Nov 2026, 09:30 · next: Wed, 25 Nov" in listed
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    await here.clock.advance(6 * 3_600)
    await here.settle()
    here.kickscale.faults.clear()
    assert "The next one will include it (Wed, 25 Nov 2026, 09:30)" in await ask_why(here, "c1")
    assert "retrying" not in here.text(await here.ask("/kickscale digest list"))


async def test_why_and_the_list_name_the_same_next_digest(here: World) -> None:
    """Today's was posted before its time was moved to later today, so the next one comes tomorrow."""
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC empty")
    await here.run_digests_at(here.clock.now() + DAY)
    assert len(here.posts(SALES)) == 1
    await here.click(await here.ask("/kickscale digest list"), "Change")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    await here.slack.submit(ROBIN, view, {ids.DIGEST_AT: "10:00"})
    await here.settle()
    here.kickscale.add_call(call(1, TUESDAY + timedelta(seconds=1)))
    assert "in its next digest (Wed, 25 Nov 2026, 11:00)" in await ask_why(here, "c1")
    assert "next: Wed, 25 Nov 2026, 11:00" in here.text(await here.ask("/kickscale digest list"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("acme.com at 8:30 tz UTC", "`d1` won't include it in its next digest (Mon, 14 Dec 2026, 09:30)"),
        ("acme.com live", "`d1` won't post it, because it started more than 14 days ago"),
    ],
)
async def test_why_says_that_it_turned_up_too_late(here: World, line: str, reason: str) -> None:
    """Nothing looks further back than two weeks, so nothing is promised."""
    await here.type(f"/kickscale digest add {line}")
    await here.clock.jump(MONDAY_MORNING + timedelta(days=20))
    await here.bot.services.digests.run_due()
    await here.settle()
    here.kickscale.add_call(call(1, TUESDAY))
    here.kickscale.add_call(call(2, MONDAY_MORNING + timedelta(days=19), summary=None))
    assert reason in await ask_why(here, "c1")
    assert "is waiting for Kickscale to analyse it" in await ask_why(here, "c2")


async def test_why_says_when_a_conversation_without_analysis_is_listed(here: World) -> None:
    """After two days it is in the next digest anyway."""
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
    here.kickscale.add_call(call(1, MONDAY_MORNING + timedelta(hours=1), summary=None))
    assert "in the digest due Thu, 26 Nov 2026, 09:30 either way" in await ask_why(here, "c1")
    for _ in range(2):
        await here.run_digests_at(here.clock.now() + DAY)
    assert "will include it in its next digest (Thu, 26 Nov 2026, 09:30)" in await ask_why(here, "c1")


async def test_why_says_that_a_conversation_has_no_start(here: World) -> None:
    """So nobody can tell whether it is new."""
    await here.type("/kickscale digest add acme.com")
    here.kickscale.add_call(call(1, TUESDAY, date=None))
    assert "Kickscale doesn't say when it started" in await ask_why(here, "c1")


@pytest.mark.parametrize("line", ["acme.com", "acme.com live", "*"])
async def test_why_says_that_internal_conversations_are_not_posted(here: World, line: str) -> None:
    """Even if it has a customer's domain: Kickscale is only asked for external ones."""
    await here.type(f"/kickscale digest add {line}")
    here.kickscale.add_meeting(call(1, MONDAY_MORNING + timedelta(seconds=1)), internal=True)
    answer = await ask_why(here, "c1")
    assert "`d1` won't include it, because it's internal" in answer
    assert "next digest" not in answer


async def test_why_says_that_a_conversation_has_no_customer(here: World) -> None:
    """It isn't about another customer, either. A subscription to all customers has it."""
    await here.type("/kickscale digest add acme.com")
    await here.type("/kickscale digest add * at 9:00")
    here.kickscale.add_call(call(1, MONDAY_MORNING + timedelta(seconds=1), customerDomains=[]))
    answer = await ask_why(here, "c1")
    assert "has no customer domain" in answer
    assert "`d2` will include it in its next digest" in answer


async def test_why_says_that_a_digest_is_being_posted(here: World) -> None:
    """While Slack accepts no messages it is retried. Afterwards, `why` says where it is."""
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1)))
    here.slack.faults.add("chat.postMessage", status=503, times=100_000)
    await here.run_digests_at(here.clock.now() + DAY)
    here.kickscale.add_call(call(2, TUESDAY - timedelta(hours=2)))
    answer = await ask_why(here, "c1")
    assert "`d1` is posting it in its digest due Tue, 24 Nov 2026, 09:30" in answer
    assert "no digests" not in answer
    assert "`d1` will include it in its next digest (Wed, 25 Nov 2026, 09:30)" in await ask_why(here, "c2")
    here.slack.faults.clear()
    await here.pass_time(900)
    answer = await ask_why(here, "c1")
    assert "in digest `d1`" in answer
    assert "subscription" not in answer


async def test_why_says_that_a_card_is_being_posted(here: World) -> None:
    await here.type("/kickscale digest add acme.com live")
    here.kickscale.add_call(call(1, MONDAY_MORNING + timedelta(minutes=1)))
    here.slack.faults.add("chat.postMessage", status=503, times=100_000)
    await here.clock.advance(120)
    await here.look_for_news()
    assert "`d1` is posting it, and will retry if that fails" in await ask_why(here, "c1")


@pytest.mark.parametrize("kind", ["live", "at 8:30 tz UTC"])
async def test_why_says_who_got_it_instead_of_the_channel(here: World, kind: str) -> None:
    """Before, who will get it. In the end, even if that message isn't there any more."""
    await here.type(f"/kickscale digest add acme.com {kind}", channel=GUESTS)
    here.kickscale.add_call(call(1, MONDAY_MORNING + timedelta(minutes=1)))
    assert "only go to @Robin Rep, by direct message (the channel has guests)" in await ask_why(
        here, "c1", channel=GUESTS
    )
    here.slack.faults.add("chat.postMessage", status=503, times=100_000)
    await here.run_digests_at(here.clock.now() + DAY)
    await here.look_for_news()
    answer = await ask_why(here, "c1", channel=GUESTS)
    assert "to @Robin Rep, by direct message" in answer
    here.slack.faults.clear()
    await here.pass_time(900)
    assert len(here.slack.direct_messages(ROBIN)) == 1
    for user in (ROBIN, LEA):
        answer = await ask_why(here, "c1", user, GUESTS)
        assert re.search(
            r"`d1` sent it only to @Robin Rep, by direct message \(\w+, 2\d Nov 2026, .*; the channel has guests\)",
            answer,
        )
        assert "no digests" not in answer
    await here.bot.services.erasure.erase(Subject(About.CONVERSATION, ("c1",)), "")
    answer = await ask_why(here, "c1", channel=GUESTS)
    assert re.search(r"`d1` posted it \(\w+, 2\d Nov 2026, .*\), but that message has been deleted", answer)
    assert "no digests" not in answer


async def test_why_says_that_nobody_got_what_was_withheld(here: World) -> None:
    """The subscription's creator has become a guest."""
    await here.type("/kickscale digest add acme.com live", channel=GUESTS)
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC", channel=GUESTS)
    here.kickscale.add_call(call(1, MONDAY_MORNING + timedelta(minutes=1)))
    robin = here.slack.user(ROBIN)
    here.slack.state.users[robin.id] = replace(robin, is_restricted=True)
    await here.clock.advance(600)
    await here.look_for_news()
    await here.run_digests_at(here.clock.now() + DAY)
    answer = await ask_why(here, "c1", LEA, GUESTS)
    assert "`d1` didn't post it (Mon, 23 Nov 2026" in answer
    assert "the channel has guests), and @Robin Rep didn't get it by direct message either" in answer
    assert "couldn't send it to @Robin Rep either. The next one is due Wed, 25 Nov 2026" in answer


async def test_a_digest_in_a_direct_message_is_only_explained_to_its_creator(here: World) -> None:
    """They learn of it wherever they ask. Others learn nothing about it."""
    direct = here.slack.state.im(here.slack.user(ROBIN).id).id
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC", channel=direct)
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1)))
    assert "`d1` will include it in its next digest" in await ask_why(here, "c1", channel=direct)
    await here.run_digests_at(here.clock.now() + DAY)
    assert len(here.slack.direct_messages(ROBIN)) == 1
    for channel in (SALES, direct):
        answer = await ask_why(here, "c1", channel=channel)
        assert "in a direct message to you, Tue, 24 Nov 2026, 09:30: in digest `d1`" in answer
        assert f"<#{direct}" not in str(here.slack.ephemerals(channel, ROBIN)[-1].blocks)
    answer = await ask_why(here, "c1", LEA)
    assert "in any channel" in answer
    assert "d1" not in answer
    assert "direct message" not in answer
    here.kickscale.remove("c1")
    assert "I can't find `c1`" in await ask_why(here, "c1", LEA)
    assert "in digest `d1`" in await ask_why(here, "c1")


async def test_a_long_history_does_not_hide_what_comes_next(here: World) -> None:
    """Each part of the answer has its own limit."""
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1)))
    for number in range(60):
        await here.bot.services.audit.note(AuditKind.HELD, "guest", channel=f"CSOME{number}", conversations=["c1"])
    assert "`d1` will include it in its next digest" in await ask_why(here, "c1")


async def test_for_a_live_subscription_the_end_of_a_conversation_counts(here: World) -> None:
    """One that was under way when the subscription began is posted. One that was over isn't."""
    await here.type("/kickscale digest add acme.com live")
    here.kickscale.add_call(call(1, MONDAY_MORNING - timedelta(minutes=5)))
    here.kickscale.add_call(call(2, MONDAY_MORNING - timedelta(minutes=15)))
    assert "`d1` will post it soon" in await ask_why(here, "c1")
    assert "`d1` only covers conversations that ended after Mon, 23 Nov 2026, 09:30" in await ask_why(here, "c2")


async def test_a_digest_that_was_moved_reveals_nothing_about_its_old_place(here: World) -> None:
    """It was moved from somebody's direct messages to a channel."""
    direct = here.slack.state.im(here.slack.user(ROBIN).id).id
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC", channel=direct)
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1)))
    await here.run_digests_at(here.clock.now() + DAY)
    await here.bot.services.subscriptions.edit("d1", "", channel=here.slack.state.channel(SALES).id)
    assert "direct message" not in await ask_why(here, "c1", LEA)


async def test_why_answers_even_if_slack_does_not(here: World) -> None:
    """It leaves out who is in the channel. A direct message whose owner Slack doesn't name counts as nobody's."""
    direct = here.slack.state.im(here.slack.user(ROBIN).id).id
    await here.type("/kickscale digest add acme.com at 8:30 tz UTC", channel=direct)
    await here.type("/kickscale digest add acme.com at 9:30 tz UTC", channel=GUESTS)
    here.kickscale.add_call(call(1, TUESDAY - timedelta(hours=1)))
    await here.run_digests_at(here.clock.now() + DAY)
    await here.clock.advance(600)  # after which Slack is asked again who is there
    for method in ("conversations.open", "conversations.info"):
        here.slack.faults.add(method, error="missing_scope", times=100)
    answer = await ask_why(here, "c1", channel=GUESTS)
    assert answer.endswith("`d2` will include it in its next digest (Tue, 24 Nov 2026, 10:30).")
    assert "direct message" not in answer


async def test_a_private_channel_is_only_mentioned_to_its_members(here: World) -> None:
    """Others learn nothing about it, nor what was withheld from it. If Slack doesn't answer, nobody does."""
    secret = Channel("C0MERGER01", "secret-merger", (here.slack.user(ROBIN).id, BOT), is_private=True)
    here.slack.state.channels[secret.id] = secret
    here.add_calls(1)
    await here.bot.services.audit.note(AuditKind.HELD, "guest", channel=secret.id, conversations=["c0"])
    await here.click(await here.ask("/kickscale call c0", channel="secret-merger"), "Share in channel")
    for user, channel, is_told in (
        (ROBIN, "secret-merger", True),
        (ROBIN, "general", True),
        (LEA, "general", False),
    ):
        answer = await ask_why(here, "c0", user, channel)
        assert ("shared by @Robin Rep" in answer) is is_told, (user, channel)
        assert ("withheld" in answer) is is_told, (user, channel)
    here.slack.faults.add("conversations.members", error="missing_scope", times=100)
    assert "shared by" not in await ask_why(here, "c0", ROBIN, "general")
    asked = len(here.slack.calls)
    assert "shared by" in await ask_why(here, "c0", ROBIN, "secret-merger")
    assert not any(request.method.startswith("conversations.") for request in here.slack.calls[asked:])


async def test_a_public_channel_is_mentioned_to_everybody(here: World) -> None:
    """Even to people who aren't in it. If there are many channels, Slack is only asked about the most recent ones."""
    here.add_calls(1)
    await here.click(await here.ask("/kickscale call c0", channel="sales-acme"), "Share in channel")
    channel = here.slack.state.channel(SALES)
    here.slack.state.channels[channel.id] = replace(channel, members=(here.slack.user(ROBIN).id, BOT))
    assert "shared by @Robin Rep" in await ask_why(here, "c0", LEA, "general")
    await here.clock.advance(1)
    for number in range(60):
        await here.bot.services.audit.note(AuditKind.HELD, "guest", channel=f"CSOME{number}", conversations=["c0"])
    asked = len(here.slack.calls)
    assert "shared by" not in await ask_why(here, "c0", LEA, "general")
    assert [request.method for request in here.slack.calls[asked:]].count("conversations.info") == MOST_ASKED


async def test_a_conversation_deleted_in_kickscale_is_only_explained_where_it_was_posted(tmp_path: Path) -> None:
    """With `VISIBILITY=kickscale` nobody knows any more whose it was. People see what was posted in this channel, and
    admins see everything.
    """
    async with world(tmp_path, visibility="kickscale", admins="U0ROBIN001") as here:
        here.add_calls(1)
        await here.click(await here.ask("/kickscale call c0"), "Share in channel")
        refused = await ask_why(here, "c0", LEA, "general")
        assert "shared" not in refused
        here.kickscale.remove("c0")
        assert "I can't find `c0`" in await ask_why(here, "c0", LEA, "general")
        assert "shared by @Robin Rep" in await ask_why(here, "c0", ROBIN, "general")
        assert "shared by @Robin Rep" in await ask_why(here, "c0", LEA, SALES)
        await here.bot.services.audit.note(AuditKind.ERASED, "domain", conversations=["e1"])
        assert "I can't find `e1`" in await ask_why(here, "e1", LEA)
        assert "I deleted everything" in await ask_why(here, "e1")
