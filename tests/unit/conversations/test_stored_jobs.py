"""Jobs in a database outlive an upgrade: their stored payload and progress stay readable."""

from typing import Any

import pytest

from bot.conversations.private_delivery import DELIVERY, Delivery
from bot.conversations.sharing import SHARE, ShareRequest
from bot.conversations.transcripts import TRANSCRIPT, TranscriptProgress, TranscriptRequest
from bot.jobs.outbox import PostProgress
from bot.model.conversation import Kind
from bot.model.job import JobKind
from bot.tools.codec import decode

ABOUT = {"conversations": ["c1"], "domains": ["acme.com"]}
TRANSCRIPT_OF_0_1 = {"kind": "call", "id": "c1", "user": "U1"}


@pytest.mark.parametrize(
    ("kind", "name", "payload", "expected"),
    [
        (
            SHARE,
            "share",
            {"question": "q1", "page": 2, "channel": "C1", "user": "U1"},
            ShareRequest("q1", 2, "C1", "U1"),
        ),
        (TRANSCRIPT, "transcript", TRANSCRIPT_OF_0_1, TranscriptRequest(Kind.CALL, "c1", "U1")),
        (
            TRANSCRIPT,
            "transcript",
            {**TRANSCRIPT_OF_0_1, "channel": "C1"},
            TranscriptRequest(Kind.CALL, "c1", "U1", "C1"),
        ),
        (
            DELIVERY,
            "held",
            {"user": "U1", "channel": "C1", "kind": "meeting", "id": "m1", "why": "guest"},
            Delivery("U1", "C1", Kind.MEETING, "m1", "guest"),
        ),
    ],
)
def test_a_stored_payload_is_readable(kind: JobKind[Any, Any], name: str, payload: Any, expected: Any) -> None:
    """A transcript of the first versions doesn't say where it was asked for."""
    assert (kind.name, decode(kind.payload, payload)) == (name, expected)


@pytest.mark.parametrize(
    ("kind", "progress", "expected"),
    [
        (SHARE, {"posting": True, **ABOUT}, PostProgress(posting=True, conversations=("c1",), domains=("acme.com",))),
        (TRANSCRIPT, {"file": "F1", "to": "D1", **ABOUT}, TranscriptProgress("F1", "D1", ("c1",), ("acme.com",))),
        (DELIVERY, {"to": "D1", "domains": ["acme.com"]}, PostProgress(to="D1", domains=("acme.com",))),
        *((kind, {}, kind.progress()) for kind in (SHARE, TRANSCRIPT, DELIVERY)),
    ],
)
def test_stored_progress_is_readable(kind: JobKind[Any, Any], progress: Any, expected: Any) -> None:
    """With what earlier versions noted before they posted, so that the next attempt looks for it."""
    assert decode(kind.progress, progress) == expected
