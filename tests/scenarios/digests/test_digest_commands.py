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
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, call, noted

HOUR = timedelta(hours=1)
# Robin's clock is that of Berlin, where the Monday morning of the tests is 9:30: today's 8:30 is over.
NEXT = MONDAY_MORNING + timedelta(hours=23)


async def there(here: World) -> list[Subscription]:
    return await here.bot.services.database.subscriptions.every()


async def one(here: World) -> Subscription:
    (found,) = await there(here)
    return found


async def said(here: World, line: str, user: str = ROBIN, channel: str = SALES) -> str:
    return here.text(await here.ask(f"/kickscale digest {line}", user, channel), user).replace("`", "")


async def fill_in(here: World, values: dict[str, Any]) -> str:
    """Fill in the form, submit it, and read what is open then."""
    view = here.slack.open_view(ROBIN)
    assert view is not None, "no form is open"
    delivery = await here.slack.submit(ROBIN, view, values)
    assert not delivery.error, delivery
    await here.settle()
    return here.text(here.slack.open_view(ROBIN)).replace("`", "")


async def until(here: World, seconds: float) -> None:
    await here.clock.advance(seconds)
    await here.bot.services.digests.run_due()
    await here.settle()


# ---- add -----------------------------------------------------------------------------------------------------------


async def test_the_answer_tells_what_was_taken_and_when_the_next_one_comes(here: World) -> None:
    """8:30, every day, the asker's own zone; the moment in the reader's."""
    text = await said(here, "add acme.com")
    assert "acme.com, every day at 8:30 (Europe/Berlin)" in text
    assert "8:30, every day, your own time zone, Europe/Berlin, no message when nothing happened" in text
    assert "tomorrow at 08:30" in text
    subscription = await one(here)
    assert (subscription.timezone, subscription.days, subscription.empty) == ("Europe/Berlin", (), False)
    assert subscription.created_by == here.slack.user(ROBIN).id


async def test_what_was_said_is_not_called_taken(here: World) -> None:
    """Everything named: nothing was taken."""
    text = await said(here, "add acme.com *.example.com at 14:05 on weekdays tz Asia/Tokyo empty")
    assert "acme.com, *.example.com, on weekdays at 14:05 (Asia/Tokyo)" in text
    assert "Since you named nothing else" not in text


async def test_a_digest_that_was_added_comes(here: World) -> None:
    """The first goes back one period: what happened since yesterday's 8:30, and nothing from before it."""
    here.kickscale.add_call(call(1, NEXT - 25 * HOUR, name="Stale"))
    here.kickscale.add_call(call(2, NEXT - 23 * HOUR, name="Fresh"))
    await said(here, "add acme.com at 8:30 on weekdays")
    assert here.slack.posts(SALES) == []
    await until(here, (NEXT - here.clock.now()).total_seconds())
    (posted,) = here.slack.posts(SALES)
    assert "Fresh" in here.text(posted)
    assert "Stale" not in here.text(posted)


async def test_the_very_same_is_there_once(here: World) -> None:
    """In any order of its domains; with `empty` it now posts on quiet days, and a paused one is resumed."""
    await said(here, "add acme.com example.com")
    before = await one(here)
    assert "already" in await said(here, "add example.com acme.com")
    assert await one(here) == before
    await said(here, "pause acme.com")
    text = await said(here, "add example.com acme.com empty")
    assert "It was paused, and goes on from now on" in text
    assert "also posted when nothing happened" in text
    assert "tomorrow at 08:30, with what happened from today at 09:30 on" in text
    kept = await one(here)
    assert (kept.paused, kept.empty) == ("", True)


async def test_beside_every_customer_no_other_counts(here: World) -> None:
    """Named with `*`, in the command or in the form, it would be the same news twice."""
    await said(here, "add *")
    assert "already" in await said(here, "add * acme.com")
    assert (await one(here)).domains == ("*",)
    await said(here, "add example.com")
    await edit(here, index=1)
    assert "the very same already: d1" in await fill_in(here, {ids.DIGEST_DOMAINS: "example.com, *"})


