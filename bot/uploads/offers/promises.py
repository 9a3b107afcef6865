"""Promise the uploads of an offer's recordings, on somebody's attestation."""

import asyncio
from collections.abc import Iterable

from bot.access.audit import Audit
from bot.clock import Clock
from bot.model.audit import AuditKind
from bot.model.upload_form import Values
from bot.model.uploads import Attestation, KnownRecording, Offer, Upload
from bot.storage.upload_stores import UploadStore
from bot.uploads.offers.book import is_from
from bot.uploads.thread.known import KnownRecordings
from bot.uploads.transfer.queue import UploadQueue


class UploadPromises:
    def __init__(
        self, uploads: UploadStore, audit: Audit, queue: UploadQueue, known: KnownRecordings, clock: Clock
    ) -> None:
        self._uploads = uploads
        self._audit = audit
        self._queue = queue
        self._known = known
        self._clock = clock

    async def promise(
        self, offer: Offer, values: Values, attestation: Attestation, what: str, language: str
    ) -> tuple[KnownRecording, ...]:
        """Write down the uploads of an offer's files, and the attestation, with `what` for the audit log.

        What is said about them is in this `language`.

        If this thread shows all of them already, return them.
        """
        before: list[Upload] = []
        for file, fields in zip(offer.files, values, strict=True):
            upload, is_new = await self._uploads.add(
                Upload(
                    id=0,
                    source=file.id,
                    name=file.name,
                    size=file.size,
                    fields=fields,
                    external_id=f"slack-{file.id}",
                    attestation=attestation,
                    created_at=self._clock.now(),
                    channel=offer.channel,
                    thread_ts=offer.thread_ts,
                    language=language,
                ),
                self._audit.row(AuditKind.ATTESTED, what, by=attestation.by, channel=offer.channel, count=1),
            )
            if is_new:
                await self._queue.promise(upload)
            elif is_from(upload, offer) or not await self._known.promise_link(
                upload, offer.channel, offer.thread_ts, attestation.by, language
            ):
                before.append(upload)
        # A form is acknowledged with this within three seconds, so nobody's membership is asked about.
        return await self.look_up(before, offer.channel) if len(before) == len(offer.files) else ()

    async def look_up(self, uploads: Iterable[Upload], channel: str, user: str = "") -> tuple[KnownRecording, ...]:
        """Return what may be said of these in a channel, or only to `user` there. Raises SlackUnavailable."""
        return tuple(await asyncio.gather(*(self._known.look_up(upload, channel, user) for upload in uploads)))
