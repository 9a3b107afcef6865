"""No trace of a conversation stays, whatever the bot does meanwhile."""

import asyncio
from pathlib import Path

import pytest

from bot import ids
from bot.model.erasure import About, Subject
from tests.scenarios.cli.processes import PATIENCE
from tests.scenarios.erasure.traces import DAY, HOUR, calls_of, erase, found, in_bytes, in_slack, own, rows
from tests.world import LEA, ROBIN, SALES, call, world


async def test_no_subscription_keeps_a_customer_that_it_had_before(tmp_path: Path) -> None:
    """Even if others were added since, or a wider pattern took the customer in."""
    async with world(tmp_path) as here:
        await here.type("/kickscale digest add acme.com live")
        await here.type("/kickscale digest add example.org live")
        await here.pass_time(DAY.total_seconds())
        for index, wanted in enumerate(("*", "example.org, www.acme.com, example.com")):
            await here.click(await here.ask("/kickscale digest list"), "Change", index=index)
            form = here.slack.open_view(ROBIN)
            assert form is not None
            await here.slack.submit(ROBIN, form, {ids.DIGEST_DOMAINS: wanted})
            await here.settle()
        assert "acme.com" in repr(rows(here, "select since_of from subscriptions where id = 'd1'"))
        code, _, left = await erase(here, "--domain", "acme.com", "--yes")
        assert (code, left) == (0, "")
        assert "acme" not in repr(rows(here, "select * from subscriptions"))
        known = await here.bot.database.subscriptions.every()
        assert [(subscription.domains, list(subscription.since_of)) for subscription in known] == [
            (("*",), ["*"]),
            (("example.org", "example.com"), ["example.com"]),
        ]


async def test_no_trace_of_a_conversation_stays(tmp_path: Path) -> None:
    """What Slack won't delete is blanked; what the bot can't blank either is reported, and the next run does it."""
    async with world(tmp_path) as here:
        await here.type("/kickscale digest add acme.com live")
        await here.clock.advance(2 * 3600)
        said = [{"speaker": "Robin Rep", "text": "The okapi is ours.", "start": 1}]
        here.kickscale.add_call(call(1, here.clock.now() - HOUR, name="Zebra", summary="Giraffe.", transcript=said))
        here.kickscale.add_call(call(2, here.clock.now() - HOUR, name="Otter", summary="Heron."))
        await here.bot.services.live.poll()
        await here.settle()
        answer = await here.ask("/kickscale call c1", "jana.vogt")
        await here.click(answer, "Im Channel teilen", "jana.vogt")
        for user in (ROBIN, LEA):
            await here.click(await here.ask("/kickscale call c1", user), "Transcript", user)
        (removed,) = here.slack.direct_messages(LEA)[0].files
        here.slack.state.bury(here.slack.state.files[removed])  # by Lea; the message stays
        await here.click(await here.ask("/kickscale calls acme.com today"), "Share in channel")
        assert found(in_slack(here), ("zebra", "giraffe", "okapi", "otter")) == {"zebra", "giraffe", "okapi", "otter"}

        here.slack.faults.add("chat.delete", error="cant_delete_message", times=2)
        here.slack.faults.add("chat.update", error="edit_window_closed")
        here.slack.faults.add("files.delete", status=429, retry_after=1)
        code, out, left = await erase(here, "--conversation", "c1", "--yes")
        assert (code, "from Slack (cant_delete_message)" in left) == (1, True), left
        assert "including 1 that also mentions others" in out
        assert "(1 blanked, because Slack wouldn't delete them)" in out
        assert "Diese Nachricht wurde gelöscht." in [post.text for post in here.slack.posts(SALES)], "as it was shared"

        code, out, left = await erase(here, "--conversation", "c1", "--yes")
        assert (code, left, "Erased 1 message " in out) == (0, "", True)
        assert found(in_slack(here), ("zebra", "giraffe", "okapi")) == set()
        assert found(await in_bytes(here), ("zebra", "giraffe")) == set()
        assert found(in_slack(here), ("otter", "heron")) == {"otter", "heron"}
        assert rows(here, "select * from message_conversations where conversation = 'c1'") == []

        here.kickscale.change("c1", {"outcome": "Zebra again"})
        count = len(own(here))
        await here.clock.advance(600)
        await here.bot.services.live.poll()
        await here.settle()
        assert (len(own(here)), found(in_slack(here), ("zebra",))) == (count, set())


@pytest.mark.parametrize("way", ["command", "mention", "message"])
async def test_whoever_asks_while_it_erases_is_answered(tmp_path: Path, way: str) -> None:
    """What names the customer is being answered: that is listed, and another run finds what comes of it."""
    acme = Subject(About.DOMAIN, ("acme.com",))
    async with world(tmp_path) as here:
        here.add_calls(1)
        here.kickscale.faults.add("/calls", hang=True)
        match way:
            case "command":
                await here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
            case "mention":
                await here.slack.mention(ROBIN, SALES, "calls acme.com")
            case _:
                await here.slack.write(ROBIN, "calls acme.com")
        await here.kickscale.requests.until(lambda _: here.kickscale.hanging > 0)
        outcome = await here.run_to_end(here.bot.services.erasure.erase(acme, "test"))
        assert [what.partition(" ")[0] for what in outcome.under_way] == ["answer" if way == "message" else way]
        here.kickscale.release()
        await here.settle()
        answers = [*here.slack.ephemerals(SALES, ROBIN), *here.slack.direct_messages(ROBIN)]
        assert "1 call with acme.com" in here.text(answers[-1])
        assert not (await here.run_to_end(here.bot.services.erasure.erase(acme, "test"))).under_way


async def test_two_runs_at_the_same_time_both_succeed(tmp_path: Path) -> None:
    """Neither misses what the other has removed and forgotten in the meantime."""
    async with world(tmp_path) as here:
        here.add_calls(1, summary="Giraffe.")
        for _ in range(3):
            await here.click(await here.ask("/kickscale call c0"), "Share in channel")
        here.slack.faults.add("chat.delete", status=429, retry_after=4)
        slow = asyncio.create_task(erase(here, "--conversation", "c0", "--yes"))
        await here.slack.wait_for(lambda: calls_of(here, "chat.delete"), PATIENCE)
        for code, out, left in (await erase(here, "--conversation", "c0", "--yes"), await slow):
            assert (code, left, "Erased " in out) == (0, "", True), out
        assert (own(here), rows(here, "select * from messages")) == ([], [])
