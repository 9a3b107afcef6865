"""What Slack would never send, and what scripts can do: a click is judged only by what the bot itself knows."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest

from bot import ids
from bot.app.rate_limit import LIMIT
from bot.model.audit import AuditKind
from bot.model.conversation import Kind
from bot.sandbox.slack import Message
from handlers.rate_limit import MOST_WAITING
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, missing_dates

ODD = (
    "",
    "x" * 2_000,
    "9" * 4_000,
    "-1",
    "1",
    "\u0661",
    "\ud800",
    "q-1:0:1",
    "None",
    "1:0",
    "☕",
    "' OR 1=1 --",
    "../../x",
)
BUTTONS = (
    *(make(kind) for make in (ids.details, ids.transcript, ids.recording) for kind in Kind),
    *(ids.DETAILS + "nothing", ids.NEWER, ids.OLDER, ids.SHARE, ids.UPLOAD, ids.DECLINE, ids.UPLOAD_CANCEL),
    *(ids.UPLOAD_THERE, ids.UPLOAD_AGAIN, ids.DIGEST_EDIT, ids.DIGEST_PAUSE, ids.DIGEST_RESUME, ids.DIGEST_REMOVE),
    ids.DIGEST_AGAIN,
)


async def press(here: World, action: str, value: Any) -> str:
    """Press a button that no message has. Return what the person then sees, in the channel or in a modal."""
    message = forged(here, action, value)
    before = len(here.slack.ephemerals(SALES, ROBIN))
    await here.click(message, action)
    view = here.slack.open_view(ROBIN)
    said = here.text(view) if view is not None else ""
    if view is not None:
        await here.slack.close(ROBIN, view)
    here.slack.state.replace(message, None)
    return said + "".join(here.text(answer) for answer in here.slack.ephemerals(SALES, ROBIN)[before:])


def forged(here: World, action: str, value: Any) -> Message:
    """Return a message by the bot with this button."""
    said = here.slack.say(LEA, SALES, "with a button")
    blocks = ({"type": "actions", "block_id": "b", "elements": [button(action, value)]},)
    message = replace(said, user=here.slack.state.bot_user, bot_id=here.slack.state.bot_id, blocks=blocks)
    here.slack.state.replace(said, message)
    return message


def button(action: str, value: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": action}, "value": value}


async def test_whatever_a_button_carries_it_ends_in_a_sentence(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """Never an unexpected error. Nothing is requested from Kickscale or posted for something that doesn't exist."""
    caplog.set_level(logging.WARNING)
    for number, action in enumerate(BUTTONS):
        for value in ODD[number % 3 :: 3]:
            await here.clock.advance(60)
            await press(here, action, value)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert not here.slack.posts(SALES)


async def offered(here: World, channel: str) -> Message:
    shared = await here.share("call.wav", wav(1), channel=channel, user=LEA)
    (offer,) = here.thread(shared)
    return offer


def value_of(message: Message, action: str) -> str:
    return next(
        str(element["value"])
        for block in message.blocks
        for element in block.get("elements", [])
        if element.get("action_id") == action
    )


async def test_a_button_of_another_channel_does_nothing(here: World) -> None:
    """An offer, an upload and a subscription answer only in their own channel, even to people who know their ids."""
    await here.ask("/kickscale uploads on", channel="deals")
    offer = await offered(here, "deals")
    for action in (ids.UPLOAD, ids.DECLINE):
        said = await press(here, action, value_of(offer, ids.UPLOAD))
        assert "expired" in said or "There's no digest" in said, said
    assert here.slack.state.message(offer.channel, offer.ts) == offer
    await here.click(offer, "Upload to Kickscale", user=LEA)
    here.kickscale.faults.add("/calls/upload", hang=True)
    form = here.slack.open_view(LEA)
    assert form is not None
    await here.slack.submit(LEA, form, {"attestation": ["yes"], **missing_dates(form, here.clock.now())})
    await here.kickscale.requests.until(lambda log: len(log.on("/calls/upload")) > 0)
    (upload,) = await here.bot.database.uploads.of_channel(here.slack.state.channel("deals").id, 5)
    for action in (ids.UPLOAD_CANCEL, ids.UPLOAD_THERE, ids.UPLOAD_AGAIN):
        await here.slack.click(ROBIN, forged(here, action, str(upload.id)), action)
    await here.slack.wait_for(lambda: len(here.slack.ephemerals(SALES, ROBIN)) == 4)
    assert (await here.bot.database.uploads.get(upload.id)).cancelled_by == ""  # type: ignore[union-attr]
    here.kickscale.release()
    await here.settle()
    assert len(here.kickscale.uploads) == 1


