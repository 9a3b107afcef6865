"""People who mention the bot with recordings, or below them: which message they mean, and what they hear."""

import logging

from bot.access.gate import Access
from bot.errors import SlackError, SlackUnavailable
from bot.model.access import Capability
from bot.model.uploads import SharedMessage
from bot.render.kit.limits import Payload
from bot.slack.client import Slack
from bot.uploads.sources import may_be_recording

log = logging.getLogger(__name__)


class Mentions:
    def __init__(self, slack: Slack, access: Access) -> None:
        self._slack = slack
        self._access = access

    async def is_in(self, message: SharedMessage) -> bool:
        """Return whether a message mentions the bot. Raises SlackError."""
        return f"<@{(await self._slack.auth.identity()).user}>" in message.text

    async def find_meant(self, message: SharedMessage, user: str) -> SharedMessage:
        """Return the message whose recordings `user` means: the mention's own, or else one above it in its thread.

        That is the latest one with recordings, or else the one that the thread begins with. Raises AccessDenied,
        AccessUndecided, SlackError.
        """
        await self._access.admit(user, message.channel, Capability.UPLOAD)
        if message.files or message.thread_ts == message.ts:
            return message
        above = await self._slack.messages.get_thread(message.channel, message.thread_ts, message.ts)
        first = next((shared for shared in above if shared.ts == message.thread_ts), None)
        with_recordings = (shared for shared in above if any(map(may_be_recording, shared.files)))
        return max(with_recordings, key=lambda shared: shared.ts, default=first) or message

    async def answer(self, message: SharedMessage, user: str, payload: Payload) -> None:
        """Tell `user`, who mentioned the bot, something there that only they see. Raises SlackUnavailable."""
        # In a thread that nobody has opened yet, only a person who opens it would see the answer.
        thread_ts = message.thread_ts if message.thread_ts != message.ts else ""
        try:
            await self._slack.messages.post_ephemeral(message.channel, user, payload, thread_ts=thread_ts)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            log.warning("a person couldn't be told about a file (%s)", exc.code)
