"""Who sees what of whose conversations, and what the audit has about that."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.audit import AuditKind
from bot.model.conversation import Kind
from tests.scenarios.access.steps import DAY, HOUR, names, read_audit, under
from tests.scenarios.conversations.calls import rich
from tests.world import GUESTS, GUS, LEA, ROBIN, SALES, World, audit_row, call, is_error

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
