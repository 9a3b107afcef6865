"""What people type as a command, in a mention or to the bot itself, and the buttons that run other commands."""

import json
from datetime import timedelta

import pytest

from bot import ids
from bot.model.erasure import About, Subject
from bot.sandbox.slack import Message
from tests.clock import MONDAY_MORNING
from tests.databases import run_sql
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, call

HOUR = timedelta(hours=1)
PAT, SHARED = "pat.partner", "ext-acme"
"""Somebody from another workspace, in a channel that is shared with it."""
SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(32)


def bought_by(number: int, domain: str, name: str, **fields: object) -> dict[str, object]:
    """A call with one of several customers."""
    at = MONDAY_MORNING - number * HOUR
    return call(number, at, customerDomains=[domain], crmReference={"company": {"name": name}}, **fields)


def bots(here: World) -> list[Message]:
    """What the bot has posted in its messages to Robin."""
    return [message for message in here.slack.direct_messages(ROBIN) if message.user == here.slack.state.bot_user]


def labels(message: Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block.get("block_id") == ids.SUGGESTIONS
        for element in block["elements"]
    ]


@pytest.fixture
async def known(here: World) -> World:
    """A bot that knows two customers."""
    here.kickscale.add_call(bought_by(1, "acme.com", "Acme GmbH"))
    here.kickscale.add_call(bought_by(2, "globex.com", "Globex Corporation"))
    await here.learn_customers()
    return here


# ---- commands and buttons ------------------------------------------------------------------------------------------


async def test_a_name_is_answered_like_its_domain(known: World) -> None:
    """The answer names the domain, and in German too."""
    plain = known.text(await known.ask("/kickscale calls acme.com"))
    assert "acme.com" in plain
    for phrase in ("calls acme", "show me calls with acme please", "anrufe mit acme", "acme calls last 7 days"):
        assert known.text(await known.ask(f"/kickscale {phrase}")) == plain


async def test_a_suggestion_is_a_button_that_runs_it_for_whoever_asked(known: World) -> None:
    """The answer takes the place of the suggestions."""
    asked = await known.ask("/kickscale calls acmee this-week", LEA)
    assert labels(asked) == ["calls acme.com this-week", "search acmee"]
    await known.click(asked, "calls acme.com this-week", LEA)
    (shown,) = known.slack.ephemerals(SALES, LEA)
    assert "1 call with acme.com" in known.text(shown, LEA)
    assert known.slack.ephemerals(SALES, ROBIN) == []


async def test_an_ambiguous_date_is_two_buttons(known: World) -> None:
    """Neither is guessed."""
    asked = await known.ask("/kickscale calls acme 11/01/2026")
    assert labels(asked) == ["calls acme 2026-11-01", "calls acme 2026-01-11"]
    await known.click(asked, "calls acme 2026-01-11")
    assert "11 Jan 2026" in known.text(known.slack.ephemerals(SALES, ROBIN)[-1])


async def test_another_reading_of_quoted_text_is_a_button_below_the_answer(known: World) -> None:
    """A customer's name is the customer; the button looks for the words."""
    asked = await known.ask('/kickscale calls "Acme GmbH"')
    assert "1 call with acme.com" in known.text(asked)
    assert labels(asked) == ['calls words:"Acme GmbH"']
    await known.click(asked, 'calls words:"Acme GmbH"')
    assert "No calls" in known.text(known.slack.ephemerals(SALES, ROBIN)[-1])


async def test_my_calls_are_those_of_whoever_asks(here: World) -> None:
    """By the e-mail address in Slack."""
    here.kickscale.add_call(call(1, MONDAY_MORNING - HOUR))
    lea = {"id": "u2", "firstName": "Lea", "lastName": "Lead", "email": "lea.lead@example.com"}
    here.kickscale.add_call(call(2, MONDAY_MORNING - HOUR, user=lea))
    assert "Call 1" in (mine := here.text(await here.ask("/kickscale my calls")))
    assert "Call 2" not in mine
    assert "Call 2" in here.text(await here.ask("/kickscale meine anrufe", LEA), LEA)


