"""Counting and hashing the bytes of a transfer."""

import hashlib
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SlackUnavailable
from bot.uploads.recordings.counting import Counted


class Source:
    """Yields chunks, and records how many were taken and whether it was closed."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks
        self.given = 0
        self.is_closed = False

    async def read(self) -> AsyncGenerator[bytes]:
        try:
            for chunk in self._chunks:
                self.given += 1
                yield chunk
        finally:
            self.is_closed = True


@given(st.lists(st.one_of(st.binary(max_size=50), st.integers(0, 5_000_000).map(bytes)), max_size=8))
async def test_what_passes_is_counted_and_hashed(chunks: list[bytes]) -> None:
    """The bytes arrive as they came, however they are cut, and so does their hash."""
    whole = b"".join(chunks)
    progress: list[int] = []
    counted = Counted(Source(*chunks).read(), len(whole), progress.append)
    assert [chunk async for chunk in counted] == chunks
    assert counted.sent == len(whole)
    assert counted.sha256 == hashlib.sha256(whole).hexdigest()
    assert progress == [len(b"".join(chunks[: index + 1])) for index in range(len(chunks))]


async def test_a_chunk_counts_once_the_next_one_is_asked_for() -> None:
    """What was handed over is not yet sent."""
    counted = Counted(Source(b"abc", b"de").read(), 5)
    reading = aiter(counted)
    await anext(reading)
    assert (counted.handed_over, counted.sent, counted.sha256) == (3, 0, "")
    await anext(reading)
    assert (counted.handed_over, counted.sent) == (5, 3)
    await reading.aclose()


async def test_the_hash_is_known_with_the_last_byte() -> None:
    """A reader that has all bytes needs to ask for no more: a service may answer before that."""
    counted = Counted(Source(b"abc", b"de").read(), 5)
    reading = aiter(counted)
    await anext(reading)
    await anext(reading)
    assert counted.sha256 == hashlib.sha256(b"abcde").hexdigest()
    await reading.aclose()


async def test_too_few_bytes_are_an_error() -> None:
    """It comes instead of the end, and there is no hash."""
    counted = Counted(Source(b"abc").read(), 4)
    with pytest.raises(SlackUnavailable) as caught:
        [chunk async for chunk in counted]
    assert (caught.value.code, counted.sent, counted.sha256) == ("truncated", 3, "")


async def test_too_many_bytes_never_arrive() -> None:
    """No chunk beyond the size is yielded, and no further one is read."""
    source = Source(b"abc", b"de", b"f")
    reading = aiter(Counted(source.read(), 4))
    assert await anext(reading) == b"abc"
    with pytest.raises(SlackUnavailable) as caught:
        await anext(reading)
    assert (caught.value.code, source.given, source.is_closed) == ("truncated", 2, True)


async def test_bytes_after_the_last_one_clear_the_hash() -> None:
    """This is not the file that was promised."""
    counted = Counted(Source(b"abcd", b"e").read(), 4)
    with pytest.raises(SlackUnavailable):
        [chunk async for chunk in counted]
    assert counted.sha256 == ""


async def test_stopping_early_closes_the_source() -> None:
    """A connection is not kept open for bytes that nobody wants."""
    source = Source(b"abc", b"de")
    reading = aiter(Counted(source.read(), 5))
    await anext(reading)
    await reading.aclose()
    assert source.is_closed


async def test_an_error_of_the_source_passes_through() -> None:
    """The error is the source's own, and nothing was hashed to the end."""

    async def broken() -> AsyncGenerator[bytes]:
        yield b"abc"
        raise SlackUnavailable("no_answer")

    counted = Counted(broken(), 6)
    with pytest.raises(SlackUnavailable) as caught:
        [chunk async for chunk in counted]
    assert (caught.value.code, counted.sha256) == ("no_answer", "")
