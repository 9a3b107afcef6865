"""What a search costs among many mirrored conversations: `uv run python -m tests.benchmarks.search [COUNT] [DATABASE]`.

Writing 100,000 conversations takes two or three minutes: with a path, the database stays there, and the next run uses
it again. Conversations have about as many words as real ones, drawn from a vocabulary of which some words are frequent
and most are rare. A search is what people ask for with `/kickscale search`: access, database, passages and blocks. Only
CPU time counts, of all threads, so other work on the machine makes little difference.
"""

import asyncio
import contextlib
import functools
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app.lifecycle import Bot
from bot.commands.registry import parse
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
MIRROR_DAYS = 400
AT_ONCE = 5_000
"""In one transaction: most of the time would otherwise go into putting each on the disk."""
VOCABULARY = 30_000
CUSTOMERS = 2_000
REPS = ("robin.rep@example.com", *(f"rep{number}@example.com" for number in range(1, 50)))
"""Robin, who searches, is one of them."""
TYPES = ("Demo", "Discovery", "Negotiation", "Onboarding", "Renewal")
VIEWERS: Mapping[str, Mapping[str, Any]] = {
    "who sees all": {},
    "with VISIBILITY=kickscale": {"visibility": "kickscale"},
    "in a channel of a few customers": {"channel_domains": "C0SALES001=customer1.example,*.customer2.example"},
}
ROUNDS = 5
SYLLABLES = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("a", "e", "i", "o", "un", "ar", "es", "in")]


async def measure(count: int, path: Path, **settings: Any) -> list[tuple[str, float, int]]:
    """Return for each search its CPU time in seconds (the median of the rounds), and how many it found."""
    async with world(path.parent, database_path=str(path), mirror_days=MIRROR_DAYS, **settings) as here:
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
    for first in range(known, count, AT_ONCE):
        await store.merge(conversations(range(first, min(first + AT_ONCE, count))), None, NOW)
    await store.trim(NOW.date() - timedelta(days=MIRROR_DAYS))  # as every night


def conversations(numbers: Iterable[int]) -> Iterator[Mirrored]:
    for number in numbers:
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
            user={"id": "u", "name": "Rep", "email": rng.choice(REPS)},
            type=rng.choice(TYPES),
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
        f"{word(20)} type:demo",
    )


def main(count: int, path: Path) -> None:
    took = []
    for viewer, settings in VIEWERS.items():
        for typed, seconds, total in asyncio.run(measure(count, path, **settings)):
            print(f"{seconds * 1000:7.1f} ms  {total:7,} found  search {typed} ({viewer})")
            took.append(seconds)
    print(f"{count:,} conversations: 95th percentile {statistics.quantiles(took, n=20)[-1] * 1000:.1f} ms of CPU time")
    print(f"The index is {index_size(path):.2f} times the text")


def index_size(path: Path) -> float:
    """Return the size of the index in the database, with everything that belongs to it, by that of the text."""
    tables = "name glob 'mirror_text*' or name glob 'mirror_parts*' or name glob '*mirror_words*'"
    with contextlib.closing(sqlite3.connect(path)) as database:
        ((index,),) = database.execute(f"select sum(pgsize) from dbstat where {tables}").fetchall()  # noqa: S608 no text from outside
        texts = " + ".join(f"length(cast(c{column} as blob))" for column in range(4))
        ((text,),) = database.execute(f"select sum({texts}) from mirror_text_content").fetchall()  # noqa: S608 likewise
    return float(index / text)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as folder:
        main(count, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder) / "bot.db")
