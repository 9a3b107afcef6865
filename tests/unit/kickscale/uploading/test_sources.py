"""Sending recordings whose source fails, is slow or is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.errors import RecordingRefused, SlackUnavailable
from bot.kickscale.uploading.sender import Recording, Sender
from tests.unit.kickscale.uploading.raw import FORM, PIECE, VALUES, Raw, Source


@pytest.mark.parametrize(
    "failure",
    [SlackUnavailable("truncated"), RecordingRefused("gone"), ValueError("odd"), TimeoutError(), OSError(5, "disk")],
    ids=repr,
)
async def test_what_the_source_raises_is_passed_on(raw: Raw, sender: Sender, failure: Exception) -> None:
    """Itself, and the service sees a body that breaks off."""
    source = Source(3, size=10**9, failure=failure)
    with pytest.raises(type(failure)) as raised:
        await sender.send(FORM, VALUES, source.recording)
    assert raised.value is failure
    await raw.ended.wait()
    assert not raw.requests[0].is_whole
    assert source.is_closed


async def test_a_source_that_is_cancelled_cancels_the_sending(raw: Raw, sender: Sender) -> None:
    """E.g. if it waits for a task that somebody else cancels."""
    with pytest.raises(asyncio.CancelledError):
        await sender.send(FORM, VALUES, Source(3, size=10**9, failure=asyncio.CancelledError()).recording)
    await raw.ended.wait()
    assert not raw.requests[0].is_whole


@pytest.mark.parametrize("size", [4 * len(PIECE) + 1, 4 * len(PIECE) - 1])
async def test_a_recording_of_another_size_is_never_whole(raw: Raw, sender: Sender, size: int) -> None:
    """Neither a shorter one nor a longer one."""
    with pytest.raises(RecordingRefused) as refused:
        await sender.send(FORM, VALUES, Source(4, size=size).recording)
    assert refused.value.reason == "truncated"
    await raw.ended.wait()
    assert not raw.requests[0].is_whole


async def test_cancelling_closes_the_source_and_the_connection(raw: Raw, sender: Sender) -> None:
    """The service sees a body that breaks off."""
    waiting = asyncio.Event()
    source = Source()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield PIECE
            waiting.set()
            await raw.never.wait()
        finally:
            source.is_closed = True

    sending = asyncio.create_task(sender.send(FORM, VALUES, Recording("a.wav", "audio/wav", 10**9, chunks)))
    await waiting.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert source.is_closed
    await raw.ended.wait()
    assert not raw.requests[0].is_whole


async def test_a_slow_source_is_waited_for(raw: Raw, connect: Callable[..., Sender]) -> None:
    """The silence that counts is the service's."""
    passed = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield PIECE
        asyncio.get_running_loop().call_later(0.2, passed.set)
        await passed.wait()
        yield PIECE

    sender = connect(raw.base_url, silence=0.1)
    recording = Recording("a.wav", "audio/wav", 2 * len(PIECE), chunks)
    assert await sender.send(FORM, VALUES, recording) == "c1"
