"""`/kickscale digest preview`: what the next digest would have by now."""

from datetime import timedelta

import pytest

from tests.scenarios.digests.steps import HOUR, NEXT, ask_digest
from tests.world import SALES, World, call


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
