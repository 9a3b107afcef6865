"""The embedded Kickscale as a process of the benchmarks: see `services.kickscale`."""

import asyncio
import json
import sys
from collections import Counter
from datetime import timedelta

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from tests.benchmarks.processes import answer_questions
from tests.benchmarks.sample import records

GLANCE = 0.05
"""Seconds between two looks at how many requests there were, to let a share of the next ones fail."""


async def main(
    calls: int, meetings: int, customers: int, latency: float, failing: float, *, upload_rate: float = 0
) -> None:
    """Serve so many calls of the last sixty days, and meetings of the last day, until the parent is gone.

    Each answer takes `latency` seconds more. Of the requests for lists and records a share of `failing` gets a 503. Of
    each recording `upload_rate` bytes are read per second; 0: as fast as they come.
    """
    clock = SystemClock()
    service = EmbeddedKickscale(clock, populated=False)
    newest = clock.now() - timedelta(minutes=2)
    for raw in records("calls", calls, newest, timedelta(days=59) / max(calls, 1), customers):
        service.add_call(raw)
    for raw in records("meetings", meetings, newest, timedelta(hours=20) / max(meetings, 1), customers):
        service.add_meeting(raw)
    service.latency = latency
    service.upload_rate = upload_rate

    async def take_requests() -> dict[str, int]:
        """Return how many requests there were for each path and status since the last time."""
        counts = Counter(f"{request.path} {request.status}" for request in service.requests)
        service.requests.clear()
        return counts

    async def recordings() -> list[str]:
        """Return the name of each recording that became a call."""
        return [upload.fields["name"] for upload in service.uploads]

    async with service:
        settings = {
            "KICKSCALE_BASE_URL": service.base_url,
            "KICKSCALE_API_KEY": service.api_key,
            "KICKSCALE_CLIENT_ID": service.client_id,
        }
        print(json.dumps(settings), flush=True)
        breaking = asyncio.create_task(fail(service, failing))
        await answer_questions({"take_requests": take_requests, "recordings": recordings})
        breaking.cancel()


async def fail(service: EmbeddedKickscale, share: float) -> None:
    """Order a failure for this share of the requests."""
    seen, owed = 0, 0.0
    while share:
        await asyncio.sleep(GLANCE)
        owed += share * (len(service.requests) - seen)
        seen = len(service.requests)
        if owed >= 1:
            for path in ("/calls", "/meetings"):
                service.faults.add(path, status=503, times=max(1, int(owed / 2)))
            owed %= 1


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