async def test_a_filter_value_that_occurs_nowhere_lists_those_that_do(here: World) -> None:
    """The most frequent first; not if a value occurs, but with nothing else that was asked for."""
    for number, kind in enumerate(("Demo", "Discovery", "Discovery"), start=1):
        here.kickscale.add_call(call(number, MONDAY_MORNING - HOUR, callType=kind, type=kind))
    said = here.text(await here.ask("/kickscale calls type:Discvery"))
    assert "Possible values: Discovery, Demo" in said
    assert "There are" not in here.text(await here.ask('/kickscale calls type:Demo "nothing like this"'))


async def test_the_command_alone_shows_what_is_useful_here(known: World) -> None:
    """The customer that the channel is named after, and three buttons."""
    asked = await known.ask("/kickscale")
    assert "This channel's customer: acme.com" in known.text(asked)
    assert labels(asked) == ["calls acme.com this month", "my calls", "help"]
    await known.click(asked, "calls acme.com this month")
    assert "1 call with acme.com" in known.text(known.slack.ephemerals(SALES, ROBIN)[-1])


# ---- digests -------------------------------------------------------------------------------------------------------


async def test_unfollow_ends_live_cards_and_leaves_digests(known: World) -> None:
    """`follow` is `digest add … live`."""
    await known.ask("/kickscale digest add acme at 9")
    await known.ask("/kickscale follow acme and globex")
    assert [row.live for row in await known.bot.database.subscriptions.every()] == [False, True]
    await known.ask("/kickscale unfollow acme")
    await known.ask("/kickscale unfollow globex")
    assert ["changed digest d2" in line or "removed digest d2" in line for line in known.announcements(SALES)[2:]] == [
        True,
        True,
    ]
    (left,) = await known.bot.database.subscriptions.every()
    assert (left.live, left.domains) == (False, ("acme.com",))
    assert "doesn't follow `acme.com`" in known.text(await known.ask("/kickscale unfollow acme"))


async def test_several_digests_are_removed_at_once_or_not_at_all(here: World) -> None:
    """Not if one of them isn't there, or is a customer of several digests. Each that is removed is announced."""
    for domains in ("acme.com", "globex.com", "initech.de", "globex.com example.com live"):
        await here.ask(f"/kickscale digest add {domains}")
    assert "d9" in here.text(await here.ask("/kickscale digest rm d1 d9"))
    asked = await here.ask("/kickscale digest rm d1 globex.com")
    assert "Several digests in this channel cover globex.com" in here.text(asked)
    assert len(await here.bot.database.subscriptions.every()) == 4
    await here.click(asked, "digest remove globex.com")
    assert "Which one should I remove it from" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    await here.ask("/kickscale digest rm d1 initech.de example.com")
    assert [(row.id, row.domains) for row in await here.bot.database.subscriptions.every()] == [
        ("d2", ("globex.com",)),
        ("d4", ("globex.com",)),
    ]
    announced = here.announcements(SALES)[-3:]
    assert ["removed digest d1" in announced[0], "removed digest d3" in announced[1]] == [True, True]
    assert "changed digest d4" in announced[2]


async def test_a_fifth_digest_of_one_customer_in_a_channel_is_pointed_out(here: World) -> None:
    """It may be a mistake; the first four aren't."""
    for hour in range(6, 10):
        assert "digests for this customer" not in here.text(await here.ask(f"/kickscale digest add acme.com at {hour}"))
    assert "now has 5 digests for this customer" in here.text(await here.ask("/kickscale digest add acme.com at 10"))


# ---- mentions ------------------------------------------------------------------------------------------------------


async def test_a_mention_is_answered_like_the_command(known: World) -> None:
    """Only the person sees it. Whoever mentions the bot for the first time is greeted, once."""
    plain = known.text(await known.ask("/kickscale calls acme.com"))
    await known.mention("calls acme")
    first = known.slack.ephemerals(SALES, ROBIN)[-1]
    assert known.text(first).startswith("Hi!")
    assert known.text(first).endswith(plain)
    assert len(labels(first)) == 3
    await known.mention("zeig mir anrufe mit acme")
    assert known.text(known.slack.ephemerals(SALES, ROBIN)[-1]) == plain
    assert all(message.user == known.slack.user(ROBIN).id for message in known.slack.posts(SALES))


