"""The bytes of files: who gets them, parts of them, and bad days."""

import asyncio
import hashlib
import io
import wave
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock
from tests.unit.sandbox.samples import LEA, ROBIN, SALES

DATA = bytes(range(256)) * 10


def address(slack: EmbeddedSlack, file: str) -> str:
    return f"{slack.base_url}/files-pri/{slack.state.team_id}-{file}/download/call.wav"


async def shared(slack: EmbeddedSlack, content: bytes | int = DATA) -> str:
    """The id of a file that the bot sees."""
    return (await slack.share(ROBIN, SALES, files=[("call.wav", content)])).files[0]


async def fetch(slack: EmbeddedSlack, file: str, token: str = "", **headers: str) -> tuple[int, bytes, Any]:
    headers = {"Authorization": f"Bearer {token or slack.bot_token}", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.get(address(slack, file), headers=headers, allow_redirects=False) as response,
    ):
        return response.status, await response.read(), response.headers


async def test_a_file_is_downloaded_with_the_bots_token(slack: EmbeddedSlack) -> None:
    """All of its bytes, and how many they are."""
    file = await shared(slack)
    status, body, headers = await fetch(slack, file)
    assert (status, body) == (200, DATA)
    assert (headers["Content-Type"], headers["Content-Length"]) == ("audio/wav", "2560")
    [download] = slack.downloads.served
    assert (download.file, download.sent) == (file, 2560)
    assert [call.ok for call in slack.calls if call.method == "download"] == [True]


@pytest.mark.parametrize("which", ["wrong", "app", "revoked", "scope", "hidden"])
async def test_without_access_the_answer_is_a_page_with_status_200(slack: EmbeddedSlack, which: str) -> None:
    """A page to sign in on, in place of the file."""
    file = await shared(slack)
    token = slack.state.tokens[slack.bot_token]
    bearer = {"wrong": "xoxb-wrong", "app": slack.app_token}.get(which, slack.bot_token)
    if which == "revoked":
        slack.state.tokens[slack.bot_token] = replace(token, is_revoked=True)
    elif which == "scope":
        slack.state.tokens[slack.bot_token] = replace(token, scopes=token.scopes - {"files:read"})
    elif which == "hidden":
        [file] = (await slack.share(LEA, "leads-only", "call.wav", DATA)).files
    status, body, headers = await fetch(slack, file, bearer)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!DOCTYPE html>")
    assert slack.downloads.served == []


async def test_what_is_gone_is_not_found(slack: EmbeddedSlack) -> None:
    """Whether it was deleted or never there."""
    file = await shared(slack)
    slack.delete_file(ROBIN, file)
    for gone in (file, "F0NOWHERE1"):
        assert (await fetch(slack, gone))[0] == 404


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=2500-", 2500, 2560), ("bytes=-60", 2500, 2560), ("bytes=2500-9999", 2500, 2560)],
)
async def test_a_part_can_be_asked_for(slack: EmbeddedSlack, asked: str, start: int, stop: int) -> None:
    """From its beginning, from its end, or from the middle."""
    status, body, headers = await fetch(slack, await shared(slack), Range=asked)
    assert (status, body) == (206, DATA[start:stop])
    assert headers["Content-Range"] == f"bytes {start}-{stop - 1}/2560"


async def test_a_part_that_is_not_there_is_refused(slack: EmbeddedSlack) -> None:
    """With how long the file is; what nobody can read is as if it had not been said."""
    status, _, headers = await fetch(slack, await shared(slack), Range="bytes=2560-")
    assert (status, headers["Content-Range"]) == (416, "bytes */2560")
    assert (await fetch(slack, await shared(slack), Range="lines=1-2"))[:2] == (200, DATA)


async def test_a_server_without_ranges_sends_all_of_it(slack: EmbeddedSlack) -> None:
    """With 200."""
    slack.downloads.takes_ranges = False
    assert (await fetch(slack, await shared(slack), Range="bytes=0-9"))[:2] == (200, DATA)


@pytest.mark.parametrize("size", [0, 1, 43, 44, 45, 262_144, 1_000_003])
async def test_a_file_of_any_size_is_generated_while_it_is_sent(slack: EmbeddedSlack, size: int) -> None:
    """The same bytes each time, whole or in parts."""
    file = await shared(slack, size)
    _, body, _ = await fetch(slack, file)
    assert len(body) == size
    assert body.startswith(b"RIFF"[:size])
    if size > 100:
        _, part, _ = await fetch(slack, file, Range=f"bytes=20-{size - 20}")
        assert part == body[20 : size - 19]
    other = await shared(slack, size)
    assert (await fetch(slack, other))[1] == body


async def test_a_made_wav_is_one(slack: EmbeddedSlack) -> None:
    """Which plays for as long as its size says."""
    _, body, _ = await fetch(slack, await shared(slack, 32_044))
    with wave.open(io.BytesIO(body)) as received:
        assert (received.getframerate(), received.getnframes()) == (16_000, 16_000)


async def test_files_of_other_names_have_other_bytes(slack: EmbeddedSlack) -> None:
    """Of the same size, so that only a checksum shows the difference."""
    message = await slack.share(ROBIN, SALES, files=[("a.mp3", 1000), ("b.mp3", 1000)])
    digests = {hashlib.sha256((await fetch(slack, file))[1]).hexdigest() for file in message.files}
    assert len(digests) == 2


@pytest.mark.parametrize(("status", "header"), [(500, ""), (404, ""), (429, "Retry-After"), (302, "Location")])
async def test_a_status_can_be_ordered(slack: EmbeddedSlack, status: int, header: str) -> None:
    """Once; then all is well again."""
    file = await shared(slack)
    slack.faults.add("download", status=status)
    received, body, headers = await fetch(slack, file)
    assert received == status
    assert body != DATA
    assert not header or header in headers
    assert (await fetch(slack, file))[1] == DATA


async def test_a_page_can_be_ordered(slack: EmbeddedSlack) -> None:
    """As if the token were wrong."""
    file = await shared(slack)
    slack.faults.add("download", html=True)
    assert (await fetch(slack, file))[1].startswith(b"<!DOCTYPE html>")


async def test_a_download_can_end_too_early(slack: EmbeddedSlack) -> None:
    """In the middle of it, or with an answer that says that it is all there."""
    file = await shared(slack)
    slack.faults.add("download", broken=True, after=100)
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetch(slack, file)
    assert slack.downloads.served[-1].sent == 100
    slack.faults.add("download", short=True, after=100)
    assert (await fetch(slack, file))[:2] == (200, DATA[:100])


async def test_a_download_can_get_stuck(slack: EmbeddedSlack) -> None:
    """After some bytes; it ends when the sandbox does, or the app gives up."""
    file = await shared(slack)
    slack.faults.add("download", hang=True, after=100)
    task = asyncio.create_task(fetch(slack, file))
    await slack.wait_for(lambda: slack.downloads.served and slack.downloads.served[0].sent == 100)
    assert not slack.downloads.served[0].is_over
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_download_can_be_slow(slack: EmbeddedSlack, clock: ManualClock) -> None:
    """By the sandbox's clock, between one chunk and the next."""
    file = await shared(slack, 600_000)
    slack.faults.add("download", pause=5.0)
    task = asyncio.create_task(fetch(slack, file))
    for passed in (1, 2, 3):
        await slack.wait_for(lambda: slack.downloads.served and clock.sleepers)
        assert slack.downloads.served[0].sent < 600_000 or passed == 3
        await clock.advance(5.0)
    assert len((await task)[1]) == 600_000
