"""The commands for a channel's digests: add, remove, pause, resume and help."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import ids
from bot.sandbox.slack.state import Channel
from tests.scenarios.digests.steps import (
    HOUR,
    NEXT,
    all_subscriptions,
    ask_digest,
    only_subscription,
    open_form,
    submit_form,
)
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, audit_row, call

# ---- add -----------------------------------------------------------------------------------------------------------


async def test_the_answer_to_add_names_the_defaults_and_the_next_digest(here: World) -> None:
    """8:30, every day, the asker's own time zone; the next digest is shown in the reader's."""
    text = await ask_digest(here, "add acme.com")
    assert "acme.com every day at 8:30 (Europe/Berlin)" in text
    assert "8:30, every day, your time zone (Europe/Berlin), nothing posted on quiet days" in text
    assert "Tue, 24 Nov 2026, 08:30" in text
    subscription = await only_subscription(here)
    assert (subscription.timezone, subscription.days, subscription.empty) == ("Europe/Berlin", (), False)
    assert subscription.created_by == here.slack.user(ROBIN).id


async def test_options_that_were_typed_are_not_called_defaults(here: World) -> None:
    """If everything was typed, no defaults are listed."""
    text = await ask_digest(here, "add acme.com *.example.com at 14:05 on weekdays tz Asia/Tokyo empty")
    assert "acme.com and *.example.com on weekdays at 14:05 (Asia/Tokyo)" in text
    assert "Defaults used" not in text


async def test_a_digest_that_was_added_is_posted_when_it_is_due(here: World) -> None:
    """The first one covers the current period: what happened since yesterday's 8:30, and nothing from before."""
    here.kickscale.add_call(call(1, NEXT - 25 * HOUR, name="Stale"))
    here.kickscale.add_call(call(2, NEXT - 23 * HOUR, name="Fresh"))
    await ask_digest(here, "add acme.com at 8:30 on weekdays")
    assert here.posts(SALES) == []
    await here.run_digests_at(NEXT)
    (posted,) = here.posts(SALES)
    assert "Fresh" in here.text(posted)
    assert "Stale" not in here.text(posted)


async def test_a_channel_has_the_same_digest_only_once(here: World) -> None:
    """The order of the domains doesn't matter. What the command says besides is changed, and a paused one resumed."""
    await ask_digest(here, "add acme.com example.com")
    before = await only_subscription(here)
    assert "already" in await ask_digest(here, "add example.com acme.com")
    assert await only_subscription(here) == before
    await ask_digest(here, "pause acme.com")
    text = await ask_digest(here, "add example.com acme.com empty lang:de")
    assert "It was paused and has now been resumed" in text
    assert "also post on quiet days" in text
    assert "It will now be in German." in text
    assert "Tue, 24 Nov 2026, 08:30, covering everything since Mon, 23 Nov 2026, 09:30" in text
    subscription = await only_subscription(here)
    assert (subscription.paused, subscription.empty, subscription.language) == ("", True, "de")


async def test_other_domains_beside_a_star_are_dropped(here: World) -> None:
    """With `*`, in the command or in the form, they would only bring the same news twice."""
    await ask_digest(here, "add *")
    assert "already" in await ask_digest(here, "add * acme.com")
    assert (await only_subscription(here)).domains == ("*",)
    await ask_digest(here, "add example.com")
    await open_form(here, index=1)
    assert "already has that digest: d1" in await submit_form(here, {ids.DIGEST_DOMAINS: "example.com, *"})


async def test_two_names_of_one_time_zone_make_the_same_digest(here: World) -> None:
    """Whether the second name is typed, or was stored by an earlier version."""
    await ask_digest(here, "add acme.com tz Europe/Kiev")
    assert "already" in await ask_digest(here, "add acme.com tz Europe/Kyiv")
    subscription = await only_subscription(here)
    assert subscription.timezone == "Europe/Kyiv"
    change = audit_row("digest edit")
    await here.bot.database.subscriptions.change(subscription.id, change, timezone="Europe/Kiev")
    assert "already" in await ask_digest(here, "add acme.com tz Europe/Kyiv")
    await only_subscription(here)


