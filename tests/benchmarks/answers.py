"""How long people wait for the first page of a list, and what that asks of Kickscale, which is 150 ms away."""

import asyncio
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx

from tests.benchmarks.processes import OTHERS, Child, pinned
from tests.benchmarks.services import Services, bot, services
from tests.benchmarks.table import Row

LATENCY = 0.15
COUNTS = (2_000, 20_000)
ROUNDS = 3
PEOPLE = 10
PAGE = 100
MOST_PAGES = 40
"""Pages read one after another are only timed up to here, and the rest is extrapolated: each takes as long."""


async def measure() -> list[Row]:
    rows = []
    for count in COUNTS:
        async with services(calls=count, latency=LATENCY) as between, bot(between):
            rows.append(await _first_answer(between, count))
            if count == min(COUNTS):
                rows.append(await _filtered_answer(between, count))
                rows.append(await _same_question(between, count))
    return rows


async def _first_answer(between: Services, count: int) -> Row:
    ours, asked = await _timed(between, [f"calls {_days(number)}" for number in range(ROUNDS)])
    said = await between.slack.ask("latest_answer")
    is_right = f"{count:,} calls" in said
    plain = await _one_after_another(between, count)
    floor = await _round_trips(between, 1)
    return Row(
        f"first answer, {count:,} calls",
        f"one page after another: {plain:.1f} s; one round trip",
        f"{ours:.2f} s",
        f"{floor:.2f} s",
        f"{ours / floor:.2f}",
        "1.3 times one round trip",
        is_right and ours <= 1.3 * floor,
        (
            f"{asked / ROUNDS:.0f} requests to Kickscale for an answer; median of {ROUNDS}",
            *(() if is_right else (f"the answer was: {said[:100]!r}",)),
        ),
    )


async def _filtered_answer(between: Services, count: int) -> Row:
    ours, asked = await _timed(
        between, [f"calls {_days(number)} direction:outbound" for number in range(10, 10 + ROUNDS)]
    )
    plain = await _one_after_another(between, count)
    floor = await _round_trips(between, 3)
    return Row(
        f"first answer with a filter that only the bot applies, {count:,} calls",
        f"one page after another: {plain:.1f} s; three round trips",
        f"{ours:.2f} s",
        f"{floor:.2f} s",
        f"{ours / floor:.2f}",
        "5 times faster; 1.3 times the floor",
        ours * 5 <= plain and ours <= 1.3 * floor,
        (f"{asked / ROUNDS:.0f} requests to Kickscale for an answer; median of {ROUNDS}",),
    )


async def _same_question(between: Services, count: int) -> Row:
    text = f"calls {_days(20)} direction:outbound"
    await between.kickscale.ask("take_requests")
    await between.slack.ask("ask", text=text)
    alone = await _lists(between.kickscale)
    await asyncio.gather(*(_ask_later(between.slack, text, number) for number in range(PEOPLE - 1)))
    together = alone + await _lists(between.kickscale)
    return Row(
        f"{PEOPLE} people ask the same within a minute, {count:,} calls",
        f"{PEOPLE} readings: {PEOPLE * alone} requests",
        f"{together} requests",
        f"{alone} requests",
        f"{together / alone:.2f}",
        "one reading",
        together == alone,
    )


async def _ask_later(slack: Child, text: str, number: int) -> None:
    await asyncio.sleep(number / 2)
    await slack.ask("ask", text=text)


async def _timed(between: Services, texts: Sequence[str]) -> tuple[float, int]:
    """Return the median of the seconds until an answer, and how many lists Kickscale was asked for by all of them.

    The first question is asked once before, since it also looks up who asks and loads what only answers need.
    """
    await between.slack.ask("ask", text=f"calls {_days(60)}")
    await between.kickscale.ask("take_requests")
    seconds = [await between.slack.ask("ask", text=text) for text in texts]
    return statistics.median(seconds), await _lists(between.kickscale)


async def _lists(kickscale: Child) -> int:
    asked = await kickscale.ask("take_requests")
    return sum(count for request, count in asked.items() if request.startswith("/calls"))


async def _one_after_another(between: Services, count: int) -> float:
    """Return the seconds for all pages, if each is asked for after the one before."""
    pages = count // PAGE
    return await _round_trips(between, min(pages, MOST_PAGES)) * pages / min(pages, MOST_PAGES)


async def _round_trips(between: Services, pages: int) -> float:
    """Return the seconds for so many pages one after another, on a connection that is open. The JSON isn't read."""
    settings = between.settings
    headers = {"api-key": settings["KICKSCALE_API_KEY"], "client-id": settings["KICKSCALE_CLIENT_ID"]}
    client = httpx.AsyncClient(base_url=settings["KICKSCALE_BASE_URL"], headers=headers, trust_env=False, timeout=30)
    loop = asyncio.get_running_loop()
    with pinned(OTHERS):
        async with client:
            await client.get("/calls", params={"pageSize": 1})
            began = loop.time()
            for page in range(pages):
                answer = await client.get("/calls", params={"page": page, "pageSize": PAGE})
                assert answer.is_success, answer
            return loop.time() - began


def _days(number: int) -> str:
    """Return days with all calls in them: others for each number, so that no answer is remembered."""
    today = datetime.now(UTC).date()
    return f"{today - timedelta(days=61 + number)}..{today}"
