"""Sending recordings that are refused, or of which nobody knows whether they arrived."""

import asyncio
from collections.abc import Callable

import pytest

from bot.errors import (
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleUnavailable,
    UploadOutcomeUnknown,
)
from bot.kickscale.uploading.sender import Sender
from tests.unit.kickscale.uploading.raw import (
    BY_URL,
    FORM,
    PIECE,
    VALUES,
    Behaviour,
    Raw,
    Request,
    Source,
    cut,
    cut_at_the_end,
    deaf,
    early,
    mute,
    response,
    same,
    silence,
    take,
    whole,
)

# ---- refused -------------------------------------------------------------------------------------------------------


REFUSALS = [
    (
        response(400, b'{"message": ["name should not be empty", "x"]}'),
        KickscaleRejected(400, "name should not be empty; x"),
    ),
    (response(404, b"Cannot POST /calls"), KickscaleRejected(404, "Cannot POST /calls")),
    (response(413, b"<html><h1>413 Too Large</h1></html>"), KickscaleRejected(413, "413 Too Large")),
    (response(422, b'{"message": "User has no paid seat"}'), KickscaleRejected(422, "User has no paid seat")),
    (response(400, b"no key-of-1-year of client-1"), KickscaleRejected(400, "no *** of ***")),
    (response(401, b""), CredentialsRefused()),
    (response(403, b"Forbidden"), CredentialsRefused()),
    (response(429, b"", "Retry-After: 17"), KickscaleRateLimited(17.0)),
    (response(307, b"", "Location: https://example.com/x?y=1"), KickscaleRedirected("https://example.com/x")),
]


@pytest.mark.parametrize(("said", "error"), REFUSALS)
async def test_a_refusal_says_why(raw: Raw, sender: Sender, said: bytes, error: KickscaleError) -> None:
    """In the API's own words, without secrets, and without a second request."""
    raw.behaviour = whole(said)
    with pytest.raises(type(error)) as refused:
        await sender.send(FORM, VALUES, Source().recording)
    assert same(refused.value, error)
    assert len(raw.requests) == 1


@pytest.mark.parametrize("then", ["read", "wait", "hang up"])
@pytest.mark.parametrize(("said", "error"), REFUSALS)
async def test_a_refusal_before_the_end_of_the_body_is_read(
    raw: Raw, sender: Sender, said: bytes, error: KickscaleError, then: str
) -> None:
    """And ends the sending: the rest is not fetched for nothing."""
    raw.behaviour = early(said, then=then)
    source = Source(4000)
    with pytest.raises(type(error)) as refused:
        await sender.send(FORM, VALUES, source.recording)
    assert same(refused.value, error)
    assert source.given < 4000
    assert source.is_closed


async def test_a_refusal_whose_body_never_ends_is_one(raw: Raw, sender: Sender) -> None:
    """As many of its words as are needed are read."""

    async def flood(raw: Raw, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take(request, reader)
        writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")
        while not raw.never.is_set():
            writer.write(b"no " * 10_000)
            await writer.drain()

    raw.behaviour = flood
    with pytest.raises(KickscaleRejected) as rejected:
        await sender.send(FORM, VALUES, Source().recording)
    assert len(rejected.value.message) == 500


# ---- not known -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour",
    [
        whole(response(500)),
        whole(response(503, b"", "Retry-After: 1")),
        whole(response(303, b"", "Location: /calls/1")),
        whole(b"SSH-2.0-OpenSSH_9.6\r\n"),
        whole(b"HTTP/1.1 2"),
        early(response(201), then="wait"),
        cut_at_the_end,
        mute,
    ],
)
async def test_what_breaks_after_the_last_bytes_is_not_known(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour
) -> None:
    """A fault of the service, a broken connection, silence, or a success that came too early to be one."""
    raw.behaviour = behaviour
    source = Source(200)
    with pytest.raises(UploadOutcomeUnknown):
        await connect(raw.base_url, silence=silence(behaviour)).send(FORM, VALUES, source.recording)
    assert len(raw.requests) == 1
    assert source.is_closed


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (early(response(500)), 500),
        (early(response(503), then="wait"), 503),
        (early(response(502), then="hang up"), 502),
        (early(b"SSH-2.0-OpenSSH_9.6\r\n"), None),
        (cut, None),
        (deaf, None),
    ],
)
async def test_what_breaks_before_the_last_bytes_stored_nothing(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour, status: int | None
) -> None:
    """Half a form is none, whatever ended it."""
    raw.behaviour = behaviour
    source = Source(4000)
    with pytest.raises(KickscaleUnavailable) as unavailable:
        await connect(raw.base_url, silence=silence(behaviour)).send(FORM, VALUES, source.recording)
    assert unavailable.value.status == status
    assert len(raw.requests) == 1
    assert source.given < 4000
    assert source.is_closed


async def test_no_more_is_fetched_than_the_service_takes(raw: Raw, connect: Callable[..., Sender]) -> None:
    """What it does not read is not sent."""
    raw.behaviour = deaf
    source = Source(4000)
    with pytest.raises(KickscaleUnavailable):
        await connect(raw.base_url, silence=0.1).send(FORM, VALUES, source.recording)
    assert source.given * len(PIECE) < 16 * 2**20


async def test_without_a_connection_nothing_was_sent(connect: Callable[..., Sender]) -> None:
    """The source is not even asked."""
    source = Source()
    sender = connect("http://127.0.0.1:1")
    with pytest.raises(KickscaleUnavailable) as unavailable:
        await sender.send(FORM, VALUES, source.recording)
    assert unavailable.value.status is None
    assert source.given == 0
    with pytest.raises(KickscaleUnavailable):
        await sender.send_address(BY_URL, VALUES, "https://bot.example.com/r/1")


@pytest.mark.parametrize("behaviour", [whole(response(500)), cut_at_the_end, mute, whole(b"SSH-2.0\r\n")])
async def test_whether_an_address_was_taken_is_not_known_either(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour
) -> None:
    """The API may be fetching it."""
    raw.behaviour = behaviour
    sender = connect(raw.base_url, silence=silence(behaviour))
    with pytest.raises(UploadOutcomeUnknown):
        await sender.send_address(BY_URL, VALUES, "https://bot.example.com/r/1")
