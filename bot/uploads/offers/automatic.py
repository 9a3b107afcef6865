"""Upload without asking, in channels that somebody attested for as a whole."""

from bot.access.gate import Access
from bot.errors import AccessDenied
from bot.forms.upload import unasked
from bot.model.access import Capability
from bot.model.upload_form import Values
from bot.model.uploads import Attestation, Offer, UploadMode
from bot.uploads.offers.book import OfferBook, is_from, posted_at, without
from bot.uploads.offers.channels import UploadChannels
from bot.uploads.offers.prefill import Prefiller
from bot.uploads.offers.promises import UploadPromises


class AutomaticUploads:
    def __init__(
        self,
        channels: UploadChannels,
        book: OfferBook,
        access: Access,
        prefiller: Prefiller,
        promises: UploadPromises,
    ) -> None:
        self._channels = channels
        self._book = book
        self._access = access
        self._prefiller = prefiller
        self._promises = promises

    async def find_attestation(self, offer: Offer) -> Attestation | None:
        """Return the attestation for the channel, if it covers the offer: it counts for what is shared from then on."""
        setting = await self._channels.get(offer.channel)
        attested = setting.attestation
        if setting.mode is not UploadMode.AUTO or attested is None or posted_at(offer) < attested.at:
            return None
        return attested

    async def find_remaining(self, offer: Offer, *, has_begun: bool) -> Offer | None:
        """Return the offer with those files that aren't promised; None if a person has to be asked.

        Recordings that failed or were cancelled here are for a person to try again; but if the uploads had begun to be
        promised (`has_begun`) before a kill, nobody has asked for that.
        """
        before = [upload for upload in await self._book.uploads(offer) if is_from(upload, offer)]
        if not has_begun and any(upload.state.can_be_repeated for upload in before):
            return None
        return without(offer, before)

    async def fill_in(self, offer: Offer, attested: Attestation) -> Values | None:
        """Return the fields of each recording; None if a person has to be asked.

        Raises AccessUndecided, SlackError.
        """
        try:
            for user in (offer.shared_by, attested.by):
                await self._access.admit(user, offer.channel, Capability.UPLOAD)
        except AccessDenied:
            return None
        known = await self._prefiller.prefill(offer)
        values, errors = unasked(known.operation, known.recordings, known.common)
        return None if known.refused or errors else values

    async def promise(self, offer: Offer, values: Values, attested: Attestation) -> None:
        await self._promises.promise(offer, values, attested, "upload unasked", offer.language)
