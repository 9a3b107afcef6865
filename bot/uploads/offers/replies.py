"""What people hear in place of an offer: those who mentioned the bot, or else those who shared the files."""

from collections.abc import Sequence
from typing import Any

from bot.errors import RecordingRefused
from bot.jobs.outbox import Outbox
from bot.model.job import Job
from bot.model.uploads import KnownRecording
from bot.render.errors import error_message
from bot.render.uploads.offers import nothing_message, refused_message
from bot.render.uploads.progress import known_messages
from bot.slack.client import Slack
from bot.texts import Texts, texts_for
from bot.uploads.offers.inspection import RefusedFile
from bot.uploads.offers.intake import Shared
from bot.uploads.offers.mentions import Mentions
from bot.uploads.offers.refusals import Refusals


class Replies:
    def __init__(self, mentions: Mentions, refusals: Refusals, slack: Slack, outbox: Outbox) -> None:
        self._mentions = mentions
        self._refusals = refusals
        self._slack = slack
        self._outbox = outbox

    async def say_refused(self, shared: Shared, refused: Sequence[RefusedFile], *, is_nothing_left: bool) -> None:
        """Say why some files can't be uploaded. Raises SlackUnavailable."""
        message = shared.read()
        if not shared.asked_by:
            if not await self._mentions.is_in(message):  # a mention has a job and an answer of its own
                await self._refusals.promise(message, refused)
        elif refused:
            why: list[RecordingRefused] = [refusal.why for refusal in refused]
            await self._mentions.answer(message, shared.asked_by, refused_message(await self._texts_for(shared), *why))
        elif is_nothing_left:
            await self._mentions.answer(message, shared.asked_by, nothing_message(await self._texts_for(shared)))

    async def say_known(self, shared: Shared, known: Sequence[KnownRecording]) -> None:
        """Say that all recordings were uploaded before. Raises SlackUnavailable."""
        await self._mentions.answer(
            shared.read(), shared.asked_by, known_messages(await self._texts_for(shared), known)
        )

    async def say_denied(self, job: Job[Shared, Any], exc: BaseException) -> None:
        """Say that the person who mentioned the bot may not upload. Raises SlackUnavailable."""
        shared = job.payload
        await self._mentions.answer(
            shared.read(), shared.asked_by, error_message(await self._texts_for(shared), exc, job.reference)
        )

    async def tell_failure(self, job: Job[Shared, Any], exc: BaseException) -> None:
        """Tell the person who mentioned the bot, or who shared something that claims to be a recording."""
        shared = job.payload
        if shared.asked_by:
            await self._outbox.notify(shared.asked_by, error_message(await self._texts_for(shared), exc, job.reference))
        elif not await self._mentions.is_in(message := shared.read()):
            await self._refusals.promise_unread(message, exc)

    async def _texts_for(self, shared: Shared) -> Texts:
        return texts_for(await self._slack.people.find(shared.asked_by))