async def test_a_subscription_of_another_channel_is_neither_edited_nor_shown(here: World) -> None:
    """Even if its id is known."""
    await here.type("/kickscale digest add acme.com", channel="deals", user=LEA)
    (subscription,) = await here.bot.services.subscriptions.of_channel(here.slack.state.channel("deals").id)
    for action in (ids.DIGEST_EDIT, ids.DIGEST_PAUSE, ids.DIGEST_REMOVE):
        said = await press(here, action, subscription.id)
        assert "acme.com" not in said
    assert (await here.bot.services.subscriptions.get(subscription.id)) == subscription


async def test_who_lets_a_script_ask_is_slowed_down(here: World) -> None:
    """Each command is answered with that, clicks only once. It affects nobody else, and ends after a minute."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    for _ in range(LIMIT - 1):
        await here.slack.command(ROBIN, SALES, "/kickscale help dates")
    await here.settle()
    asked = len(here.slack.calls)
    delivery = await here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
    assert "requests in a minute" in str(delivery.answer)
    for _ in range(3):
        await here.slack.click(ROBIN, answer, "Details")
    await here.settle()
    assert len(here.slack.calls) == asked
    assert "1 call" in here.text(await here.ask("/kickscale calls acme.com", user=LEA))
    await here.clock.advance(60)
    assert "1 call" in here.text(await here.ask("/kickscale calls acme.com"))
    for _ in range(LIMIT + 3):
        await here.slack.click(ROBIN, answer, "Share in channel")
    await here.settle()
    refusals = [answer for answer in here.slack.ephemerals(SALES, ROBIN) if "requests in a minute" in here.text(answer)]
    assert len(refusals) == 2


async def test_a_crowd_that_is_too_large_is_refused_with_a_sentence(here: World) -> None:
    """At once, for commands and for clicks; nobody waits without end, and afterwards all is as before."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")

    async def wait_for_turn() -> None:
        async with here.bot.services.turns.take():
            pass

    def answers() -> list[Message]:
        said = here.slack.ephemerals(SALES, LEA)
        return [answer for answer in said if "Kickscale in Slack" in here.text(answer)]

    crowd = [asyncio.create_task(wait_for_turn()) for _ in range(10_000)]
    await asyncio.sleep(0)
    here.slack.ack_seconds = 2.0
    mentioning = asyncio.create_task(here.slack.mention(LEA, SALES, "help"))
    delivery = await here.slack.command(LEA, SALES, "/kickscale calls acme.com")
    assert "more requests than I can answer" in str(delivery.answer)
    await here.slack.click(ROBIN, answer, "Details")
    assert len(here.bot.services.turns) >= MOST_WAITING
    await asyncio.wait(crowd)
    await here.settle()
    assert "more requests than I can answer" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert "1 call" in here.text(await here.ask("/kickscale calls acme.com", user=LEA))
    # What people write isn't acknowledged then: Slack sends it again.
    await mentioning
    await here.clock.advance(60)
    await here.settle()
    await here.slack.wait_for(answers)
    await here.settle()
    assert len(answers()) == 1


async def test_too_many_mentions_are_ignored(here: World) -> None:
    """Beyond the limit they are acknowledged, but not recorded or answered; other people's still are."""
    for _ in range(LIMIT + 20):
        await here.slack.mention(GUS, GUESTS, "now")
    await here.settle()
    gus = here.slack.user(GUS).id
    assert [row["by"] for row in await here.read_audit(AuditKind.REFUSED)] == [gus] * LIMIT
    assert len(here.slack.ephemerals(GUESTS, GUS)) == LIMIT
    await here.mention(user=LEA, channel=GUESTS)
    assert len(here.slack.ephemerals(GUESTS, LEA)) == 1
    await here.clock.advance(60)
    await here.mention(user=GUS, channel=GUESTS)
    assert len(here.slack.ephemerals(GUESTS, GUS)) == LIMIT + 1
