"""The ways in which Kickscale takes a recording: in a form, in a bucket, or fetched from the bot."""

from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.kickscale import Stage, UploadForm
from tests.scenarios.uploads.transfer.steps import (
    SOUND,
    STORAGE,
    UPLOAD,
    kept_addresses,
    posts,
    promised,
    sha256,
    status,
    take_as,
    until,
)
from tests.world import World, world

pytestmark = pytest.mark.usefixtures("no_backoff")


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_the_bytes_arrive_whole(here: World, form: UploadForm) -> None:
    """As a form and at a pre-signed address: every byte, under our own key, and the bucket gets no credentials."""
    await take_as(here, form)
    shared = await promised(here, "acme.wav", SOUND)
    (received,) = here.kickscale.uploads
    assert (received.size, received.sha256) == (len(SOUND), sha256(SOUND))
    assert received.fields["externalCallId"].startswith("slack-F")
    assert here.kickscale.leaks == []
    assert "is analysing it now" in status(here, shared)
    assert kept_addresses(here) == []


async def test_kickscale_fetches_a_recording_from_the_bot(public: World) -> None:
    """At an address that nobody can guess, and only as long as it may be fetched."""
    shared = await promised(public, "Acme & co.wav", SOUND)
    (received,) = public.kickscale.uploads
    assert (received.size, received.sha256) == (len(SOUND), sha256(SOUND))
    assert "is analysing it now" in status(public, shared)
    address = received.fields["recordingUrl"]
    base, secret, _ = address.rsplit("/", 2)
    assert base == f"{public.settings.public_url}/recordings"
    assert len(secret) >= 43  # 256 bits
    async with aiohttp.ClientSession() as session:

        async def answer(url: str) -> tuple[int, bytes]:
            async with session.get(url) as response:
                types.append(response.content_type)
                return response.status, await response.read()

        types: list[str] = []
        assert await answer(address) == (200, SOUND)
        assert types[0] in ("audio/wav", "audio/x-wav")
        assert (await answer(address.replace(secret, secret[:-1] + ("A" if secret[-1] != "A" else "B"))))[0] == 404
        assert (await answer(address.replace(secret, "x")))[0] == 404
        await public.clock.advance(86_400)
        assert (await answer(address))[0] == 404


async def test_the_address_ends_with_the_upload(public: World) -> None:
    """Once the call is analysed, nobody fetches the recording any more."""
    public.kickscale.analysis_after = 4
    await promised(public, "acme.wav", SOUND)
    assert len(kept_addresses(public)) == 1
    await public.pass_time(60)
    assert kept_addresses(public) == []
    (received,) = public.kickscale.uploads
    async with aiohttp.ClientSession() as session, session.get(received.fields["recordingUrl"]) as response:
        assert response.status == 404


@pytest.mark.parametrize("public_url", ["", "https://bot.example.com"])
async def test_without_a_public_address_the_bot_says_so(tmp_path: Path, public_url: str) -> None:
    """If the API fetches recordings and the bot can't be reached, the message names the settings."""
    async with world(tmp_path, public_url=public_url) as here:
        await take_as(here, UploadForm.URL)
        shared = await here.share("acme.wav", SOUND)
        await here.choose_upload(shared)
        await here.submit_upload_form()
        assert "have no public address" in status(here, shared)
        assert "PUBLIC_URL (and PORT in Socket Mode)" in status(here, shared)
        assert posts(here) == 0


async def test_the_way_may_change_between_two_tries(here: World) -> None:
    """Kickscale's document is read again: uploads that wait are sent in the new way, with the same key."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=60)
    shared = await promised(here, "acme.wav", SOUND)
    await take_as(here, UploadForm.PRESIGNED)
    await until(here, shared, "is analysing it now")
    (received,) = here.kickscale.uploads
    assert received.sha256 == sha256(SOUND)
    assert posts(here, STORAGE) == 1


async def test_an_address_is_used_although_the_way_has_changed(here: World) -> None:
    """The bucket may have the bytes already: sent in the new way, they would be a second call."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    await take_as(here, UploadForm.MULTIPART)
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1
    assert posts(here, STORAGE) == 2
