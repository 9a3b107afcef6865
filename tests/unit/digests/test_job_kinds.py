"""What is stored of the jobs: a bot reads the rows that earlier versions wrote."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.digests.job_kinds import CARD, DIGEST, PAUSED, CardPayload, CardProgress, DigestPayload, DigestProgress
from bot.jobs.outbox import SeriesProgress
from bot.model.conversation import Kind
from bot.model.job import JobKind
from bot.tools.codec import decode, encode

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
DIGEST_ROW = {"subscription": "d1", "day": "2026-11-24", "at": "2026-11-24T08:30:00+00:00"}
CARD_ROW = {"kind": "call", "id": "c1", "seen": "5f", "channel": "C1"}
SERIES_ROW = {
    "channel": "C1",
    "posted": ["1.1", "1.2"],
    "shown": [0, 1, 2],
    "posting": 2,
    "showing": [3],
    "conversations": ["c3"],
    "domains": ["acme.com"],
}
SERIES = SeriesProgress("C1", ("1.1", "1.2"), (0, 1, 2), 2, (3,), ("c3",), ("acme.com",))


@pytest.mark.parametrize(
    ("kind", "row", "payload"),
    [
        (DIGEST, DIGEST_ROW, DigestPayload("d1", date(2026, 11, 24), AT)),
        (DIGEST, DIGEST_ROW | {"longest": DIGEST_ROW["at"]}, DigestPayload("d1", date(2026, 11, 24), AT, AT)),
        (PAUSED, {"subscription": "d1"}, PAUSED.payload("d1")),
        (CARD, CARD_ROW, CardPayload(Kind.CALL, "c1", "C1", "5f")),
    ],
)
def test_a_stored_payload_is_read(kind: JobKind[Any, Any], row: dict[str, Any], payload: object) -> None:
    """And written with the same keys."""
    assert decode(kind.payload, row) == payload
    assert decode(kind.payload, encode(payload)) == payload
    assert encode(payload).keys() >= row.keys()


@pytest.mark.parametrize(
    ("kind", "row", "progress"),
    [
        (DIGEST, {}, DigestProgress()),
        (DIGEST, SERIES_ROW, DigestProgress(**asdict(SERIES))),
        (DIGEST, {"held": "guest", "to": "D1", "failing": True}, DigestProgress(held="guest", to="D1", failing=True)),
        (DIGEST, {"pausing": "is_archived"}, DigestProgress(pausing="is_archived")),
        (PAUSED, SERIES_ROW, SERIES),
        (
            CARD,
            {"posting": True, "subscription": "d2", "domains": ["acme.com"]},
            CardProgress(posting=True, subscription="d2", domains=("acme.com",)),
        ),
    ],
)
def test_stored_progress_is_read(kind: JobKind[Any, Any], row: dict[str, Any], progress: object) -> None:
    """And written with the same keys."""
    assert decode(kind.progress, row) == progress
    assert encode(progress).keys() >= row.keys()
