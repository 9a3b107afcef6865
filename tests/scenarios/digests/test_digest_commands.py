"""`/kickscale digest …`: what a channel subscribes to, typed, clicked and filled in."""

import re
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from bot import ids
from bot.model.digests import Subscription
from bot.sandbox.slack.state import Channel
from tests.clock import MONDAY_MORNING
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, audit_row, call

HOUR = timedelta(hours=1)
# For Robin, in Berlin, the tests' Monday morning is 9:30, so today's 8:30 has passed.
NEXT = MONDAY_MORNING + timedelta(hours=23)


async def all_subscriptions(here: World) -> list[Subscription]:
    return await here.bot.database.subscriptions.every()


async def only_subscription(here: World) -> Subscription:
    (subscription,) = await all_subscriptions(here)
    return subscription


async def ask_digest(here: World, line: str, user: str = ROBIN, channel: str = SALES) -> str:
    return here.text(await here.ask(f"/kickscale digest {line}", user, channel), user).replace("`", "")


async def submit_form(here: World, values: dict[str, Any]) -> str:
    """Fill in the open form, submit it, and return the text of the modal that is open then."""
    view = here.slack.open_view(ROBIN)
    assert view is not None, "no form is open"
    delivery = await here.slack.submit(ROBIN, view, values)
    assert not delivery.error, delivery
    await here.settle()
    return here.text(here.slack.open_view(ROBIN)).replace("`", "")


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


# ---- preview -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["add acme.com", "add acme.com live", "list"])
async def test_a_preview_is_only_for_the_asker(here: World, before: str) -> None:
    """Of a digest, of a live subscription's customer, and of a customer that nobody subscribed to."""
    here.kickscale.add_call(call(1, here.clock.now() - HOUR / 2, name="Renewal"))
    await ask_digest(here, before)
    text = await ask_digest(here, "preview acme.com")
    assert "Only you can see it" in text
    assert "Renewal" in text
    assert here.posts(SALES) == []


async def test_a_preview_shows_the_digest_that_comes_next(here: World) -> None:
    """Not that of the oldest subscription, nor of a paused or live one."""
    for line in ("add acme.com at 9:00", "add acme.com on sunday", "add acme.com", "add acme.com live", "pause d1"):
        await ask_digest(here, line)
    here.kickscale.add_call(call(1, here.clock.now() - HOUR / 2))
    text = await ask_digest(here, "preview acme.com")
    assert "digest d3" in text
    assert "paused" not in text


@pytest.mark.parametrize("target", ["acme.com", "d1"])
@pytest.mark.parametrize(
    ("lines", "why"),
    [(["add acme.com", "pause d1"], "d1 is paused"), (["add acme.com live"], "d1 is live, so it has no digest")],
)
async def test_a_preview_says_why_no_digest_comes(here: World, lines: list[str], why: str, target: str) -> None:
    """Above what a new digest would contain."""
    for line in lines:
        await ask_digest(here, line)
    here.kickscale.add_call(call(1, here.clock.now() - HOUR / 2, name="Renewal"))
    text = await ask_digest(here, f"preview {target}")
    assert why in text
    assert text.index("what a new digest would contain") < text.index("Renewal")
    assert "digest d1" not in text.partition("would have")[2]


@pytest.mark.parametrize("before", ["list", "add acme.com", "add acme.com on tuesday"])
async def test_a_first_preview_that_would_be_empty_shows_the_last_full_period(here: World, before: str) -> None:
    """It says so. Once a digest was posted, an empty preview says that it is empty."""
    await ask_digest(here, before)
    here.kickscale.add_call(call(1, NEXT - 30 * HOUR - timedelta(days=6 if "tuesday" in before else 0), name="Renewal"))
    text = await ask_digest(here, "preview acme.com")
    assert text.index("nothing new for the next digest yet") < text.index("Renewal")
    assert "late" not in text
    if before == "add acme.com":
        here.kickscale.add_call(call(2, NEXT - HOUR))
        await here.run_digests_at(NEXT)
        await here.pass_time(60)
        assert "nothing new since" in await ask_digest(here, "preview acme.com")


async def test_a_preview_has_no_thread(here: World) -> None:
    """It says how many conversations the digest would have in its thread."""
    for number in range(25):
        here.kickscale.add_call(call(number, here.clock.now() - (1 + number) * HOUR / 60))
    text = await ask_digest(here, "preview acme.com")
    assert text.count("[Details]") == 10
    assert "the digest would have 15 more in its thread" in text
    assert "more in the thread" not in text


