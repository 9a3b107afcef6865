"""Calls and meetings for the benchmarks: as many as wanted, each as large as the sandbox's own."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.sandbox.kickscale.data import conversations, iso

_DAY = date(2026, 10, 5)
"""A Monday: any will do, since only the shape of its records is used."""


def records(kind: str, count: int, newest: datetime, every: timedelta, customers: int) -> Iterator[Mapping[str, Any]]:
    """Yield so many `calls` or `meetings`, the newest first, one with each of the customers in turn."""
    days = (_DAY + timedelta(days=number) for number in range(28))
    shapes = [record.raw for day in days for record in conversations(day) if record.kind == kind and record.domains]
    for number, shape in zip(range(count), itertools.cycle(shapes), strict=False):
        customer = domain(number % customers)
        yield {
            **shape,
            "id": f"{kind}-{number}",
            "name": f"{shape['name']} {number}",
            "date": iso(newest - number * every),
            "createdAt": iso(newest - number * every),
            "updatedAt": iso(newest - number * every),
            "customerDomains": [customer],
        }


def domain(number: int) -> str:
    return f"customer{number}.example.com"
