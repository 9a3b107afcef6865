"""Edits of an upload's message: one at a time, and never progress over how it ended."""

import asyncio
import logging
from collections.abc import Callable
from weakref import WeakValueDictionary

from bot.errors import SlackError, SlackUnavailable
from bot.model.conversation import Conversation
from bot.model.uploads import Progress, Upload, UploadState
from bot.slack.client import Slack
from bot.slack.failures import may_pass
from bot.storage.upload_stores import UploadStore
from bot.tools.background import BackgroundTasks
from bot.uploads.thread.composing import UploadComposer
from bot.uploads.thread.notifications import Notifications
from bot.uploads.thread.places import QueuePlaces
from bot.uploads.thread.summaries import Summaries

log = logging.getLogger(__name__)

QUEUE_SHOWN = 10
"""How many waiting uploads show their new place when one has ended."""


class MessageEdits:
    def __init__(
        self, slack: Slack, composer: UploadComposer, summaries: Summaries, notifications: Notifications
    ) -> None:
        self._slack = slack
        self._composer = composer
        self._summaries = summaries
        self._notifications = notifications
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def turn(self, id_: int) -> asyncio.Lock:
        """Return the lock for edits of one upload's message: Slack may apply two of them in the wrong order."""
        return self._turns.setdefault(id_, asyncio.Lock())

    async def edit(
        self, upload: Upload, progress: Progress | None = None, conversation: Conversation | None = None
    ) -> None:
        """Edit the message, in its turn. If Slack refuses that, the person who uploaded it is told how it ended.

        Raises SlackUnavailable.
        """
        try:
            if conversation is not None:
                conversation = await self._summaries.for_channel(upload, conversation)
            payload = await self._composer.compose(upload, progress, conversation)
            await self._slack.messages.edit(upload.channel, upload.message_ts, payload)
        except SlackError as exc:
            if may_pass(exc):
                raise SlackUnavailable(exc.code) from exc
            log.warning("the message of upload %d can't be edited (%s)", upload.id, exc.code)
            if exc.code != "message_not_found":
                await self._notifications.promise_ending(upload)


class ProgressEdits:
    """Shows progress without making an upload wait: a `bot.uploads.transfer.record.ProgressDisplay`."""

    def __init__(
        self, uploads: UploadStore, edits: MessageEdits, places: QueuePlaces, background: BackgroundTasks
    ) -> None:
        self._uploads = uploads
        self._edits = edits
        self._places = places
        self._background = background
        self._next: dict[int, Callable[[], Progress] | None] = {}
        """For each upload whose message is being edited: what to show next."""
        self._unposted: dict[int, Callable[[], Progress]] = {}
        """For each upload whose message isn't posted yet: what it is to show. An upload may then wait for long."""

    def tick(self, upload: Upload, progress: Callable[[], Progress]) -> None:
        """Edit the message in the background, or as soon as an edit under way is done, or the message is posted."""
        is_busy = upload.id in self._next
        self._next[upload.id] = progress
        if not is_busy:
            self._background.spawn(self._show_all(upload.id))

    def take_unposted(self, id_: int) -> Callable[[], Progress] | None:
        """Return, once, what is to be shown in a message that wasn't posted before."""
        return self._unposted.pop(id_, None)

    async def show_queue(self) -> None:
        """Show the first of those that wait their new place."""
        queued = [upload for upload in await self._uploads.in_state(UploadState.QUEUED) if upload.channel]
        for upload in queued[:QUEUE_SHOWN]:
            waiting = await self._places.of(upload)
            if waiting is not None and waiting.place:
                self.tick(upload, lambda waiting=waiting: waiting)  # type: ignore[misc]

    async def _show_all(self, id_: int) -> None:
        try:
            while (progress := self._next[id_]) is not None:
                self._next[id_] = None
                try:
                    await self._show(id_, progress)
                except SlackUnavailable as exc:
                    log.info("the progress of upload %d can't be shown (%s)", id_, exc.code)
        finally:
            del self._next[id_]

    async def _show(self, id_: int, progress: Callable[[], Progress]) -> None:
        """Show the progress, unless the upload has ended in the meantime."""
        async with self._edits.turn(id_):
            upload = await self._uploads.get(id_)
            if upload is None or not upload.state.is_under_way:
                return
            if upload.message_ts:
                await self._edits.edit(upload, progress())
            else:
                self._unposted[id_] = progress
