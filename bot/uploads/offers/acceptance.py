"""What people answer to an offer: the form, with the attestation, or no."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.access.gate import Access
from bot.clock import Clock
from bot.errors import GoneError, RecordingRefused
from bot.forms.upload import ask, people
from bot.kickscale.binding import operations
from bot.model.access import Capability
from bot.model.people import Person, Viewer
from bot.model.upload_form import UploadForm, Values
from bot.model.uploads import Attestation, KnownRecording, Upload
from bot.slack.client import Slack
from bot.uploads.offers.book import OfferBook, without
from bot.uploads.offers.edits import OfferEdits
from bot.uploads.offers.prefill import Prefiller
from bot.uploads.offers.promises import UploadPromises
from bot.uploads.operation import CurrentOperation

MOST_ASKED = 10
"""Recordings that one form asks about: Slack limits its blocks. People share no more in one message; apps can."""


class UploadForms:
    """What a person needs to fill in the form of an offer."""

    def __init__(
        self, book: OfferBook, prefiller: Prefiller, access: Access, slack: Slack, operation: CurrentOperation
    ) -> None:
        self._book = book
        self._prefiller = prefiller
        self._access = access
        self._slack = slack
        self._operation = operation

    async def channel(self, offer: str) -> str:
        """Return where it was offered. Raises GoneError."""
        return (await self._book.require(offer)).channel

    async def offer_of(self, upload: Upload) -> str:
        """Return the id of the offer that an upload was promised from. Raises GoneError."""
        return (await self._book.offer_of(upload)).id

    async def form(self, id: str) -> tuple[UploadForm, tuple[RecordingRefused, ...]]:  # noqa: A002
        """Return the form of those recordings of an offer that aren't promised, or of all if there are none.

        With it comes why some can't be uploaded. Raises GoneError, SlackError.
        """
        offer = await self._book.require(id)
        remaining = await self._book.remaining(offer)
        known = await self._prefiller.prefill(remaining if remaining.files else offer)
        return ask(known, MOST_ASKED), known.refused

    async def reading(
        self, offer: str, user: str, entered: Mapping[str, str]
    ) -> tuple[Viewer, operations.Upload, dict[str, str]]:
        """Return who submits a form, the upload's operation, and the email addresses of those who were picked in it.

        Raises AccessDenied, GoneError, KickscaleError, SlackError.
        """
        viewer = await self._access.admit(user, await self.channel(offer), Capability.UPLOAD)
        operation = await self._operation()
        picked = people(operation, entered)
        return viewer, operation, {person: (await self._slack.people.get(person)).email for person in picked}


class Acceptance:
    def __init__(self, book: OfferBook, promises: UploadPromises, edits: OfferEdits, clock: Clock) -> None:
        self._book = book
        self._promises = promises
        self._edits = edits
        self._clock = clock

    async def known(self, id: str, user: str) -> tuple[KnownRecording, ...]:  # noqa: A002
        """Return all of an offer's recordings, as `user` may see them, if all were uploaded before, from any thread.

        Raises GoneError, SlackUnavailable.
        """
        offer = await self._book.require(id)
        uploads = [upload for upload in await self._book.uploads(offer) if not upload.state.can_be_repeated]
        if without(offer, uploads).files:
            return ()
        return await self._promises.look_up(uploads, offer.channel, user)

    async def accept(
        self,
        id: str,  # noqa: A002
        files: Sequence[str],
        values: Values,
        person: Person,
    ) -> tuple[KnownRecording, ...]:
        """Write down the uploads of these files, with the attestation of `person`; they are promised once this returns.

        If this thread shows all of them already, return them. Raises GoneError.
        """
        offer = await self._book.require(id)
        offered = {file.id: file for file in offer.files}
        if not files or not offered.keys() >= set(files):
            raise GoneError("offer", id)
        accepted = replace(offer, files=tuple(offered[file] for file in files))
        attestation = Attestation(person.id, self._clock.now())
        known = await self._promises.promise(accepted, values, attestation, "upload", person.language)
        if not known:
            await self._edits.promise_accepted(offer, person.id, files)
        return known

    async def decline(self, id: str, user: str) -> None:  # noqa: A002
        """Record that `user` doesn't want these uploaded. Raises GoneError, SlackUnavailable."""
        offer = await self._book.require(id)
        promised = await self._book.promised(offer)
        remaining = without(offer, promised)
        if not remaining.files:  # the form was submitted first
            by = promised[0].attestation.by
            await self._edits.show_accepted(offer, by, [upload.source for upload in promised])
            return
        await self._book.decline(offer)
        await self._edits.show_declined(offer, remaining, user)
