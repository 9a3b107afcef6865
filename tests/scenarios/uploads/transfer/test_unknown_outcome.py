"""A recording of which nobody knows whether it arrived: it is looked for, or a person is asked."""

from datetime import timedelta

import pytest

from bot.sandbox.kickscale import Stage, UploadForm
from bot.sandbox.slack import Message
from tests.scenarios.uploads.transfer.steps import (
    SOUND,
    STORAGE,
    UPLOAD,
    hanging,
    kept_addresses,
    offered,
    posts,
    press,
    promised,
    reply_with,
    status,
    submit,
    take_as,
    until,
)
from tests.world import ROBIN, World, call

pytestmark = pytest.mark.usefixtures("no_backoff")


async def unknown(here: World, *, is_stored: bool) -> Message:
    """Share a recording that Kickscale answers with 500, and whose key its calls don't have."""
    here.kickscale.variant.hides_external_id = True
    here.kickscale.add_call(call(1, here.clock.now(), createdAt=here.clock.now().isoformat()))
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED if is_stored else Stage.READ, status=500)
    shared = await promised(here, "acme.wav", SOUND)
    await until(here, shared, "I don't know whether acme.wav arrived")
    return shared


async def test_a_person_says_that_it_is_there(here: World) -> None:
    """The list can't tell, so a person is asked, and nothing is sent until they answer."""
    shared = await unknown(here, is_stored=True)
    await here.pass_time(7_200)
    assert posts(here) == 1
    await here.click(here.thread(shared)[-1], "It's there")
    assert "is analysing it now" in status(here, shared)
    assert posts(here) == 1
    again = await promised(here, "again.wav", SOUND)
    assert "is already in Kickscale" in status(here, again)


async def test_a_person_says_that_it_is_to_be_sent_again(here: World) -> None:
    """So it is, under the same key."""
    shared = await unknown(here, is_stored=False)
    await here.click(here.thread(shared)[-1], "Upload again")
    assert "is analysing it now" in status(here, shared)
    assert (posts(here), len(here.kickscale.uploads)) == (2, 1)
    assert here.kickscale.uploads[0].fields["externalCallId"] == f"slack-{shared.files[0]}"


async def test_without_a_key_a_person_is_asked_at_once(here: World) -> None:
    """The API doesn't accept our key, so its list of calls can't tell, and isn't searched."""
    here.kickscale.variant.takes_external_id = False
    await here.restart()
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    await here.pass_time(10)
    assert "I don't know whether acme.wav arrived" in status(here, shared)
    assert not here.kickscale.requests.on("/calls", "GET")
    assert "externalCallId" not in here.kickscale.uploads[0].fields
    await here.click(here.thread(shared)[-1], "It's there")
    assert posts(here) == 1


@pytest.mark.parametrize(
    ("stage", "end"), [(Stage.READ, "@Robin Rep cancelled the upload"), (Stage.STORED, "is analysing it now")]
)
async def test_cancelled_while_it_is_found_out_whether_it_arrived(here: World, stage: Stage, end: str) -> None:
    """The message says at once that it is being cancelled, and later how it ended."""
    here.kickscale.faults.add(UPLOAD, stage=stage, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    assert "checking whether it arrived" in status(here, shared)
    await here.click(here.thread(shared)[-1], "Cancel")
    said = status(here, shared)
    assert "Cancelling acme.wav, as @Robin Rep asked" in said
    assert "[Cancel]" not in said
    await here.pass_time(5)
    await until(here, shared, end)
    assert len(here.kickscale.uploads) == (stage is Stage.STORED)


async def test_sent_again_although_it_had_been_cancelled(here: World) -> None:
    """The person who pressed *Cancel* was too late; the later answer counts."""
    here.kickscale.variant.hides_external_id = True
    here.kickscale.add_call(call(1, here.clock.now(), createdAt=here.clock.now().isoformat()))
    here.kickscale.faults.add(UPLOAD, stage=Stage.READ, hang=True)
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, broken=True)
    shared = await offered(here, "acme.wav", SOUND)
    await submit(here)
    await reply_with(here, shared, "Cancel")
    await hanging(here)
    await press(here, shared, "Cancel")
    await here.clock.advance(3)
    here.kickscale.release()
    await until(here, shared, "I don't know whether")
    here.kickscale.clear()
    here.kickscale.uploads.clear()
    await here.click(here.thread(shared)[-1], "Upload again")
    assert "is analysing it now" in status(here, shared)
    assert len(here.kickscale.uploads) == 1


async def test_the_same_bytes_wait_for_the_person_that_is_asked(here: World) -> None:
    """They may be in Kickscale: that depends on the person's answer."""
    await unknown(here, is_stored=True)
    again = await promised(here, "again.wav", SOUND)
    assert "is waiting for another upload" in status(here, again)
    assert posts(here) == 1
    await here.clock.jump(here.clock.now() + timedelta(days=1))
    said = await until(here, again, "couldn't upload")
    assert "It may be the same recording as an earlier upload" in said
    assert posts(here) == 1


async def test_if_the_list_can_not_be_read_a_person_is_asked_in_the_end(here: World) -> None:
    """Nothing is sent blindly, not even after hours."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, status=500)
    shared = await offered(here, "acme.wav", SOUND)
    here.kickscale.faults.add("/calls", status=503, times=10_000)
    await here.submit_upload_form()
    await until(here, shared, "I don't know whether acme.wav arrived", hours=8)
    assert posts(here) == 1


async def test_a_recording_in_a_bucket_is_found_although_its_address_expired(here: World) -> None:
    """It stored the bytes without saying so, and refuses them later: the list of calls can tell."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    here.kickscale.faults.add(STORAGE, status=503, times=8)
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1
    assert posts(here) == 1


async def test_a_recording_in_a_bucket_is_found_although_the_source_is_deleted(here: World) -> None:
    """It can't be put there again, and doesn't have to be."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    here.slack.delete_file(ROBIN, shared.files[0])
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("is_stored", [True, False])
async def test_after_cancel_the_list_is_searched_for_a_recording_in_a_bucket(here: World, *, is_stored: bool) -> None:
    """A recording that may have arrived isn't called cancelled until it is certain that it didn't."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED if is_stored else Stage.READ, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    await here.click(here.thread(shared)[-1], "Cancel")
    await until(here, shared, "is analysing it now" if is_stored else "@Robin Rep cancelled the upload")
    assert len(here.kickscale.uploads) == is_stored
    assert kept_addresses(here) == []


async def test_an_address_that_expired_is_requested_again(here: World) -> None:
    """Nothing was put there, so the bytes go to a new one."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, status=429, retry_after=1_800)
    shared = await promised(here, "acme.wav", SOUND)
    await until(here, shared, "is analysing it now")
    assert (posts(here), posts(here, STORAGE)) == (2, 3)
    assert len(here.kickscale.uploads) == 1