async def test_two_names_of_one_zone_are_one_digest(here: World) -> None:
    """Whether the second is typed, or kept from before names were made one."""
    await said(here, "add acme.com tz Europe/Kiev")
    assert "already" in await said(here, "add acme.com tz Europe/Kyiv")
    subscription = await one(here)
    assert subscription.timezone == "Europe/Kyiv"
    noted_change = noted("digest edit")
    await here.bot.services.database.subscriptions.change(subscription.id, noted_change, timezone="Europe/Kiev")
    assert "already" in await said(here, "add acme.com tz Europe/Kyiv")
    await one(here)


async def test_several_times_a_channel(here: World) -> None:
    """Another time is another digest; so is a live one."""
    for line in ("add acme.com", "add acme.com at 16:00", "add acme.com live", "add *"):
        await said(here, line)
    assert [subscription.id for subscription in await there(here)] == ["d1", "d2", "d3", "d4"]
    text = await said(here, "list")
    assert "4 digests" in text
    assert "each conversation once it is analysed" in text
    assert "all customers" in text


@pytest.mark.parametrize("line", ["add acme.com", "add acme.com live"])
async def test_where_the_bot_may_not_post_it_says_how_to_invite_it(here: World, line: str) -> None:
    """Or that the channel is archived; and nothing is promised."""
    assert "/invite" in await said(here, line, channel="sales-team")
    archived = await said(here, line, channel="old-deals")
    assert "This channel is archived" in archived
    assert "Reference" not in archived
    assert await there(here) == []


async def test_a_digest_of_ones_own(here: World) -> None:
    """In the bot's direct messages no invitation is needed."""
    direct = here.slack.state.im(here.slack.user(ROBIN).id)
    assert "From now on" in await said(here, "add acme.com", channel=direct.id)
    assert (await one(here)).channel == direct.id


async def test_between_two_people_nobody_can_invite_it(here: World) -> None:
    """What works is said instead."""
    robin, lea = here.slack.user(ROBIN).id, here.slack.user(LEA).id
    here.slack.state.im(robin)
    here.slack.state.channels["D0ROBINLEA"] = Channel("D0ROBINLEA", "", (robin, lea), is_im=True)
    text = await said(here, "add acme.com", channel="D0ROBINLEA")
    assert "/invite" not in text
    assert "in your own direct messages with the bot" in text
    assert await there(here) == []


async def test_guests_subscribe_to_nothing(here: World) -> None:
    """Nor do they learn what there is."""
    await said(here, "add acme.com")
    for line in ("add example.com", "list", "remove acme.com", "preview acme.com"):
        assert "not to guests" in await said(here, line, GUS, GUESTS)
    assert len(await there(here)) == 1


# ---- remove, pause, resume -----------------------------------------------------------------------------------------


async def test_a_domain_is_removed_wherever_it_is(here: World) -> None:
    """Alone in a digest, that one goes; among others they stay, unless there is such a one already."""
    for line in ("acme.com", "acme.com example.com at 9:00", "acme.com example.org", "example.org"):
        await said(here, f"add {line}")
    text = await said(here, "remove acme.com")
    assert "d1 is removed" in text
    assert "d2 goes on with what is left" in text
    assert [(subscription.id, subscription.domains) for subscription in await there(here)] == [
        ("d2", ("example.com",)),
        ("d4", ("example.org",)),
    ]


async def test_one_is_removed_by_its_id(here: World) -> None:
    """The other one of the same domain stays; ids are not used again."""
    await said(here, "add acme.com")
    await said(here, "add acme.com at 9:00")
    await said(here, "remove d2")
    assert (await one(here)).id == "d1"


@pytest.mark.parametrize("line", ["remove example.com", "pause d7", "resume example.com", "preview d7"])
async def test_what_is_not_there_is_said(here: World, line: str) -> None:
    """With the command that shows what is."""
    await said(here, "add acme.com", channel="general")
    await said(here, "add acme.com")
    assert "This channel has no digest" in await said(here, line)


async def test_other_channels_are_other_channels(here: World) -> None:
    """An id of another channel is none here."""
    await said(here, "add acme.com", channel="general")
    assert "This channel has no digest" in await said(here, "remove d1")
    assert "gets no digests" in await said(here, "list")
    assert len(await there(here)) == 1


