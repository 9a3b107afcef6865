"""Addresses of recordings are kept only for as long as an upload needs them."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.uploads import Attestation, Failure, Upload, UploadState
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW
from tests.world import audit_row

SIGNED = {"url": "https://bucket.example.com/a.wav?signature=s3cret", "method": "PUT", "headers": {}, "call": "c1"}
LATER = NOW + timedelta(seconds=30)
UPLOAD = Upload(0, "F1", "a.wav", 10, {}, "slack-F1", Attestation("U1", NOW), NOW, UploadState.SENDING)


async def under_way(database: Database, kind: str = "transfer") -> int:
    """An upload that has an address at the bot, and one in a bucket; its id."""
    upload, _ = await database.uploads.add(replace(UPLOAD, address="t0ken", address_until=LATER), audit_row("upload"))
    await database.jobs.add(kind, {f"{kind}:{upload.id}:0": {"upload": upload.id, "round": 0}}, NOW)
    (job,) = await database.jobs.claim([kind], [], "bot", NOW, LATER)
    await database.jobs.note(job, "bot", {"sending": "now", "address": SIGNED}, LATER)
    return upload.id


def addresses(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("select address from uploads union all select progress from jobs").fetchall()
    return [text for (text,) in found if "t0ken" in text or "s3cret" in text]


@pytest.mark.parametrize(
    "columns",
    [
        {"state": UploadState.FAILED, "failure": Failure.of("rejected", "no seat")},
        {"state": UploadState.CANCELLED},
        {"state": UploadState.DUPLICATE},
        {"state": UploadState.ANALYSED},
        {"is_unanalysed": True},
    ],
    ids=lambda columns: str(columns.get("state", "unanalysed")),
)
async def test_no_address_outlives_its_upload(database: Database, path: Path, columns: dict[str, Any]) -> None:
    """However it ends."""
    id_ = await under_way(database)
    assert len(addresses(path)) == 2
    await database.uploads.change(id_, **columns)
    assert addresses(path) == []


@pytest.mark.parametrize("error", ["", "Deadly (job-1)"])
async def test_no_signed_address_outlives_its_job(database: Database, path: Path, error: str) -> None:
    """Even if it isn't known whether the recording arrived. Whatever else was noted stays."""
    await under_way(database)
    (job,) = await database.jobs.claim(["transfer"], [], "bot", LATER, LATER + timedelta(seconds=30))
    await database.jobs.finish(job, "bot", LATER, error)
    assert addresses(path) == ["t0ken"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select progress from jobs").fetchall() == [('{"sending":"now"}',)]


async def test_an_address_that_nothing_is_served_at_is_forgotten(database: Database, path: Path) -> None:
    """Even if nothing says how the upload ended."""
    id_ = await under_way(database)
    await database.uploads.change(id_, state=UploadState.ASKING)
    await database.uploads.expire_addresses(LATER - timedelta(seconds=1))
    assert "t0ken" in addresses(path)
    await database.uploads.expire_addresses(LATER)
    assert "t0ken" not in addresses(path)


async def test_addresses_of_earlier_versions_are_removed(path: Path) -> None:
    """Those of uploads that had ended; what is under way keeps them."""
    database = await Database.open(path)
    await under_way(database)
    await database.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from _sqlite_migrations where name = 'addresses_of_ended_uploads'")
    await (await Database.open(path)).close()
    assert len(addresses(path)) == 2
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from _sqlite_migrations where name = 'addresses_of_ended_uploads'")
        connection.execute("update uploads set state = 'analysed'")
        connection.execute("update jobs set state = 'done', finished_at = created_at")
    await (await Database.open(path)).close()
    assert addresses(path) == []
