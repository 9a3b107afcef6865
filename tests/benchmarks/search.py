"""What a search costs among many mirrored conversations: `uv run python -m tests.benchmarks.search [COUNT] [DATABASE]`.

Writing 100,000 conversations takes minutes: with a path, the database stays there, and the next run uses it again.
Conversations have about as many words as real ones, drawn from a vocabulary of which some words are frequent and most
are rare. A search is what people ask for with `/kickscale search`: access, database, passages and blocks. Only CPU time
counts, of all threads, so other work on the machine makes little difference.
"""

import asyncio
import functools
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app.lifecycle import Bot
from bot.commands.registry import parse
from bot.email_addresses import fold
from bot.kickscale.records.parsing import conversation
from bot.mirror.copies import copy
from bot.model.access import Capability
from bot.model.commands import SearchCommand
from bot.model.conversation import Kind
from bot.model.mirror import Mirrored
from bot.render.search.results import results_message
from bot.texts import texts_in
from bot.texts.languages import DEFAULT
from tests.clock import MONDAY_MORNING as NOW
from tests.world import call, world

COUNT = 100_000
AT_ONCE = 500
VOCABULARY = 30_000
CUSTOMERS = 2_000
REPS = 50
ROUNDS = 5
SYLLABLES = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("a", "e", "i", "o", "un", "ar", "es", "in")]


async def measure(count: int, path: Path) -> list[tuple[str, float, int]]:
    """Return for each search its CPU time in seconds (the median of the rounds), and how many it found."""
    async with world(path.parent, database_path=str(path), mirror_days=400, admins="U0ROBIN001") as here:
        await fill(here.bot, count)
        viewer = await here.bot.services.access.admit("U0ROBIN001", "C0SALES001", Capability.CONVERSATIONS)
        await here.settle()
        measured = []
        for typed in searches():
            command = parse(f"search {typed}", today=NOW.date())
            assert isinstance(command, SearchCommand)
            took = []
            for _ in range(ROUNDS):
                began = time.process_time()
                command = await here.bot.services.search.settle(viewer, command)
                question = await here.bot.services.questions.keep(viewer, command, "UTC")
                answer = await here.bot.services.search.answer(question, 0, viewer)
                results_message(texts_in(DEFAULT, "UTC"), question, answer, link_template="")
                took.append(time.process_time() - began)
            measured.append((typed, statistics.median(took), answer.total))
        return measured


async def fill(bot: Bot, count: int) -> None:
    """Write conversations down until there are so many."""
    store = bot.database.mirror
    known = (await store.size()).conversations
    copies = itertools.islice(conversations(), known, count)
    while batch := list(itertools.islice(copies, AT_ONCE)):
        await store.merge(batch, None, NOW)


def conversations() -> Iterator[Mirrored]:
    for number in itertools.count():
        rng = random.Random(number)
        raw: dict[str, Any] = call(
            number,
            NOW - timedelta(minutes=5 * number),
            name=words(rng, 5),
            summary=". ".join(words(rng, 12) for _ in range(10)),
            actionItems=[words(rng, 8) for _ in range(3)],
            userQuestions=[words(rng, 8) for _ in range(2)],
            insights=[{"title": words(rng, 2), "text": words(rng, 15)} for _ in range(2)],
            customerDomains=[f"customer{rng.randrange(CUSTOMERS)}.example"],
            user={"id": "u", "name": "Rep", "email": fold(f"rep{rng.randrange(REPS)}@example.com")},
        )
        parsed = conversation(raw, Kind.CALL)
        assert parsed is not None
        yield copy(parsed, is_internal=False)


def words(rng: random.Random, count: int) -> str:
    """Return words by Zipf's law: the tenth is ten times as rare as the first."""
    return " ".join(word(int(VOCABULARY ** rng.random())) for _ in range(count))


@functools.cache
def word(rank: int) -> str:
    """Return the word with this rank of frequency; rare ones are longer, and some are compounds."""
    rng = random.Random(f"word {rank}")
    longer = "".join(rng.choices(SYLLABLES, k=2 + len(str(rank)) // 2))
    return longer + word(rng.randrange(20, 500)) if rank > 500 and rng.random() < 0.2 else longer


def searches() -> tuple[str, ...]:
    """Return what is typed after `search`: frequent and rare words, several, parts of words, phrases, narrowed.

    The most frequent is in two of five conversations: nobody looks for the words that are in all of them.
    """
    return (
        *(word(rank) for rank in (40, 100, 200, 1_000, 5_000, 20_000)),
        f"{word(30)} {word(300)}",
        f"{word(150)} {word(700)} {word(40)}",
        f'"{word(20)} {word(60)}"',
        word(60)[:5],
        word(400)[1:],
        f"{word(20)} last-quarter",
        f"{word(100)} customer7.example",
        f"{word(30)} owner:rep3@example.com",
        f"{word(50)} {word(80)} this-month",
    )


def main(count: int, path: Path) -> None:
    measured = asyncio.run(measure(count, path))
    for typed, seconds, total in measured:
        print(f"{seconds * 1000:7.1f} ms  {total:7,} found  search {typed}")
    took = [seconds for _, seconds, _ in measured]
    print(f"{count:,} conversations: 95th percentile {statistics.quantiles(took, n=20)[-1] * 1000:.1f} ms of CPU time")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as folder:
        main(count, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder) / "bot.db")