async def test_after_a_pause_there_is_nothing_stale(here: World) -> None:
    """Resumed, it continues from now on."""
    await said(here, "add acme.com")
    assert "d1 is paused" in await said(here, "pause acme.com")
    for day in range(3):
        here.kickscale.add_call(call(day, NEXT + timedelta(days=day) - HOUR, name=f"Day {day}"))
    await until(here, (NEXT + timedelta(days=1) - here.clock.now()).total_seconds())
    assert "goes on from now on" in await said(here, "resume d1")
    await until(here, (NEXT + timedelta(days=2) - here.clock.now()).total_seconds())
    (posted,) = here.slack.posts(SALES)
    assert "Day 2" in here.text(posted)
    assert "Day 1" not in here.text(posted)


async def test_resuming_what_goes_on_changes_nothing(here: World) -> None:
    """Nothing would be left out by it."""
    await said(here, "add acme.com")
    before = await one(here)
    assert "d1 was not paused, and goes on as before" in await said(here, "resume acme.com")
    assert await one(here) == before


async def test_pausing_what_is_paused_says_so(here: World) -> None:
    """It is not as if it had just been."""
    await said(here, "add acme.com")
    await said(here, "pause acme.com")
    assert "d1 was paused already" in await said(here, "pause d1")


async def test_a_digest_is_not_resumed_where_the_bot_may_not_post(here: World) -> None:
    """Only after an invitation."""
    await said(here, "add acme.com")
    await said(here, "pause acme.com")
    channel = here.slack.state.channel(SALES)
    members = tuple(member for member in channel.members if member != here.slack.state.bot_user)
    here.slack.state.channels[channel.id] = replace(channel, members=members)
    assert "/invite" in await said(here, "resume acme.com")
    assert (await one(here)).paused


# ---- preview -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["add acme.com", "add acme.com live", "list"])
async def test_a_preview_is_for_the_asker_alone(here: World, before: str) -> None:
    """Of a digest, of a live subscription's customer, and of one that nobody added yet."""
    here.kickscale.add_call(call(1, here.clock.now() - HOUR / 2, name="Renewal"))
    await said(here, before)
    text = await said(here, "preview acme.com")
    assert "only you see it" in text
    assert "Renewal" in text
    assert here.slack.posts(SALES) == []


async def test_a_preview_is_of_the_digest_that_comes_next(here: World) -> None:
    """Neither the oldest one, nor one that is paused or live."""
    for line in ("add acme.com at 9:00", "add acme.com on sunday", "add acme.com", "add acme.com live", "pause d1"):
        await said(here, line)
    here.kickscale.add_call(call(1, here.clock.now() - HOUR / 2))
    text = await said(here, "preview acme.com")
    assert "digest d3" in text
    assert "paused" not in text


@pytest.mark.parametrize("target", ["acme.com", "d1"])
@pytest.mark.parametrize(
    ("lines", "why"),
    [(["add acme.com", "pause d1"], "d1 is paused"), (["add acme.com live"], "d1 is live and has no digest")],
)
async def test_where_no_digest_comes_the_preview_says_why(here: World, lines: list[str], why: str, target: str) -> None:
    """Above what a new one would have."""
    for line in lines:
        await said(here, line)
    here.kickscale.add_call(call(1, here.clock.now() - HOUR / 2, name="Renewal"))
    text = await said(here, f"preview {target}")
    assert why in text
    assert text.index("what a new digest would have") < text.index("Renewal")
    assert "digest d1" not in text.partition("would have")[2]


async def test_a_preview_has_no_thread(here: World) -> None:
    """What is more than a screenful is where the digest would have it."""
    for number in range(25):
        here.kickscale.add_call(call(number, here.clock.now() - (1 + number) * HOUR / 60))
    text = await said(here, "preview acme.com")
    assert text.count("[Details]") == 10
    assert "the digest would have 15 more, in its thread" in text
    assert "more in the thread" not in text


# ---- the buttons of the list ---------------------------------------------------------------------------------------


