"""`/kickscale stats` and `/kickscale customers`."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import ids
from bot.model.erasure import About, Subject
from tests.clock import MONDAY_MORNING as NOW
from tests.world import LEA, ROBIN, SALES, World, call, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, mirror_days=100) as here:
        yield here


async def test_statistics_say_how_it_is_going(here: World) -> None:
    """What there was, what is usual, the last contact, charts and a table; of this quarter unless it says otherwise."""
    for number in range(12):
        here.kickscale.add_call(
            call(number, NOW - timedelta(days=2 * number + 1), outcome=("Won", "Lost")[number % 2], actionItems=["One"])
        )
    here.kickscale.add_meeting(call(90, NOW - timedelta(days=60), customerDomains=["other.example"]))
    await here.catch_up()
    answer = await here.ask("/kickscale stats")
    text = here.text(answer)
    assert "All customers, Thu, 1 Oct – Mon, 23 Nov 2026" in text
    assert "12 conversations (12 calls) · 2 h in total" in text
    assert "Open action items: 12" in text
    assert "You: 12 conversations, 2 h" in text
    assert "Average" not in text, "there is one rep"
    kinds = [block["type"] for block in answer.blocks]
    assert (kinds.count("data_visualization"), kinds.count("table")) == (2, 1)
    text = here.text(await here.ask("/kickscale stats acme.com last-week"))
    assert "4 conversations" in text
    assert "Usual in a period of this length: about 2, 20 min in total" in text
    assert "Last contact: Sun, 22 Nov 2026, 09:30 (yesterday)" in text
    text = here.text(await here.ask("/kickscale stats other.example 7d"))
    assert "No conversations in this period." in text
    assert "(60 days ago)" in text


async def test_without_charts_the_figures_are_still_told(here: World) -> None:
    """Slack may refuse charts, which are newer than other blocks: the text below each has the same."""
    here.add_calls(12, every=timedelta(days=2))
    await here.catch_up()
    here.slack.faults.add("response_url", status=400, error="invalid_blocks")
    answer = await here.ask("/kickscale stats")
    kinds = [block["type"] for block in answer.blocks]
    assert "data_visualization" not in kinds
    assert "Conversations per week: " in here.text(answer)


async def test_a_team_is_at_least_five(here: World) -> None:
    """Then there is an average of them, whoever asks."""
    for number in range(5):
        owner = {"id": f"u{number}", "name": f"Rep {number}", "email": f"rep{number}@example.com"}
        here.kickscale.add_call(call(number, NOW - timedelta(days=1), user=owner))
    await here.catch_up()
    text = here.text(await here.ask("/kickscale stats", LEA), LEA)
    assert "Average of 5 reps: 1.0 conversations, 10 min each" in text
    assert "You:" not in text


async def test_a_bound_channel_has_statistics_of_its_customers(tmp_path: Path) -> None:
    """Others are refused."""
    async with world(tmp_path, mirror_days=30, channel_domains="C0SALES001=acme.com") as here:
        here.add_calls(1)
        await here.catch_up()
        assert "acme.com, Thu, 1 Oct" in here.text(await here.ask("/kickscale stats"))
        assert "acme.com" in here.text(refused := await here.ask("/kickscale stats other.example"))
        assert refused.blocks[0]["block_id"] == ids.ERROR


async def test_customers_come_by_their_last_contact(here: World) -> None:
    """Twenty a page; those without contact for thirty days are named first."""
    for number in range(25):
        at = NOW - timedelta(days=number + (20 if number > 20 else 0))
        here.kickscale.add_call(call(number, at, customerDomains=[f"c{number}.example"]))
    await here.ask("/kickscale calls last-30-days")
    assert "some may be missing" in here.text(await here.ask("/kickscale customers"))
    await here.catch_up()
    answer = await here.ask("/kickscale customers")
    text = here.text(answer)
    assert ("25 customers" in text, "missing" in text) == (True, False)
    assert "4 customers went quiet: no contact for 30 days or more" in text
    assert "• c21.example · Tue, 13 Oct 2026 (41 days ago)" in text
    await here.click(answer, "More")
    text = here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert "c24.example" in text
    assert "went quiet" not in text
    assert "page 2 of 2" in text


async def test_statistics_are_shared(here: World) -> None:
    """With who shared them, but not that person's own figures; erasing a customer that they name reaches them."""
    for number in range(12):
        domain = ("acme.com", "other.example")[number % 2]
        here.kickscale.add_call(call(number, NOW - timedelta(days=2 * number + 1), customerDomains=[domain]))
    await here.catch_up()
    answer = await here.ask("/kickscale stats")
    assert "You: 12 conversations" in here.text(answer)
    here.slack.faults.add("chat.postMessage", error="invalid_blocks")
    await here.click(answer, "Share in channel")
    (posted,) = here.slack.posts(SALES)
    text = here.text(posted, LEA)
    assert ("12 conversations" in text, "Robin Rep" in text, "You:" in text) == (True, True, False)
    kinds = [block["type"] for block in posted.blocks]
    assert (kinds.count("data_visualization"), kinds.count("table")) == (0, 1), "Slack refused the charts"
    await here.click(await here.ask("/kickscale stats acme.com"), "Share in channel")
    assert len(here.slack.posts(SALES)) == 2
    await here.run_to_end(here.bot.services.erasure.erase(Subject(About.DOMAIN, ("other.example",)), "test"))
    assert [("acme.com" in here.text(left)) for left in here.slack.posts(SALES)] == [True]


async def test_there_is_nothing_to_share_in_direct_messages(here: World) -> None:
    """There is no channel."""
    here.add_calls(3)
    await here.catch_up()
    for line in ("stats", "search summary"):
        await here.write(line)
    ours = [here.text(message) for message in here.slack.direct_messages(ROBIN) if message.blocks]
    assert [("3 conversations" in text, "[Share" in text) for text in ours] == [(True, False)] * 2
