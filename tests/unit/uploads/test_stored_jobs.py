"""Jobs around uploads that an earlier version wrote can still be done."""

from typing import Any

import pytest

from bot.model.job import JobKind
from bot.tools.codec import decode, encode
from bot.uploads.offers import edits, intake, message, refusals
from bot.uploads.thread import known, notifications
from bot.uploads.thread import message as thread_message
from bot.uploads.transfer.job import FOLLOW, FROM_DISK, TRANSFER

SIGNED = {"url": "https://bucket.example.com/a", "method": "PUT", "headers": {"x-a": "1"}, "call": "c-1"}
EARLIER: list[tuple[JobKind[Any, Any], dict[str, Any], dict[str, Any]]] = [
    (
        intake.OFFER,
        {
            "channel": "C1",
            "ts": "1.1",
            "thread_ts": "1.1",
            "user": "U1",
            "text": "",
            "files": [["F1", "call.mp3"]],
            "asked_by": "",
        },
        {"unasked": True},
    ),
    (message.POST, {"offer": "o-1"}, {"posting": True, "asked": ["F1"]}),
    (edits.ACCEPTED, {"offer": "o-1", "by": "U1"}, {}),
    (
        refusals.REFUSED,
        {
            "channel": "C1",
            "user": "U1",
            "is_by_bot": False,
            "file": "F1",
            "name": "call.mp3",
            "reason": "too_large",
            "values": {"limit": "5"},
        },
        {"telling": False},
    ),
    (intake.BACKSTOP, {"file": "F1", "channel": "C1"}, {}),
    (thread_message.POST, {"upload": 1, "user": "U1"}, {"posting": True}),
    (
        known.KNOWN,
        {"upload": 1, "channel": "C1", "thread_ts": "1.1", "user": "U1"},
        {"posting": True, "ts": "1.2", "shown": "sent"},
    ),
    (known.WHERE, {"upload": 1, "channel": "C1", "thread_ts": "1.1", "user": "U1"}, {}),
    (notifications.WORDS, {"upload": 1, "round": 0, "user": "U1"}, {"posting": True}),
    (notifications.ENDING, {"upload": 1, "round": 0, "state": "failed", "user": "U1"}, {}),
    (
        TRANSFER,
        {"upload": 1, "round": 0},
        {
            "sending": "2026-11-23T09:00:00+00:00",
            "address": SIGNED,
            "looked": "",
            "since": "2026-11-23T09:00:00+00:00",
            "tries": 2,
        },
    ),
    (FROM_DISK, {"upload": 1, "round": 0}, {"sending": "", "address": None, "waiting": "", "waits": 1}),
    (FOLLOW, {"upload": 1}, {}),
]


@pytest.mark.parametrize(("kind", "payload", "progress"), EARLIER, ids=[kind.name for kind, _, _ in EARLIER])
def test_jobs_of_earlier_versions_are_read(
    kind: JobKind[Any, Any], payload: dict[str, Any], progress: dict[str, Any]
) -> None:
    """Whatever they say is kept under the same names; what they don't say gets a default."""
    assert encode(decode(kind.payload, payload)).items() >= payload.items()
    assert encode(decode(kind.progress, progress)).items() >= progress.items()
    assert decode(kind.progress, {}) == kind.progress()


def test_files_of_earlier_versions_have_no_media_type() -> None:
    """Their names decide then."""
    (file,) = decode(intake.Shared, EARLIER[0][1]).read().files
    assert (file.id, file.name, file.mimetype) == ("F1", "call.mp3", "")