async def test_the_buttons_of_the_list_do_what_they_say(here: World) -> None:
    """The list shows what became of it."""
    await said(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await here.click(shown, "Pause")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "is paused" in here.text(shown)
    assert (await one(here)).paused == "asked"
    await here.click(shown, "Resume")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "goes on" in here.text(shown)
    assert (await one(here)).paused == ""
    await here.click(shown, "Remove")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "gets no digests" in here.text(shown)
    assert await there(here) == []


async def test_a_long_list_ends_with_buttons(here: World) -> None:
    """The oldest first, also where one moment made many; and each that is shown can be changed."""
    await said(here, "add acme.com")
    first = replace(await one(here), id="")
    for number in range(29):
        one_more = replace(first, domains=(f"customer{number}.example.com",))
        await here.bot.services.database.subscriptions.add(one_more, noted("digest import"))
    shown = await here.ask("/kickscale digest list")
    *_, entry, buttons, cut = shown.blocks
    assert (entry["type"], buttons["type"]) == ("section", "actions")
    assert "There are more than fit here" in repr(cut)
    ids_ = re.findall(r"^(d\d+) · ", here.text(shown).replace("`", ""), re.MULTILINE)
    assert len(ids_) > 10
    assert ids_ == [f"d{number}" for number in range(1, len(ids_) + 1)]


async def test_a_button_of_what_is_gone_says_so(here: World) -> None:
    """Somebody else removed it."""
    await said(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await said(here, "remove d1", LEA)
    for button in ("Pause", "Remove"):
        await here.click(shown, button)
        assert "This channel has no digest" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    await here.click(shown, "Edit")
    assert "This channel has no digest" in here.text(here.slack.open_view(ROBIN))


async def test_whoever_clicks_is_judged_anew(here: World) -> None:
    """A member who was made a guest since changes nothing any more."""
    await said(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await here.click(shown, "Edit")
    robin = here.slack.user(ROBIN)
    here.slack.state.users[robin.id] = replace(robin, is_restricted=True)
    await here.clock.advance(301)
    await here.click(shown, "Remove")
    await fill_in(here, {ids.DIGEST_DOMAINS: "example.com"})
    assert "not to guests" in here.text(here.slack.open_view(ROBIN))
    assert (await one(here)).domains == ("acme.com",)


# ---- what is said to whoever asks how --------------------------------------------------------------------------------


async def test_help_tells_the_defaults_and_the_ids(here: World) -> None:
    """What is taken where nothing is said, and how one of several is meant."""
    text = here.text(await here.ask("/kickscale help digest")).replace("`", "")
    assert "every day at 8:30 in your own time zone, and nothing when nothing happened" in text
    assert "digest remove d2" in text


async def test_a_person_is_no_customer(here: World) -> None:
    """What a digest takes is named, which is no days and no filter."""
    text = await said(here, "add @lea.lead")
    assert "or one of at, on, tz, empty, live" in text
    assert "filter" not in text


# ---- the form ------------------------------------------------------------------------------------------------------


async def edit(here: World, index: int = 0) -> str:
    """Open the form of one of the list."""
    await here.click(await here.ask("/kickscale digest list"), "Edit", index=index)
    return here.text(here.slack.open_view(ROBIN))


@pytest.mark.parametrize("wait", [30, 100])
async def test_a_form_that_slack_is_too_busy_for_stays_open(here: World, wait: int) -> None:
    """Who sent it can't be asked within the three seconds, or not at all: nothing is changed, and it is sent again."""
    await said(here, "add acme.com")
    await edit(here)
    view = await here.fill_in_while_slack_is_busy(wait, **{ids.DIGEST_DOMAINS: "globex.com"})
    assert ["did not answer in time, so nothing is done yet" in text for text in view.errors.values()] == [True]
    await here.pass_time(120)
    assert (await one(here)).domains == ("acme.com",)
    assert "globex.com" in await fill_in(here, {ids.DIGEST_DOMAINS: "globex.com"})
    assert (await one(here)).domains == ("globex.com",)


async def test_the_form_shows_what_there_is_and_changes_it(here: World) -> None:
    """Customers, time, days, zone and quiet days."""
    await said(here, "add acme.com on weekdays")
    shown = await edit(here)
    assert "acme.com" in shown
    assert "Europe/Berlin" in shown
    text = await fill_in(
        here,
        {
            ids.DIGEST_DOMAINS: "https://www.Example.com/, bücher.de",
            ids.DIGEST_AT: "14:05",
            ids.DIGEST_DAYS: ["Monday", "Friday"],
            ids.DIGEST_ZONE: "america/new york",
            ids.DIGEST_EMPTY: ["yes"],
        },
    )
    assert "is changed" in text
    assert "example.com, bücher.de, every Monday and Friday at 14:05 (America/New_York)" in text
    changed = await one(here)
    assert changed.domains == ("example.com", "xn--bcher-kva.de")
    assert (changed.at, changed.days, changed.timezone) == (time(14, 5), (0, 4), "America/New_York")
    assert changed.empty


async def test_what_is_changed_while_paused_is_still_paused(here: World) -> None:
    """And is said to be: the change does not let it go on."""
    await said(here, "add acme.com")
    await said(here, "pause d1")
    await edit(here)
    assert "d1 is changed, and is still paused" in await fill_in(here, {ids.DIGEST_AT: "09:00"})
    assert (await one(here)).paused


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({ids.DIGEST_DOMAINS: "acme.com, localhost"}, "“localhost” is not a customer's domain"),
        ({ids.DIGEST_DOMAINS: " , "}, "needs a customer's domain"),
        ({ids.DIGEST_ZONE: "Berlin"}, "Did you mean Europe/Berlin?"),
        ({ids.DIGEST_ZONE: "EST"}, "“EST” has no summer time. Did you mean America/New_York?"),
        ({ids.DIGEST_ZONE: "<!channel>"}, "is not a time zone such as"),
        ({ids.DIGEST_AT: "16:00"}, "the very same already: d2"),
    ],
)
async def test_what_is_wrong_is_said_beside_it(here: World, values: dict[str, str], problem: str) -> None:
    """The form stays open, and nothing is changed."""
    await said(here, "add acme.com")
    await said(here, "add acme.com at 16:00")
    before = await there(here)
    await edit(here)
    assert problem in await fill_in(here, values)
    assert await there(here) == before


async def test_of_a_live_one_the_customers_are_asked_alone(here: World) -> None:
    """There is no time to choose."""
    await said(here, "add acme.com live")
    assert "Time" not in await edit(here)
    await fill_in(here, {ids.DIGEST_DOMAINS: "example.com"})
    changed = await one(here)
    assert (changed.domains, changed.live) == (("example.com",), True)


async def test_a_new_time_that_is_over_today_is_due_tomorrow(here: World) -> None:
    """It is half past nine on Robin's clock; after a change to nine o'clock nothing comes late today."""
    await said(here, "add acme.com at 10:00")
    await edit(here)
    assert "tomorrow at 09:00" in (await fill_in(here, {ids.DIGEST_AT: "09:00"}))
    here.kickscale.add_call(call(1, here.clock.now() - HOUR))
    await until(here, 60)
    assert here.slack.posts(SALES) == []


async def test_a_day_that_had_its_digest_has_no_other(here: World) -> None:
    """Moved to a later time on the same day, the next one is announced for tomorrow, and comes then."""
    await said(here, "add acme.com at 9:45")
    here.kickscale.add_call(call(1, here.clock.now() - HOUR))
    await until(here, 15 * 60)
    assert len(here.slack.posts(SALES)) == 1
    await edit(here)
    assert "tomorrow at 11:00" in (await fill_in(here, {ids.DIGEST_AT: "11:00"}))
    here.kickscale.add_call(call(2, here.clock.now() - HOUR))
    await until(here, 2 * 3600)
    assert len(here.slack.posts(SALES)) == 1
    await until(here, 24 * 3600)
    assert len(here.slack.posts(SALES)) == 2


async def test_a_customer_that_comes_in_brings_no_stale_news(here: World) -> None:
    """Of the first ten days of a digest, a customer who is new in it shows the last few."""
    await said(here, "add acme.com")
    here.kickscale.add_call(call(1, NEXT, name="Old", customerDomains=["example.com"]))
    here.kickscale.add_call(call(2, NEXT + timedelta(days=10), name="New", customerDomains=["example.com"]))
    await until(here, (NEXT + timedelta(days=10, hours=1) - here.clock.now()).total_seconds())
    await edit(here)
    await fill_in(here, {ids.DIGEST_DOMAINS: "acme.com, example.com"})
    await until(here, 24 * 3600)
    (posted,) = here.slack.posts(SALES)
    assert "New" in here.text(posted)
    assert "Old" not in here.text(posted)
