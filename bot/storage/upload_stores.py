"""What services may ask of the storage of uploads: one Protocol for each store."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, Unpack

from bot.model.audit import AuditRow
from bot.model.uploads import ChannelUploads, Offer, Upload, UploadChanges, UploadState


class UploadChannelStore(Protocol):
    """What was set for each channel's recordings."""

    async def channel(self, channel: str) -> ChannelUploads:
        """Return what was set; off if nothing was."""
        ...

    async def set_channel(self, setting: ChannelUploads, noted: Iterable[AuditRow]) -> None:
        """Set it, together with audit rows."""
        ...


class OfferStore(Protocol):
    """Which recordings each message has that the bot asked about."""

    async def add_offer(self, offer: Offer) -> tuple[Offer, bool]:
        """Return the offer of this message, and whether it is new.

        The first one is kept, and gets those files that it doesn't have yet.
        """
        ...

    async def offer(self, id: str) -> Offer | None: ...  # noqa: A002

    async def offer_at(self, channel: str, message_ts: str) -> Offer | None:
        """Return the offer of this message."""
        ...

    async def offer_of(self, channel: str, thread_ts: str, file: str) -> Offer | None:
        """Return the offer in this thread that has this file."""
        ...

    async def decline_offer(self, id: str) -> None:  # noqa: A002
        """Record that a person said no."""
        ...

    async def record_offer_message(self, id: str, ts: str) -> None:  # noqa: A002
        """Record which message of the bot asks about it. It is open again, if it was declined before."""
        ...


class UploadStore(Protocol):
    """The state of each upload: one row for each source, written before anything is sent."""

    async def add(self, upload: Upload, noted: AuditRow) -> tuple[Upload, bool]:
        """Return the upload of this source, and whether this call started it; then `noted` is recorded with it.

        One that failed or was cancelled is started again, with the new fields and place and the same external id.
        """
        ...

    async def correct(self, upload: Upload, job: str, noted: AuditRow) -> bool:
        """Give an upload this name, these fields and this attestation.

        False, and nothing is written, if an attempt at the job of this key has begun, or it was started again.
        """
        ...

    async def get(self, id: int) -> Upload | None: ...  # noqa: A002

    async def of_source(self, source: str) -> Upload | None: ...

    async def at_address(self, address: str, now: datetime) -> Upload | None:
        """Return the upload whose recording is served at this address now."""
        ...

    async def change(
        self,
        id: int,  # noqa: A002
        *,
        only: tuple[UploadState, ...] = (),
        of_round: int | None = None,
        **changes: Unpack[UploadChanges],
    ) -> bool:
        """Write these fields; False, and nothing is written, if the upload is in none of the states `only`, or was
        started again since `of_round`.
        """
        ...

    async def expire_addresses(self, now: datetime) -> None:
        """Forget the addresses at which recordings aren't served any more."""
        ...

    async def send_again(self, id: int) -> bool:  # noqa: A002
        """Start it again because a person said so; False if nobody is being asked any more."""
        ...

    async def earlier_of_size(self, upload: Upload) -> list[Upload]:
        """Return other uploads of the same size that are in Kickscale, or come before this one in the queue."""
        ...

    async def of_channel(self, channel: str, count: int) -> list[Upload]:
        """Return a channel's latest uploads, newest first."""
        ...

    async def in_state(self, *states: UploadState) -> list[Upload]:
        """Return all uploads in these states, oldest first."""
        ...

    async def place(self, upload: Upload) -> int:
        """Return how many uploads from Slack come before it in the queue."""
        ...