async def test_whoever_is_not_understood_at_first_is_greeted_too(known: World) -> None:
    """They need it most. Once, above what may be meant or, if that is nothing, things to try."""
    await known.write("calls acmee")
    await known.write("calls acmee")
    first, second = bots(known)
    assert known.text(first).startswith("Hi!")
    assert labels(first) == labels(second) == ["calls acme.com", "search acmee"]
    assert not known.text(second).startswith("Hi!")
    await known.mention("calls tomorrow", LEA)
    assert len(labels(known.slack.ephemerals(SALES, LEA)[-1])) == 3


async def test_a_mention_in_a_thread_is_answered_there(known: World) -> None:
    """Below a recording too, if it names a command; anything else asks for the recording."""
    parent = known.slack.say(LEA, SALES, "Any news from Acme?")
    await known.mention("calls acme last week", thread_ts=parent.ts)
    answer = known.slack.ephemerals(SALES, ROBIN)[-1]
    assert answer.thread_ts == parent.ts
    shared = await known.share("call.wav", SOUND)
    await known.mention("calls acme", thread_ts=shared.ts)
    assert "acme.com" in known.text(known.slack.ephemerals(SALES, ROBIN)[-1])


@pytest.mark.parametrize(("user", "channel"), [(GUS, GUESTS), (PAT, SHARED)])
async def test_a_mention_of_a_guest_or_outsider_is_refused(known: World, user: str, channel: str) -> None:
    """Like their commands, and they aren't greeted."""
    await known.mention("calls acme.com", user, channel)
    (refusal,) = known.slack.ephemerals(channel, user)
    assert "members of this workspace" in known.text(refusal, user)
    assert "acme.com" not in known.text(refusal, user)
    assert known.posts(channel) == []


async def test_what_needs_a_form_is_a_button_in_the_answer_to_a_mention(here: World) -> None:
    """A message can't open one."""
    await here.mention("uploads auto")
    await here.click(here.slack.ephemerals(SALES, ROBIN)[-1], "uploads auto")
    assert here.slack.open_view(ROBIN) is not None


# ---- messages ------------------------------------------------------------------------------------------------------


async def test_a_message_to_the_bot_is_answered_by_an_ordinary_one(known: World) -> None:
    """Once, even if Slack reports it twice; it is recorded with what it shows, also after a button changed it."""
    await known.write("help")
    await known.write("calls acme", again=1)
    _, answer = bots(known)
    assert "1 call with acme.com" in known.text(answer)
    (recorded,) = await known.bot.database.ledger.of_conversation("c1")
    assert (recorded.ts, recorded.by) == (answer.ts, known.slack.user(ROBIN).id)
    assert "acme.com" in recorded.domains
    await known.write("calls globx")
    asked = bots(known)[-1]
    await known.click(asked, "calls globex.com")
    assert [row.ts for row in await known.bot.database.ledger.of_conversation("c2")] == [asked.ts]


def kill(here: World, progress: str, typed: str) -> None:
    """Make the job of an answer look as if the bot was killed before it recorded that it was done."""
    for id_, payload in run_sql(here.settings, "select id, payload from jobs where kind = 'answer'"):
        run_sql(
            here.settings,
            "update jobs set state = 'running', finished_at = null, progress = ?, payload = ? where id = ?",
            *(progress, json.dumps({**json.loads(payload), "typed": typed}), id_),
        )


async def take_up(here: World) -> None:
    """Let the lease of a killed attempt end, slowly: an answer that seems to take long says so."""
    for _ in range(40):
        await here.pass_time(1)


async def test_an_answer_survives_an_outage_and_a_restart(known: World) -> None:
    """It was promised before Slack's report was acknowledged. It comes once, and its words aren't kept."""
    known.slack.faults.add("chat.postMessage", status=503, times=3)
    await known.write("calls acme")
    assert bots(known) == []
    await known.restart()
    await take_up(known)
    (answer,) = bots(known)
    assert "1 call with acme.com" in known.text(answer)
    kill(known, '{"posting": true}', "calls acme")
    await take_up(known)
    assert bots(known) == [answer]
    assert "acme" not in str(run_sql(known.settings, "select payload from jobs where kind = 'answer'"))


