"""Recordings that are put into a store, or fetched from an address."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.sandbox.kickscale import EmbeddedKickscale, UploadForm
from tests.clock import ManualClock
from tests.servers import serving
from tests.unit.sandbox.asking import stranger_to
from tests.unit.sandbox.kickscale.recordings import NAMED, SOUND, TICKET, UPLOAD, pieces

# ---- put into a store ----------------------------------------------------------------------------------------------


@pytest.fixture
async def stranger(kickscale: EmbeddedKickscale) -> AsyncIterator[httpx.AsyncClient]:
    async with stranger_to(kickscale) as stranger:
        yield stranger


async def test_a_recording_is_put_to_the_address_in_the_answer(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: ManualClock
) -> None:
    """Without credentials; the call is there when it has come. Putting it again makes no other call."""
    kickscale.variant.upload = UploadForm.PRESIGNED
    ticket = (await client.post(UPLOAD, json=TICKET)).json()
    assert kickscale.calls() == []
    for sound in (b"half", SOUND):
        answer = await stranger.put(ticket["uploadUrl"], content=sound, headers={"content-type": "audio/wav"})
        assert answer.status_code == 200
    (upload,) = kickscale.uploads
    assert (upload.call_id, upload.file_name, upload.media_type) == (ticket["id"], "call.wav", "audio/wav")
    assert (upload.fields, upload.sha256) == (TICKET, hashlib.sha256(SOUND).hexdigest())
    assert kickscale.leaks == []
    await clock.advance(4)
    assert [call["externalCallId"] for call in kickscale.calls() if call["summary"]] == ["slack-F1"]


async def test_the_address_is_the_credential(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: ManualClock
) -> None:
    """For a quarter of an hour. Any other credential that comes there has leaked."""
    kickscale.variant.upload = UploadForm.PRESIGNED
    ticket = (await client.post(UPLOAD, json=TICKET)).json()
    url = httpx.URL(ticket["uploadUrl"])
    for wrong in (url.copy_remove_param("signature"), url.copy_with(path="/storage/other")):
        assert (await stranger.put(wrong, content=SOUND)).status_code == 403
    assert (await stranger.put(url, content=pieces(1))).status_code == 411
    assert (await client.put(url, content=SOUND)).status_code == 200
    assert kickscale.leaks == [f"{name} at /storage/{ticket['id']}" for name in ("api-key", "client-id")]
    await clock.advance(15 * 60)
    assert (await stranger.put(url, content=SOUND)).status_code == 403


@pytest.mark.parametrize(
    ("form", "given", "wrong"),
    [
        (UploadForm.PRESIGNED, NAMED | {"fileName": "a.wav"}, ["size must be an integer number"]),
        (UploadForm.PRESIGNED, TICKET | {"duration": "60"}, ["duration must be an integer number"]),
        (UploadForm.PRESIGNED, TICKET | {"customerDomains": "acme.com"}, ["customerDomains must be an array"]),
        (UploadForm.URL, NAMED | {"recordingUrl": "call.wav"}, ["recordingUrl must be a URL address"]),
    ],
)
async def test_json_has_its_types(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, form: UploadForm, given: dict[str, Any], wrong: list[str]
) -> None:
    """A number is no text, and a list is a list. A body that is no JSON is refused as well."""
    kickscale.variant.upload = form
    answer = await client.post(UPLOAD, json=given)
    assert (answer.status_code, answer.json()["message"]) == (400, wrong)
    assert (await client.post(UPLOAD, content=b"{", headers={"content-type": "application/json"})).status_code == 400


# ---- fetched from an address ---------------------------------------------------------------------------------------


@pytest.fixture
async def shelf() -> AsyncIterator[str]:
    """The address of a server with a recording at `/call.wav`."""

    async def answer(request: web.Request) -> web.Response:
        kept_call = request.path == "/call.wav"
        return web.Response(body=SOUND, content_type="audio/wav") if kept_call else web.Response(status=410)

    async with serving(answer) as address:
        yield address


async def test_a_recording_is_fetched(kickscale: EmbeddedKickscale, client: httpx.AsyncClient, shelf: str) -> None:
    """From the address that was named, before the answer."""
    kickscale.variant.upload = UploadForm.URL
    answer = await client.post(UPLOAD, json=NAMED | {"recordingUrl": f"{shelf}/call.wav"})
    (upload,) = kickscale.uploads
    assert (answer.status_code, answer.json()) == (201, {"id": upload.call_id})
    assert (upload.file_name, upload.media_type, upload.size) == ("call.wav", "audio/wav", len(SOUND))
    assert upload.sha256 == hashlib.sha256(SOUND).hexdigest()


async def test_what_cannot_be_fetched_is_refused(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, shelf: str
) -> None:
    """Nothing there, nobody there, or not on this machine."""
    kickscale.variant.upload = UploadForm.URL
    gone = await client.post(UPLOAD, json=NAMED | {"recordingUrl": f"{shelf}/other.wav"})
    dead = await client.post(UPLOAD, json=NAMED | {"recordingUrl": "http://127.0.0.1:1/call.wav"})
    away = await client.post(UPLOAD, json=NAMED | {"recordingUrl": "https://files.example/call.wav"})
    assert [response.status_code for response in (gone, dead, away)] == [422] * 3
    assert gone.json()["message"] == "The recording could not be fetched: 410"
    assert kickscale.uploads == []
