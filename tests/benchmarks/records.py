"""What reading a page of records costs, against `json.loads` of it: `uv run python -m tests.benchmarks.records`.

A page has a hundred records, of the sandbox's kind or small ones. Both sides begin with the bytes and run in turn, in
one process; only its CPU time counts.
"""

import json
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import count, islice
from operator import attrgetter
from typing import Any

from bot.kickscale.protocol import PAGE_SIZE
from bot.kickscale.records.encoded import decode_page
from bot.kickscale.records.parsing import read
from bot.model.conversation import Kind
from bot.sandbox.kickscale.data import conversations
from tests.clock import MONDAY_MORNING
from tests.world import call

ROUNDS = 41
REPEATS = 5
IN_ANY_LIST = ("id", "starts_at", "customer_domains")
"""What a list looks at in every record: to merge, check and sort them."""
LOOKED_AT: Mapping[str, tuple[str, ...]] = {
    "any list": (),
    "with a rep": ("owner",),
    "with words": ("name", "summary"),
    "with VISIBILITY=kickscale": ("owner", "participants"),
}
"""What else a list looks at in every record."""


def measure() -> float:
    """Return how many times as long as `json.loads` reading takes for a list, for the kind of records that is worse."""
    return max(ratio(page, ()) for page in pages().values())


def pages() -> Mapping[str, bytes]:
    """Return the same page as the API would send it, once for each kind of records."""
    return {
        "the sandbox's records": page(sandbox_records()),
        "small records": page(call(number, MONDAY_MORNING - timedelta(hours=number)) for number in count()),
    }


def page(records: Iterable[Any]) -> bytes:
    return json.dumps({"data": list(islice(records, PAGE_SIZE)), "meta": {"total": 5_760}}).encode()


def sandbox_records() -> Iterable[Any]:
    for days in count():
        for record in conversations(MONDAY_MORNING.date() - timedelta(days)):
            if record.kind == "calls":
                yield record.shown(("user_client_augmentation",), "https://recordings.example.com/1?signature=abc")


def ratio(body: bytes, looked_at: tuple[str, ...]) -> float:
    ours, plain = [], []
    for _ in range(ROUNDS):
        ours.append(cpu_seconds(lambda: read_for_list(body, looked_at)))
        plain.append(cpu_seconds(lambda: json.loads(body)))
    return statistics.median(ours) / statistics.median(plain)


def read_for_list(body: bytes, looked_at: tuple[str, ...]) -> None:
    """Do what a list does with every record of a page: decode it, read it, and look at what decides about it."""
    listed = read(decode_page(body), Kind.CALL).conversations
    assert len(listed) == PAGE_SIZE
    deque(map(attrgetter(*IN_ANY_LIST, *looked_at), listed), maxlen=0)


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(REPEATS):
        work()
    return time.process_time() - began


if __name__ == "__main__":
    for kind, body in pages().items():
        print(f"{kind}, {len(body) / PAGE_SIZE / 1_000:.1f} KB each: times json.loads")
        for purpose, names in LOOKED_AT.items():
            print(f"  {ratio(body, names):.2f} {purpose}")
