"""Sending recordings to a storage that the API names."""

from collections.abc import Callable

import pytest

from bot.errors import (
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleUnavailable,
    KickscaleUnreadable,
    UploadOutcomeUnknown,
)
from bot.kickscale.uploading.sender import Address, Sender
from tests.unit.kickscale.uploading.raw import (
    TICKET,
    VALUES,
    Behaviour,
    Raw,
    Source,
    cut,
    cut_at_the_end,
    deaf,
    early,
    mute,
    response,
    same,
    silence,
    whole,
)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (whole(response(500)), KickscaleUnavailable),
        (whole(response(403)), CredentialsRefused),
        (whole(response(400)), KickscaleRejected),
        (whole(response(302, b"", "Location: /")), KickscaleRedirected),
        (whole(response(201, b"<html>")), KickscaleUnreadable),
        (whole(response(201, b'{"id": "c1"}')), KickscaleUnreadable),
        (whole(response(201, b'{"uploadUrl": "https://10.0.0.1/"}')), KickscaleUnreadable),
        (whole(response(201, b'{"uploadUrl": "http://example.com/"}')), KickscaleUnreadable),
        (cut_at_the_end, KickscaleUnavailable),
        (mute, KickscaleUnavailable),
    ],
)
async def test_an_answer_without_a_usable_address_is_a_failure(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour, error: type[KickscaleError]
) -> None:
    """Nothing of the recording has been sent by then."""
    raw.behaviour = behaviour
    with pytest.raises(error):
        await connect(raw.base_url, silence=silence(behaviour)).begin(TICKET, VALUES)


EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request of 0123456789 has expired</Message></Error>"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (whole(response(403, EXPIRED)), KickscaleRejected(403, "Request of *** has expired")),
        (early(response(403, EXPIRED), then="wait"), KickscaleRejected(403, "Request of *** has expired")),
        (whole(response(401, b"")), KickscaleRejected(401, "")),
        (whole(response(413, b"Too large")), KickscaleRejected(413, "Too large")),
        (whole(response(429, b"", "Retry-After: 3")), KickscaleRateLimited(3.0)),
        (
            whole(response(307, b"", "Location: https://other.example.com/")),
            KickscaleRedirected("https://other.example.com/"),
        ),
        (whole(response(303, b"", "Location: /done")), UploadOutcomeUnknown()),
        (whole(response(503)), KickscaleUnavailable(503)),
        (early(response(200), then="wait"), KickscaleUnavailable(200)),
        (cut, KickscaleUnavailable()),
        (cut_at_the_end, KickscaleUnavailable()),
        (deaf, KickscaleUnavailable()),
        (mute, KickscaleUnavailable()),
    ],
)
async def test_a_storage_that_does_not_take_the_bytes(
    raw: Raw, connect: Callable[..., Sender], behaviour: Behaviour, error: KickscaleError
) -> None:
    """A refusal is about the address, not the API key, and the caller can repeat what broke off."""
    raw.behaviour = behaviour
    address = Address(f"{raw.base_url}/put?sig=0123456789", "PUT", {}, "")
    with pytest.raises(type(error)) as raised:
        await connect(raw.base_url, silence=silence(behaviour)).put(address, Source(200).recording)
    assert same(raised.value, error)
    assert len(raw.requests) == 1


async def test_a_name_that_resolves_to_this_machine_is_refused(raw: Raw, sender: Sender) -> None:
    """Known when the connection is made: until then it is a name like any other."""
    port = raw.base_url.rpartition(":")[2]
    with pytest.raises(KickscaleUnreadable):
        await sender.put(Address(f"https://localhost:{port}/put", "PUT", {}, ""), Source().recording)
    assert not raw.requests
