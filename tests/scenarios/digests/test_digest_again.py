"""*Try again* on the message that says that there is no digest."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.digests import DigestState
from bot.sandbox.slack import Message
from tests.scenarios.digests.steps import DAY, FOREVER, HOUR, MINUTE, TUESDAY, digests, retry_until
from tests.world import GUS, LEA, ROBIN, SALES, World, call, world

AGAIN = "Try again"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A call with acme.com, and a digest of it that failed at noon."""
    async with world(tmp_path) as running:
        await running.subscribe()
        running.kickscale.add_call(call(1, TUESDAY - HOUR, name="Pricing"))
        running.kickscale.faults.add("/calls", status=403, times=FOREVER)
        await retry_until(running, TUESDAY + 4 * HOUR)
        running.kickscale.faults.clear()
        yield running


def failure(here: World) -> Message:
    """Return the latest message that there is no digest."""
    return next(message for message in reversed(here.slack.posts(SALES)) if f"[{AGAIN}]" in here.text(message))


def answers(here: World, user: str = ROBIN) -> list[str]:
    return [here.text(message, user) for message in here.slack.ephemerals(SALES, user)]


async def state(here: World) -> DigestState:
    row = await here.bot.database.digests.get("d1", TUESDAY.date())
    assert row is not None
    return row.state


async def test_a_failed_digest_is_posted_when_somebody_tries_again(here: World) -> None:
    """Anybody who may change the channel's digests. It lists what it would have listed, and what came since."""
    here.kickscale.add_call(call(2, TUESDAY + HOUR, name="Fresh"))
    await here.click(failure(here), AGAIN, LEA)
    assert ["trying again" in text for text in answers(here, LEA)] == [True]
    _, text = digests(here)
    assert ("Pricing" in text, "Fresh" in text) == (True, True)
    assert await state(here) is DigestState.POSTED


async def test_nothing_is_posted_twice_however_often_it_is_pressed(here: World) -> None:
    """Once by two people before anything is posted, and once more afterwards; and the next digest doesn't repeat it."""
    failed = failure(here)
    for user in (ROBIN, LEA):
        await here.slack.click(user, failed, AGAIN)
    await here.settle()
    await here.click(failed, AGAIN)
    assert "posted in the meantime" in answers(here)[-1]
    await here.run_digests_at(TUESDAY + DAY)
    assert ["Pricing" in text for text in digests(here)] == [False, True]
    assert len(await here.bot.database.ledger.of_conversation("c1")) == 1


async def test_a_digest_that_fails_again_can_be_tried_again(here: World) -> None:
    """It is retried for three hours first. Then the older message's button works like the newer one's."""
    first = failure(here)
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await here.click(first, AGAIN)
    await retry_until(here, TUESDAY + 6 * HOUR)
    assert len(digests(here)) == 1
    await here.click(first, AGAIN)
    assert "trying again" in answers(here)[-1]
    await retry_until(here, TUESDAY + 8 * HOUR)
    assert len(digests(here)) == 2
    here.kickscale.faults.clear()
    for message in (first, failure(here)):
        await here.slack.click(ROBIN, message, AGAIN)
    await here.settle()
    await retry_until(here, TUESDAY + 9 * HOUR)
    assert ["Pricing" in text for text in digests(here)] == [False, False, True]


async def test_a_retried_digest_leaves_the_rest_to_the_next_one(here: World) -> None:
    """It is pressed shortly before the next one is due, which then fails to come twice neither."""
    await here.run_digests_at(TUESDAY + DAY - 5 * MINUTE)
    await here.click(failure(here), AGAIN)
    here.kickscale.add_call(call(2, TUESDAY + DAY - 2 * MINUTE, name="Fresh"))
    await here.run_digests_at(TUESDAY + DAY)
    assert [("Pricing" in text, "Fresh" in text) for text in digests(here)[1:]] == [(True, False), (False, True)]


async def test_a_digest_that_a_later_one_covers_is_not_tried_again(here: World) -> None:
    """Whether the later one is posted already, or only due."""
    failed = failure(here)
    await here.run_digests_at(TUESDAY + DAY)
    assert ["Pricing" in text for text in digests(here)] == [False, True]
    await here.click(failed, AGAIN)
    assert "no need" in answers(here)[-1]
    await here.settle()
    assert len(digests(here)) == 2


async def test_a_retry_that_finds_nothing_says_so(here: World) -> None:
    """The only call was removed from Kickscale meanwhile: nothing is posted on quiet days."""
    here.kickscale.remove("c1")
    failed = failure(here)
    await here.click(failed, AGAIN)
    assert len(digests(here)) == 1
    await here.click(failed, AGAIN)
    assert "nothing to post" in answers(here)[-1]


async def test_a_paused_or_removed_digest_is_not_tried_again(here: World) -> None:
    """The answer says how to resume it, or that there is none."""
    failed = failure(here)
    await here.type("/kickscale digest pause d1")
    await here.click(failed, AGAIN)
    assert "digest resume d1" in answers(here)[-1]
    await here.type("/kickscale digest remove d1")
    await here.click(failed, AGAIN)
    assert "no digest" in answers(here)[-1]
    await here.run_digests_at(TUESDAY + 5 * HOUR)
    assert len(digests(here)) == 1


async def test_only_who_may_change_digests_can_try_again(here: World) -> None:
    """A guest's click posts nothing."""
    await here.slack.join(GUS, SALES)
    await here.click(failure(here), AGAIN, GUS)
    await here.settle()
    assert len(digests(here)) == 1
    assert await state(here) is DigestState.FAILED


@pytest.mark.parametrize("value", ["d1", "d1:", "d1:tomorrow", "d1:2026-11-25", "d2:2026-11-24", "d1:9999-12-31"])
async def test_a_forged_button_does_nothing(here: World, value: str) -> None:
    """It names no digest, no day, or a day that is still to come."""
    failed = failure(here)
    for block in failed.blocks:
        for element in block.get("elements", ()):
            element["value"] = value
    await here.click(failed, AGAIN)
    assert any(word in answers(here)[-1] for word in ("no digest", "no longer available"))
    assert len(digests(here)) == 1
    assert await state(here) is DigestState.FAILED


async def test_the_list_says_that_it_is_being_retried(here: World) -> None:
    """As for a digest that is due."""
    here.kickscale.faults.add("/calls", status=403, times=FOREVER)
    await here.click(failure(here), AGAIN)
    assert "still retrying" in here.text(await here.ask("/kickscale digest"))
    here.kickscale.faults.clear()
    await retry_until(here, here.clock.now() + timedelta(minutes=30))
    assert ["Pricing" in text for text in digests(here)] == [False, True]


async def test_a_retried_digest_whose_answer_was_lost_is_not_posted_again(here: World) -> None:
    """Slack has the message, and the next attempt finds it."""
    here.slack.faults.add("chat.postMessage", broken=True, late=True)
    await here.click(failure(here), AGAIN)
    await retry_until(here, here.clock.now() + HOUR)
    assert ["Pricing" in text for text in digests(here)] == [False, True]
    assert await state(here) is DigestState.POSTED
