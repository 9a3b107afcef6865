"""Uploads, offers and what was set for the recordings of a channel."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.erasure.traces import forget_old_copies
from bot.model.audit import AuditKind
from bot.model.uploads import Attestation, ChannelUploads, Offer, OfferedFile, Upload, UploadMode, UploadState
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.world import audit_row

SECOND = timedelta(seconds=1)
FIELDS = {"customerDomains": "acme.com"}
NEW = Upload(0, "F1", "call.wav", 10, FIELDS, "slack-F1", Attestation("U1", NOW), NOW, channel="C1", thread_ts="1.5")
FILES = (OfferedFile("F1", "a.wav", 10), OfferedFile("F2", "b.wav", 20))
OFFER = Offer("o1", "C1", "1.5", "1.5", "U1", "the call", FILES[:1], NOW)


async def add(stores: Stores, source: str, after: int = 0) -> Upload:
    upload = replace(NEW, source=source, external_id=f"slack-{source}", created_at=NOW + after * SECOND)
    return (await stores.uploads.add(upload, audit_row("upload")))[0]


# ---- channels ------------------------------------------------------------------------------------------------------


async def test_a_channel_is_off_until_it_is_set(stores: Stores) -> None:
    """The last setting counts, and is recorded in the audit."""
    assert await stores.upload_channels.channel("C1") == ChannelUploads("C1")
    for setting in (
        ChannelUploads("C1", UploadMode.AUTO, Attestation("U1", NOW)),
        ChannelUploads("C1", UploadMode.ON),
    ):
        await stores.upload_channels.set_channel(setting, [audit_row("uploads"), audit_row("uploads")])
        assert await stores.upload_channels.channel("C1") == setting
    assert next(head.number for head, _ in await stores.audit.ends() if head.kind is AuditKind.CHANGED) == 4


# ---- offers --------------------------------------------------------------------------------------------------------


async def test_a_message_has_one_offer(stores: Stores) -> None:
    """Slack announces one message more than once: its offer gets the files that it doesn't have yet."""
    assert await stores.offers.add_offer(OFFER) == (OFFER, True)
    both = replace(OFFER, files=FILES)
    assert await stores.offers.add_offer(replace(both, id="o2", text="another")) == (both, False)
    assert await stores.offers.offer("o1") == both
    assert await stores.offers.offer("o2") is None
    assert await stores.offers.offer_at("C1", "1.5") == both
    assert await stores.offers.offer_at("C2", "1.5") is None
    assert await stores.offers.offer_of("C1", "1.5", "F2") == both
    assert await stores.offers.offer_of("C1", "1.5", "F3") is None


