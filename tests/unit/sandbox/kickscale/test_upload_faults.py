"""Recordings on bad days."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.kickscale import EmbeddedKickscale, Stage, UploadForm
from tests.unit.sandbox.kickscale.recordings import FORM, SOUND, TICKET, UPLOAD, form, pieces, send


async def test_a_large_recording_takes_no_memory(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """64 MiB pass through, and some of the pieces are there at a time."""
    await client.get("/calls")
    tracemalloc.start()
    assert (await client.post(UPLOAD, **form(1_024))).status_code == 201
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kickscale.uploads[0].size == 64 * 2**20
    assert peak < 16 * 2**20


@pytest.mark.parametrize(("stage", "calls"), [(Stage.READ, 0), (Stage.STORED, 1)])
async def test_a_500_is_before_or_after_storing(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, stage: Stage, calls: int
) -> None:
    """Which nobody can tell from the answer."""
    kickscale.faults.add(UPLOAD, stage=stage, status=500)
    answer = await send(client)
    assert (answer.status_code, answer.json()["message"]) == (500, "Internal server error")
    assert (len(kickscale.uploads), len(kickscale.calls())) == (calls, calls)
    assert (await send(client)).status_code == 201


async def test_an_answer_can_fail_to_come_after_storing(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """It hangs, breaks, or is cut; the call is there."""
    kickscale.faults.add(UPLOAD, stage=Stage.STORED, hang=True)
    kickscale.faults.add(UPLOAD, stage=Stage.STORED, broken=True)
    kickscale.faults.add(UPLOAD, stage=Stage.STORED, truncated=True)
    with pytest.raises(httpx.ReadTimeout):
        await client.post(UPLOAD, **form(1), timeout=httpx.Timeout(10, read=0.1))
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            await send(client)
    assert len(kickscale.calls()) == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 413, "message": "Recordings may have 50 MB"},
        {"status": 403, "message": "User has no paid seat"},
        {"status": 429, "message": "Slow down", "retry_after": 7},
    ],
)
async def test_an_answer_can_come_early(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, fault: dict[str, Any]
) -> None:
    """Before anything of the recording was read, or in its middle; in its own words."""
    kickscale.faults.add(UPLOAD, **fault)
    kickscale.faults.add(UPLOAD, stage=Stage.MIDDLE, after=1_000_000, **fault)
    for _ in range(2):
        answer = await client.post(UPLOAD, **form(64))
        assert (answer.status_code, answer.json()["message"]) == (fault["status"], fault["message"])
        assert answer.headers.get("retry-after", "") == str(fault.get("retry_after", ""))
    assert kickscale.uploads == []
    assert (await client.post(UPLOAD, **form(64))).status_code == 201


async def test_an_early_answer_does_not_wait_for_the_recording(kickscale: EmbeddedKickscale) -> None:
    """It can be found while it is being sent."""
    kickscale.faults.add(UPLOAD, status=413)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(kickscale.base_url.rpartition(":")[2]))
    writer.write(f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n".encode())
    assert await reader.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    writer.close()
    await writer.wait_closed()


async def test_a_connection_can_be_cut_in_the_middle(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Of a form, and of what is put into the storage."""
    kickscale.faults.add("*", stage=Stage.MIDDLE, after=1_000_000, broken=True, times=2)
    with pytest.raises(httpx.TransportError):
        await client.post(UPLOAD, **form(512))
    kickscale.variant.upload = UploadForm.PRESIGNED
    ticket = (await client.post(UPLOAD, json=TICKET)).json()
    with pytest.raises(httpx.TransportError):
        await client.put(ticket["uploadUrl"], content=bytes(32 * 2**20))
    assert kickscale.uploads == []
    assert (await client.put(ticket["uploadUrl"], content=SOUND)).status_code == 200


async def test_a_recording_can_pause_in_the_middle_and_continue(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """Then the sender is held up, but for what the network takes in advance."""
    kickscale.faults.add(UPLOAD, stage=Stage.MIDDLE, after=1_000_000, hang=True)
    sent = 0

    async def count(place: int) -> None:
        nonlocal sent
        sent = place

    first, last = FORM.split(b"sound")

    async def content() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces(1_024, count):
            yield piece
        yield last

    headers = form(1_024)["headers"]
    sending = asyncio.ensure_future(client.post(UPLOAD, content=content(), headers=headers))
    before = -1
    while sent < 16 or sent > before:
        before = sent
        await asyncio.wait([sending], timeout=0.05)
    assert sent < 1_000
    assert not sending.done()
    kickscale.release()
    assert (await sending).status_code == 201
    assert kickscale.uploads[0].size == 64 * 2**20


async def test_a_recording_can_come_slowly(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """At so many bytes a second."""
    kickscale.upload_rate = len(SOUND) / 0.2
    began = asyncio.get_running_loop().time()
    await send(client)
    assert asyncio.get_running_loop().time() - began >= 0.19


async def test_half_a_recording_is_none(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Where the sender goes away, nothing is stored and nothing is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(kickscale.base_url.rpartition(":")[2]))
    headers = {"host": "127.0.0.1", **client.headers, **form(512)["headers"]}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST {UPLOAD} HTTP/1.1\r\n{lines}\r\n".encode() + FORM.split(b"sound")[0] + bytes(2**20))
    await kickscale.requests.until(lambda log: len(log) == 1)
    writer.close()
    await kickscale.requests.until(lambda log: log[0].ended is not None)
    assert (kickscale.requests[0].status, kickscale.uploads, kickscale.calls()) == (None, [], [])
    assert await reader.read() == b""
    await writer.wait_closed()