async def test_a_channel_may_have_several_digests(here: World) -> None:
    """One at another time is another digest, and so is a live one."""
    for line in ("add acme.com", "add acme.com at 16:00", "add acme.com live", "add *"):
        await ask_digest(here, line)
    assert [subscription.id for subscription in await all_subscriptions(here)] == ["d1", "d2", "d3", "d4"]
    text = await ask_digest(here, "list")
    assert "4 digests" in text
    assert "live, once analysed" in text
    assert "all customers" in text


@pytest.mark.parametrize("line", ["add acme.com", "add acme.com live"])
async def test_a_channel_without_the_bot_is_told_how_to_invite_it(here: World, line: str) -> None:
    """Or that the channel is archived. Nothing is subscribed to."""
    assert "/invite" in await ask_digest(here, line, channel="sales-team")
    archived = await ask_digest(here, line, channel="old-deals")
    assert "This channel is archived" in archived
    assert "Reference" not in archived
    assert await all_subscriptions(here) == []


async def test_people_can_subscribe_in_their_direct_messages_with_the_bot(here: World) -> None:
    """No invitation is needed there."""
    direct = here.slack.state.im(here.slack.user(ROBIN).id)
    assert "will get a digest" in await ask_digest(here, "add acme.com", channel=direct.id)
    assert (await only_subscription(here)).channel == direct.id


async def test_nobody_can_invite_the_bot_to_a_direct_message_of_two_people(here: World) -> None:
    """The answer says what works instead."""
    robin, lea = here.slack.user(ROBIN).id, here.slack.user(LEA).id
    here.slack.state.im(robin)
    here.slack.state.channels["D0ROBINLEA"] = Channel("D0ROBINLEA", "", (robin, lea), is_im=True)
    text = await ask_digest(here, "add acme.com", channel="D0ROBINLEA")
    assert "/invite" not in text
    assert "in your direct messages with me" in text
    assert await all_subscriptions(here) == []


async def test_guests_can_neither_subscribe_nor_list(here: World) -> None:
    """They don't learn what there is, either."""
    await ask_digest(here, "add acme.com")
    for line in ("add example.com", "list", "remove acme.com", "preview acme.com"):
        assert "not to guests" in await ask_digest(here, line, GUS, GUESTS)
    assert len(await all_subscriptions(here)) == 1


# ---- remove, pause, resume -----------------------------------------------------------------------------------------


async def test_a_domain_that_several_digests_have_is_removed_where_the_asker_says(here: World) -> None:
    """A digest of only this domain is removed. Another keeps its other domains, unless the channel has that digest
    already. Nothing is removed before somebody presses a button, which asks first.
    """
    for line in ("acme.com", "acme.com example.com at 9:00", "acme.com example.org", "example.org"):
        await ask_digest(here, f"add {line}")
    question = await here.ask("/kickscale digest remove acme.com")
    assert "3 digests in this channel cover acme.com" in here.text(question).replace("`", "")
    buttons = [block["accessory"] for block in question.blocks if "accessory" in block]
    assert [(button["style"], "confirm" in button) for button in buttons] == [("danger", True)] * 3
    assert len(await all_subscriptions(here)) == 4
    for index, outcome in ((2, "d3 removed"), (1, "d2 now covers example.com")):
        await here.click(await here.ask("/kickscale digest remove acme.com"), "Remove", index=index)
        assert outcome in here.text(here.slack.ephemerals(SALES, ROBIN)[-1]).replace("`", "")
    assert "d1 removed" in await ask_digest(here, "remove acme.com")
    assert [(subscription.id, subscription.domains) for subscription in await all_subscriptions(here)] == [
        ("d2", ("example.com",)),
        ("d4", ("example.org",)),
    ]