async def test_what_a_message_changes_is_not_changed_again_after_a_kill(here: World) -> None:
    """The person is told to check, with a button, since nobody knows whether it was done."""
    await here.write("digest add acme.com at 9")
    first = bots(here)
    kill(here, '{"changing": true}', "digest add acme.com at 9")
    await take_up(here)
    assert len(await here.bot.database.subscriptions.every()) == 1
    (said,) = bots(here)[len(first) :]
    assert "I was restarted while doing this" in here.text(said)
    assert labels(said) == ["digest list"]


async def test_a_reply_that_is_also_sent_to_the_messages_tab_is_answered(here: World) -> None:
    """In its thread, where it was written."""
    dm, robin = here.slack.state.im(here.slack.user(ROBIN).id).id, here.slack.user(ROBIN).id
    parent = await here.write("help")
    event = {"type": "message", "subtype": "thread_broadcast", "channel": dm, "channel_type": "im", "user": robin}
    await here.slack.event({**event, "ts": "1795422999.000001", "thread_ts": parent.ts, "text": "help dates"})
    await here.settle()
    assert bots(here)[-1].thread_ts == parent.ts


async def test_erasing_reaches_the_answers_in_the_bots_own_messages(known: World) -> None:
    """They name conversations like any other message."""
    await known.write("calls acme")
    await known.run_to_end(known.bot.services.erasure.erase(Subject(About.DOMAIN, ("acme.com",)), "test"))
    assert all("acme" not in known.text(message) for message in bots(known))


async def test_what_is_asked_in_the_bots_own_messages_cannot_be_shared_there(known: World) -> None:
    """There is no channel: neither a list nor a single call has the button, even if it has no other."""
    known.kickscale.add_call(call(3, MONDAY_MORNING - HOUR, consent="refused"))
    for text in ("calls acme", "call c1", "call c3"):
        await known.write(text)
        answer = bots(known)[-1]
        assert "Call" in known.text(answer)
        assert "Share in channel" not in known.text(answer)
    await known.click(bots(known)[0], "Details")
    assert "Share in channel" not in known.text(known.slack.open_view(ROBIN))


async def test_a_list_of_digests_is_redrawn_in_the_bots_own_messages(here: World) -> None:
    """A button changes it where it is, as in a channel; a digest itself stays as it is."""
    await here.write("digest add acme.com at 9")
    await here.write("digest")
    listed = bots(here)[-1]
    await here.click(listed, "Pause")
    assert "Resume" in here.text(bots(here)[-1])
    await here.click(bots(here)[-1], "Remove")
    assert bots(here)[-1].ts == listed.ts
    assert "Remove" not in here.text(bots(here)[-1])


async def test_a_recording_in_the_bots_own_messages_is_offered(here: World) -> None:
    """As in a channel whose uploads are on."""
    await here.share("call.wav", SOUND, channel="dm")
    assert any("[Upload to Kickscale]" in here.text(message) for message in bots(here))


async def test_the_bot_answers_neither_edits_nor_itself_nor_channels(here: World) -> None:
    """Only what people write to it."""
    dm = here.slack.state.im(here.slack.user(ROBIN).id).id
    message = {"type": "message", "channel": dm, "channel_type": "im", "ts": "1.000001", "text": "help"}
    robin = here.slack.user(ROBIN).id
    for event in (
        {**message, "user": robin, "edited": {"user": robin, "ts": "2.0"}},
        {**message, "user": here.slack.state.bot_user, "bot_id": "B1"},
        {**message, "subtype": "message_changed"},
        {**message, "user": robin, "channel": here.slack.state.channel(SALES).id, "channel_type": "channel"},
    ):
        await here.slack.event(event)
        await here.settle()
    assert bots(here) == []
    assert here.slack.ephemerals(SALES, ROBIN) == []