async def test_old_offers_and_details_are_forgotten(stores: Stores) -> None:
    """What finds the same recording again stays, and so does an upload that isn't over."""
    for number in range(2):
        await stores.offers.add_offer(
            replace(OFFER, id=f"o{number}", message_ts=f"{number}", created_at=NOW + number * SECOND)
        )
    uploads = [await add(stores, f"F{number}", after=number // 2) for number in range(3)]
    for upload in uploads[1:]:
        await stores.uploads.change(upload.id, state=UploadState.ANALYSED)
    forgotten = await stores.erasures.write(lambda erasables: forget_old_copies(erasables, NOW + SECOND))
    assert forgotten == {"offers": 1, "uploads": 1}
    assert await stores.offers.offer("o0") is None
    assert await stores.offers.offer("o1") is not None
    names = [upload.name for upload in await stores.uploads.of_channel("C1", 9)]
    assert names == ["call.wav", "", "call.wav"]
    bare = await stores.uploads.of_source("F1")
    assert bare is not None
    assert (bare.external_id, bare.fields, bare.attestation) == ("slack-F1", {}, NEW.attestation)


# ---- uploads -------------------------------------------------------------------------------------------------------


async def test_a_recording_is_promised_once(stores: Stores) -> None:
    """The second time, its upload is returned as it is, and nothing is recorded."""
    first, is_new = await stores.uploads.add(NEW, audit_row("upload"))
    assert (first, is_new) == (replace(NEW, id=first.id), True)
    assert await stores.uploads.add(replace(NEW, name="other.wav"), audit_row("upload")) == (first, False)
    assert await stores.uploads.get(first.id) == first
    assert await stores.uploads.of_source("F1") == first
    assert await stores.uploads.of_source("F2") is None
    assert next(head.number for head, _ in await stores.audit.ends() if head.kind is AuditKind.CHANGED) == 1


@pytest.mark.parametrize("state", [UploadState.FAILED, UploadState.CANCELLED])
async def test_a_recording_that_failed_is_promised_again(stores: Stores, state: UploadState) -> None:
    """In another round, with the new details; to Kickscale, it is still the same one."""
    first = await add(stores, "F1")
    await stores.uploads.change(first.id, state=state)
    other = replace(NEW, name="other.wav", external_id="another", thread_ts="2.5")
    again, is_new = await stores.uploads.add(other, audit_row("upload"))
    assert (again, is_new) == (replace(other, id=first.id, external_id="slack-F1", round=1), True)


async def test_a_change_can_depend_on_the_state_and_the_round(stores: Stores) -> None:
    """Otherwise nothing is written."""
    upload = await add(stores, "F1")
    assert not await stores.uploads.change(upload.id, only=(UploadState.SENDING,), call="c1")
    assert not await stores.uploads.change(upload.id, of_round=1, call="c1")
    assert not await stores.uploads.change(upload.id + 1, call="c1")
    assert await stores.uploads.get(upload.id) == upload
    assert await stores.uploads.change(upload.id, only=(UploadState.QUEUED,), of_round=0, call="c1")
    assert await stores.uploads.get(upload.id) == replace(upload, call="c1")


async def test_only_an_upload_that_asks_is_sent_again(stores: Stores) -> None:
    """In another round, and nobody has cancelled it any more."""
    upload = await add(stores, "F1")
    assert not await stores.uploads.send_again(upload.id)
    await stores.uploads.change(upload.id, state=UploadState.ASKING, cancelled_by="U2")
    assert await stores.uploads.send_again(upload.id)
    assert await stores.uploads.get(upload.id) == replace(upload, round=1)


async def test_details_can_be_corrected_until_an_attempt_begins(stores: Stores) -> None:
    """Not in another round, and not once it has ended."""
    upload = await add(stores, "F1")
    corrected = replace(upload, name="other.wav", fields={}, attestation=Attestation("U2", NOW + SECOND))
    assert not await stores.uploads.correct(replace(corrected, round=1), "transfer:1:0", audit_row("upload"))
    assert await stores.uploads.correct(corrected, "transfer:1:0", audit_row("upload"))
    assert await stores.uploads.get(upload.id) == corrected
    await stores.uploads.change(upload.id, state=UploadState.SENT)
    assert not await stores.uploads.correct(corrected, "transfer:1:0", audit_row("upload"))


async def test_an_address_is_served_until_it_ends(stores: Stores) -> None:
    """Nothing is served at no address, and nothing at that of an upload that is over."""
    for number, state in enumerate((UploadState.SENDING, UploadState.FAILED)):
        served = replace(NEW, source=f"F{number}", external_id=f"slack-F{number}")
        served = replace(served, address=f"address{number}", address_until=NOW + SECOND)
        upload, _ = await stores.uploads.add(served, audit_row("upload"))
        await stores.uploads.change(upload.id, state=state)
    found = await stores.uploads.at_address("address0", NOW)
    assert found is not None
    assert found.source == "F0"
    for address, now in (("", NOW), ("address", NOW), ("address0", NOW + SECOND), ("address1", NOW)):
        assert await stores.uploads.at_address(address, now) is None
    await stores.uploads.expire_addresses(NOW)
    assert await stores.uploads.at_address("address0", NOW) is not None
    await stores.uploads.expire_addresses(NOW + SECOND)
    assert await stores.uploads.at_address("address0", NOW) is None


async def test_uploads_wait_in_the_order_of_their_promises(stores: Stores) -> None:
    """Those from Slack in one queue; a recording of the same size that comes before may be the same one."""
    first, second, third = [await add(stores, f"F{number}", after=number) for number in range(3)]
    disk = replace(NEW, source="sha256:0", external_id="disk", channel="", created_at=NOW)
    await stores.uploads.add(disk, audit_row("upload"))
    await stores.uploads.change(second.id, size=11)
    assert [upload.source for upload in await stores.uploads.in_state(UploadState.QUEUED)] == [
        "F0",
        "sha256:0",
        "F1",
        "F2",
    ]
    assert [await stores.uploads.place(upload) for upload in (first, second, third)] == [0, 1, 2]
    assert [upload.source for upload in await stores.uploads.earlier_of_size(third)] == ["F0", "sha256:0"]
    await stores.uploads.change(third.id, state=UploadState.SENT)
    assert [upload.source for upload in await stores.uploads.earlier_of_size(first)] == ["F2"]
    assert [upload.source for upload in await stores.uploads.of_channel("C1", 2)] == ["F2", "F1"]