async def test_a_domain_of_one_digest_is_removed_at_once(here: World) -> None:
    """Its other domains stay."""
    await ask_digest(here, "add acme.com example.com")
    assert "d1 now covers example.com" in await ask_digest(here, "remove acme.com")
    assert "d1 removed" in await ask_digest(here, "remove example.com")


async def test_a_digest_is_removed_by_its_id(here: World) -> None:
    """Another one with the same domain stays."""
    await ask_digest(here, "add acme.com")
    await ask_digest(here, "add acme.com at 9:00")
    await ask_digest(here, "remove d2")
    assert (await only_subscription(here)).id == "d1"


@pytest.mark.parametrize("line", ["remove example.com", "pause d7", "resume example.com", "preview d7"])
async def test_a_digest_that_the_channel_does_not_have_is_an_error(here: World, line: str) -> None:
    """The answer names the command that shows which ones there are."""
    await ask_digest(here, "add acme.com", channel="general")
    await ask_digest(here, "add acme.com")
    assert "There's no digest" in await ask_digest(here, line)


async def test_an_id_of_another_channel_is_unknown(here: World) -> None:
    """It is neither listed nor removed from here."""
    await ask_digest(here, "add acme.com", channel="general")
    assert "There's no digest" in await ask_digest(here, "remove d1")
    assert "No digests in this channel" in await ask_digest(here, "list")
    assert len(await all_subscriptions(here)) == 1


async def test_a_resumed_digest_has_nothing_from_before(here: World) -> None:
    """It starts from the moment it is resumed."""
    await ask_digest(here, "add acme.com")
    assert "d1 paused" in await ask_digest(here, "pause acme.com")
    for day in range(3):
        here.kickscale.add_call(call(day, NEXT + timedelta(days=day) - HOUR, name=f"Day {day}"))
    await here.run_digests_at(NEXT + timedelta(days=1))
    assert "resumed" in await ask_digest(here, "resume d1")
    await here.run_digests_at(NEXT + timedelta(days=2))
    (posted,) = here.posts(SALES)
    assert "Day 2" in here.text(posted)
    assert "Day 1" not in here.text(posted)


async def test_resuming_a_digest_that_is_not_paused_changes_nothing(here: World) -> None:
    """Otherwise the time before would be left out."""
    await ask_digest(here, "add acme.com")
    before = await only_subscription(here)
    assert "d1 wasn't paused" in await ask_digest(here, "resume acme.com")
    assert await only_subscription(here) == before


async def test_pausing_a_paused_digest_says_so(here: World) -> None:
    """The answer doesn't pretend that it has just been paused."""
    await ask_digest(here, "add acme.com")
    await ask_digest(here, "pause acme.com")
    assert "d1 was already paused" in await ask_digest(here, "pause d1")


async def test_a_digest_is_not_resumed_in_a_channel_without_the_bot(here: World) -> None:
    """Somebody has to invite the bot first."""
    await ask_digest(here, "add acme.com")
    await ask_digest(here, "pause acme.com")
    channel = here.slack.state.channel(SALES)
    members = tuple(member for member in channel.members if member != here.slack.state.bot_user)
    here.slack.state.channels[channel.id] = replace(channel, members=members)
    assert "/invite" in await ask_digest(here, "resume acme.com")
    assert (await only_subscription(here)).paused


# ---- help ----------------------------------------------------------------------------------------------------------


async def test_help_names_the_defaults_and_the_ids(here: World) -> None:
    """What applies if an option isn't typed, and how to name one of several digests."""
    text = here.text(await here.ask("/kickscale help digest")).replace("`", "")
    assert "every day at 8:30 in your time zone, and stays silent on quiet days" in text
    assert "digest remove d1 d2" in text


async def test_a_person_is_not_taken_for_a_customer(here: World) -> None:
    """The error lists what `digest add` understands: no dates and no filters."""
    text = await ask_digest(here, "add @lea.lead")
    assert "at, on, tz, lang:, empty or live" in text
    assert "filter" not in text
