"""A channel reads who changed its digests and what happens to its recordings."""

from dataclasses import replace

from bot import ids
from tests.world import GUESTS, LEA, ROBIN, SALES, World

DIGEST = "acme.com, every day at 8:30 (Europe/Berlin)"


async def attest(here: World) -> None:
    await here.type("/kickscale uploads on auto")
    await here.submit_upload_form()


async def test_a_channel_reads_who_changed_its_digests(here: World) -> None:
    """One line for each change, and none if a command changed nothing."""
    for line in ("add acme.com", "add acme.com", "pause d1", "pause d1", "resume acme.com"):
        await here.type(f"/kickscale digest {line}")
    shown = await here.ask("/kickscale digest list")
    await here.click(shown, "Change")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    await here.slack.submit(ROBIN, view, {ids.DIGEST_AT: "09:00"})
    await here.settle()
    await here.click(shown, "Remove")
    assert here.announcements(SALES) == [
        f"@Robin Rep added digest d1 to this channel: {DIGEST}.",
        f"@Robin Rep paused digest d1: {DIGEST}.",
        f"@Robin Rep resumed digest d1: {DIGEST}.",
        f"@Robin Rep changed digest d1. It's now: {DIGEST.replace('8:30', '9:00')}.",
        f"@Robin Rep removed digest d1 from this channel: {DIGEST.replace('8:30', '9:00')}.",
    ]


async def test_a_channel_reads_who_changed_its_uploads(here: World) -> None:
    """Switching to the setting that there is says nothing."""
    await here.type("/kickscale uploads on")
    await here.type("/kickscale uploads on", LEA)
    await attest(here)
    await here.type("/kickscale uploads off", LEA)
    on, auto, off = here.announcements(SALES)
    assert on.startswith("@Robin Rep turned on upload offers")
    assert auto.startswith("@Robin Rep turned on automatic uploads and confirmed everyone's consent")
    assert off.startswith("@Lea Lead turned off uploads")


async def test_nothing_is_announced_in_a_direct_message(here: World) -> None:
    """Only the person who made the change would read it."""
    direct = here.slack.state.im(here.slack.user(ROBIN).id)
    await here.type("/kickscale digest add acme.com", channel=direct.id)
    assert here.slack.posts(direct.id) == []


async def test_guests_do_not_read_which_customers_a_digest_is_about(here: World) -> None:
    """They don't see conversations, either."""
    await here.type("/kickscale digest add acme.com", channel=GUESTS)
    (line,) = here.announcements(GUESTS)
    assert line == "@Robin Rep added digest d1 to this channel, every day at 8:30 (Europe/Berlin)."


async def test_the_author_hears_that_a_channel_without_the_bot_was_not_told(here: World) -> None:
    """By direct message, since the bot can't post in the channel; once."""
    await here.subscribe()
    channel = here.slack.state.channel(SALES)
    members = tuple(member for member in channel.members if member != here.slack.state.bot_user)
    here.slack.state.channels[channel.id] = replace(channel, members=members)
    await here.type("/kickscale digest pause d1")
    assert here.announcements(SALES) == []
    (told,) = here.slack.direct_messages(ROBIN)
    assert "I'm not in #sales-acme, so I couldn't tell the people there" in here.text(told)
    assert "@Robin Rep paused digest `d1`" in here.text(told)


async def test_an_announcement_comes_once_whatever_happens(here: World) -> None:
    """Slack posts it although its answer is an error, and the bot is restarted before it can ask."""
    here.slack.faults.add("chat.postMessage", error="internal_error", late=True)
    await here.type("/kickscale digest add acme.com")
    await here.restart()
    for _ in range(10):
        await here.pass_time(10)
    assert len(here.announcements(SALES)) == 1
    assert here.slack.direct_messages(ROBIN) == []
    (added,) = here.slack.posts(SALES)
    assert added.metadata is not None
    assert await here.bot.database.ledger.by_key(added.metadata["event_payload"]["key"]) is not None
