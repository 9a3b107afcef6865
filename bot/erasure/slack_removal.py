"""Removes the bot's own messages from Slack."""

from datetime import timedelta

from bot.clock import Clock
from bot.errors import RecordingRefused, SlackError, SlackUnavailable
from bot.model.messages import Posted
from bot.render.kit.blocks import section
from bot.render.kit.limits import Payload, message
from bot.slack.client import Slack
from bot.storage.stores import SubscriptionStore
from bot.texts import Texts, texts_in
from bot.texts.languages import DEFAULT
from bot.tools.backoff import Backoff

EVENT_TYPE = "kickscale_erased"
OUTAGE = timedelta(minutes=30)
"""How long Slack may fail to answer before the rest is left to another run."""
PAUSES = Backoff(first=1.0, longest=60.0)


class SlackRemoval:
    def __init__(self, slack: Slack, subscriptions: SubscriptionStore, clock: Clock) -> None:
        self._slack = slack
        self._subscriptions = subscriptions
        self._clock = clock

    async def remove(self, posted: Posted) -> bool:
        """Delete a message, with its file; return False if Slack only let its text be replaced.

        Waits for as long as Slack is busy, and up to half an hour if it doesn't answer. Raises SlackError.
        """
        give_up = self._clock.elapsed() + OUTAGE
        attempt = 1
        while True:
            try:
                if posted.file:
                    return await self._remove_file(posted)
                return await self._delete_or_blank(posted, posted.ts)
            except SlackUnavailable as exc:
                if exc.code != "ratelimited" and self._clock.elapsed() >= give_up:
                    raise
            await self._clock.sleep(PAUSES.pause(attempt))
            attempt += 1

    async def _remove_file(self, posted: Posted) -> bool:
        """Remove the message first: the file may be all that leads to it."""
        ts = posted.ts
        try:
            ts = ts or (await self._slack.files.get(posted.file)).messages.get(posted.channel, "")
        except RecordingRefused:  # somebody removed it, or an earlier run did
            return True
        is_deleted = await self._delete_or_blank(posted, ts) if ts else True
        await self._slack.files.delete(posted.file)
        if not ts:
            raise SlackError("file_not_shared")
        return is_deleted

    async def _delete_or_blank(self, posted: Posted, ts: str) -> bool:
        try:
            await self._slack.messages.delete(posted.channel, ts)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            try:
                await self._slack.messages.edit(posted.channel, ts, _blank(await self._texts_of(posted)))
            except SlackUnavailable:
                raise
            except SlackError:
                raise exc from None
            return False
        return True

    async def _texts_of(self, posted: Posted) -> Texts:
        """Return the texts in the language that the message was in: of its subscription, or of who it is from."""
        if subscription := await self._subscriptions.get(posted.by):
            return texts_in(subscription.language)
        person = await self._slack.people.find(posted.by) if posted.by else None
        return texts_in(person.language if person else DEFAULT)


def _blank(texts: Texts) -> Payload:
    text = texts("erased.message")
    return {
        **message(text, [section(text)]),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": "erased"}},
    }
