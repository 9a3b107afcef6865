"""A recording that is shared in a channel becomes a call in Kickscale, from the offer to the summary."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.uploads.recordings.synthesis import wav
from tests.world import world


@pytest.mark.parametrize("over", ["socket", "http"])
async def test_a_recording_becomes_a_call(tmp_path: Path, over: str) -> None:
    """Ten minutes of sound: offered in the thread, asked about, sent, and followed until the summary is there."""
    recording = wav(600)
    now = datetime.now(UTC)  # over HTTP, requests are signed by the real clock
    async with world(tmp_path, over=over, now=now) as here:  # type: ignore[arg-type]
        said = await here.ask("/kickscale uploads on")
        assert "offer to upload" in here.text(said)
        shared = await here.share("2026-11-20 14.30 Pricing with Acme.wav", recording, text="with acme.com")
        (offer,) = here.thread(shared)
        assert "Upload this recording to Kickscale?" in here.text(offer)
        await here.click(offer, "Upload to Kickscale")
        form = here.slack.open_view("robin.rep")
        assert "Pricing with Acme" in here.text(form)
        await here.submit_upload_form()
        (received,) = here.kickscale.uploads
        assert received.size == len(recording)
        assert received.sha256 == hashlib.sha256(recording).hexdigest()
        assert received.fields["customerDomains"] == "acme.com"
        offer, status = here.thread(shared)
        assert "is uploading this recording" in here.text(offer)
        assert "analysing it now" in here.text(status)
        await here.clock.advance(120)
        await here.bot.idle()
        _, status = here.thread(shared)
        assert "has been analysed" in here.text(status)
        await here.click(status, "Details")
        assert "Pricing with Acme" in here.text(here.slack.open_view("robin.rep"))
