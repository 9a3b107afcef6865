"""Which files of a message are recordings that can be uploaded, and why the others can't be."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import RecordingRefused, SlackError, SlackUnavailable
from bot.model.uploads import Offer, OfferedFile, SharedMessage, SlackFile
from bot.slack.client import Slack
from bot.uploads.offers.book import OfferBook
from bot.uploads.operation import CurrentOperation
from bot.uploads.sources import Sources, may_be_recording, require_accepted


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that can't be uploaded, and why."""

    file: SlackFile
    why: RecordingRefused


class Inspection:
    def __init__(self, slack: Slack, sources: Sources, book: OfferBook, operation: CurrentOperation) -> None:
        self._slack = slack
        self._sources = sources
        self._book = book
        self._operation = operation

    async def split(self, message: SharedMessage, *, is_asked: bool) -> tuple[list[SlackFile], list[RefusedFile]]:
        """Return the recordings among a message's files, and those that can't be uploaded. Raises SlackError.

        Their bytes decide, and what the API accepts. Unless a person asked, a file that Slack calls neither audio nor
        video isn't read at all.
        """
        operation = await self._operation()
        recordings: list[SlackFile] = []
        refused: list[RefusedFile] = []
        offer = await self._book.at(message.channel, message.ts)
        # Slack gives no name for a file that was deleted or is hidden.
        names = {file.id: file.name for file in offer.files} if offer else {}
        for shared in message.files:
            file = shared
            try:
                file = await self._slack.files.get(shared.id)
                if not is_asked and not may_be_recording(file):
                    continue
                await require_accepted(operation, self._sources.of_file(file))
            except RecordingRefused as exc:
                name = names.get(shared.id) or shared.name or exc.name
                refused.append(RefusedFile(file, RecordingRefused(exc.reason, name, exc.values)))
            else:
                recordings.append(file)
        return recordings, refused

    async def why_left_out(self, offer: Offer, files: Sequence[OfferedFile]) -> list[RecordingRefused]:
        """Return why these aren't uploaded with the rest of their offer. Raises SlackUnavailable.

        One that could be uploaded wasn't asked about: it was on its way or couldn't be read then, or was one too many.
        """
        why: list[RecordingRefused] = []
        for file in files:
            single = SharedMessage(
                offer.channel,
                offer.message_ts,
                offer.thread_ts,
                offer.shared_by,
                files=(SlackFile(file.id, file.name, file.size),),
            )
            try:
                _, refused = await self.split(single, is_asked=True)
            except SlackUnavailable:
                raise
            except SlackError:
                refused = []
            why += [refusal.why for refusal in refused] or [RecordingRefused("not_asked", file.name)]
        return why