# ---- the buttons of the list ---------------------------------------------------------------------------------------


async def test_the_buttons_of_the_list_do_what_they_say(here: World) -> None:
    """The list is updated after each of them."""
    await ask_digest(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await here.click(shown, "Pause")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "paused" in here.text(shown)
    assert (await only_subscription(here)).paused == "asked"
    await here.click(shown, "Resume")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "resumed" in here.text(shown)
    assert (await only_subscription(here)).paused == ""
    await here.click(shown, "Remove")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "No digests in this channel" in here.text(shown)
    assert await all_subscriptions(here) == []


async def test_a_long_list_is_cut_after_a_whole_entry(here: World) -> None:
    """The oldest ones come first, even if many were created at the same moment. Every entry keeps its buttons."""
    await ask_digest(here, "add acme.com")
    first = replace(await only_subscription(here), id="")
    for number in range(29):
        one_more = replace(first, domains=(f"customer{number}.example.com",))
        await here.bot.database.subscriptions.add(one_more, audit_row("digest import"))
    shown = await here.ask("/kickscale digest list")
    *_, entry, buttons, cut = shown.blocks
    assert (entry["type"], buttons["type"]) == ("section", "actions")
    assert "There are more than fit here" in repr(cut)
    ids_ = re.findall(r"^(d\d+) · ", here.text(shown).replace("`", ""), re.MULTILINE)
    assert len(ids_) > 10
    assert ids_ == [f"d{number}" for number in range(1, len(ids_) + 1)]


async def test_a_button_of_a_removed_digest_says_so(here: World) -> None:
    """Somebody else removed it."""
    await ask_digest(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await ask_digest(here, "remove d1", LEA)
    for button in ("Pause", "Remove"):
        await here.click(shown, button)
        assert "There's no digest" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    await here.click(shown, "Change")
    assert "There's no digest" in here.text(here.slack.open_view(ROBIN))


async def test_access_is_checked_again_at_every_click(here: World) -> None:
    """A member who has become a guest can't change anything any more."""
    await ask_digest(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await here.click(shown, "Change")
    robin = here.slack.user(ROBIN)
    here.slack.state.users[robin.id] = replace(robin, is_restricted=True)
    await here.clock.advance(301)
    await here.click(shown, "Remove")
    await submit_form(here, {ids.DIGEST_DOMAINS: "example.com"})
    assert "not to guests" in here.text(here.slack.open_view(ROBIN))
    assert (await only_subscription(here)).domains == ("acme.com",)


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


# ---- the form ------------------------------------------------------------------------------------------------------


async def open_form(here: World, index: int = 0) -> str:
    """Open the form of a subscription in the list, and return its text."""
    await here.click(await here.ask("/kickscale digest list"), "Change", index=index)
    return here.text(here.slack.open_view(ROBIN))


@pytest.mark.parametrize("wait", [30, 100])
async def test_a_form_that_slack_is_too_busy_for_stays_open(here: World, wait: int) -> None:
    """Slack can't say in time who sent it, or not at all. Nothing updated, and the form can be sent again."""
    await ask_digest(here, "add acme.com")
    await open_form(here)
    view = await here.submit_form_while_slack_is_busy(wait, **{ids.DIGEST_DOMAINS: "globex.com"})
    assert ["didn't answer in time, so nothing was saved" in text for text in view.errors.values()] == [True]
    await here.pass_time(120)
    assert (await only_subscription(here)).domains == ("acme.com",)
    assert "globex.com" in await submit_form(here, {ids.DIGEST_DOMAINS: "globex.com"})
    assert (await only_subscription(here)).domains == ("globex.com",)


async def test_the_form_shows_a_subscription_and_changes_it(here: World) -> None:
    """Customers, time, days, time zone, and whether quiet days are posted."""
    await ask_digest(here, "add acme.com on weekdays")
    shown = await open_form(here)
    assert "acme.com" in shown
    assert "Europe/Berlin" in shown
    text = await submit_form(
        here,
        {
            ids.DIGEST_DOMAINS: "https://www.Example.com/, bücher.de",
            ids.DIGEST_AT: "14:05",
            ids.DIGEST_DAYS: ["Monday", "Friday"],
            ids.DIGEST_ZONE: "america/new york",
            ids.DIGEST_EMPTY: ["yes"],
            ids.DIGEST_LANGUAGE: "German",
        },
    )
    assert "updated" in text
    assert "example.com and bücher.de, every Monday and Friday at 14:05 (America/New_York)" in text
    changed = await only_subscription(here)
    assert changed.domains == ("example.com", "xn--bcher-kva.de")
    assert (changed.at, changed.days, changed.timezone) == (time(14, 5), (0, 4), "America/New_York")
    assert (changed.empty, changed.language) == (True, "de")


async def test_a_paused_digest_stays_paused_when_it_is_edited(here: World) -> None:
    """The answer says so."""
    await ask_digest(here, "add acme.com")
    await ask_digest(here, "pause d1")
    await open_form(here)
    assert "d1 updated, but still paused" in await submit_form(here, {ids.DIGEST_AT: "09:00"})
    assert (await only_subscription(here)).paused


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({ids.DIGEST_DOMAINS: "acme.com, localhost"}, "“localhost” isn't a customer's domain"),
        ({ids.DIGEST_DOMAINS: " , "}, "Enter a customer's domain"),
        ({ids.DIGEST_ZONE: "Berlin"}, "Did you mean Europe/Berlin?"),
        ({ids.DIGEST_ZONE: "EST"}, "“EST” doesn't observe daylight saving time. Did you mean America/New_York?"),
        ({ids.DIGEST_ZONE: "<!channel>"}, "I don't know the time zone"),
        ({ids.DIGEST_AT: "16:00"}, "already has that digest: d2"),
    ],
)
async def test_a_wrong_input_is_explained_beside_it(here: World, values: dict[str, str], problem: str) -> None:
    """The form stays open, and nothing updated."""
    await ask_digest(here, "add acme.com")
    await ask_digest(here, "add acme.com at 16:00")
    before = await all_subscriptions(here)
    await open_form(here)
    assert problem in await submit_form(here, values)
    assert await all_subscriptions(here) == before


async def test_the_form_of_a_live_subscription_only_has_the_customers(here: World) -> None:
    """There is no time to choose."""
    await ask_digest(here, "add acme.com live")
    assert "Time" not in await open_form(here)
    await submit_form(here, {ids.DIGEST_DOMAINS: "example.com"})
    changed = await only_subscription(here)
    assert (changed.domains, changed.live) == (("example.com",), True)


async def test_a_new_time_that_has_passed_today_is_due_tomorrow(here: World) -> None:
    """It is 9:30 for Robin. After the time updated to 9:00, nothing is posted late today."""
    await ask_digest(here, "add acme.com at 10:00")
    await open_form(here)
    assert "Tue, 24 Nov 2026, 09:00" in (await submit_form(here, {ids.DIGEST_AT: "09:00"}))
    here.kickscale.add_call(call(1, here.clock.now() - HOUR))
    await here.run_digests_at(here.clock.now() + HOUR / 60)
    assert here.posts(SALES) == []


async def test_a_day_has_only_one_digest(here: World) -> None:
    """If it was posted and its time is moved to later that day, the next one is announced for tomorrow, and
    comes then.
    """
    await ask_digest(here, "add acme.com at 9:45")
    here.kickscale.add_call(call(1, here.clock.now() - HOUR))
    await here.run_digests_at(here.clock.now() + HOUR / 4)
    assert len(here.posts(SALES)) == 1
    await open_form(here)
    assert "Tue, 24 Nov 2026, 11:00" in (await submit_form(here, {ids.DIGEST_AT: "11:00"}))
    here.kickscale.add_call(call(2, here.clock.now() - HOUR))
    await here.run_digests_at(here.clock.now() + 2 * HOUR)
    assert len(here.posts(SALES)) == 1
    await here.run_digests_at(here.clock.now() + 24 * HOUR)
    assert len(here.posts(SALES)) == 2


async def test_an_added_customer_brings_no_stale_news(here: World) -> None:
    """Added after ten days, it only brings its conversations of the last few days."""
    await ask_digest(here, "add acme.com")
    here.kickscale.add_call(call(1, NEXT, name="Old", customerDomains=["example.com"]))
    here.kickscale.add_call(call(2, NEXT + timedelta(days=10), name="New", customerDomains=["example.com"]))
    await here.run_digests_at(NEXT + timedelta(days=10, hours=1))
    await open_form(here)
    await submit_form(here, {ids.DIGEST_DOMAINS: "acme.com, example.com"})
    await here.run_digests_at(here.clock.now() + 24 * HOUR)
    (posted,) = here.posts(SALES)
    assert "New" in here.text(posted)
    assert "Old" not in here.text(posted)
