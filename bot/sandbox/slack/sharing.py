"""What people do with files: share them, share them again, mention the bot next to them, delete them."""

import asyncio
import zlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Literal

from bot.sandbox.slack import shapes
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.refusals import Refused
from bot.sandbox.slack.state import Channel, File, Message, Mode, Share, State, User
from bot.sandbox.slack.synthetic import Synthetic

Subtype = Literal["", "slack_audio", "slack_video"]
FILE_EVENTS = ("file_share", "file_shared")


class Sharing:
    def __init__(self, state: State, events: Events) -> None:
        self._state = state
        self._events = events

    def add(
        self,
        user: User,
        name: str,
        content: bytes | int,
        *,
        mode: Mode = "hosted",
        subtype: Subtype = "",
        duration_ms: int = 0,
        needs_info: bool = False,
    ) -> File:
        """Add a person's file that isn't shared yet. A number makes that many bytes, which depend on `name`."""
        state = self._state
        id_ = state.new_id("F")
        is_made = isinstance(content, int)
        file = File(
            id_,
            name,
            name,
            user.id,
            content if isinstance(content, int) else len(content),
            int(state.clock.now().timestamp()),
            None if isinstance(content, int) else content,
            is_complete=True,
            mode=mode,
            external_url=f"https://drive.example.com/{id_}" if mode == "external" else "",
            subtype=subtype,
            duration_ms=duration_ms,
            needs_info=needs_info,
        )
        if is_made:
            seed = zlib.crc32(name.encode("utf-8", "surrogatepass"))
            file = replace(file, synthetic=Synthetic(file.size, seed, name.lower().endswith(".wav")))
        state.files[id_] = file
        return file

    async def share(
        self,
        user: User,
        channel: Channel,
        files: Sequence[File],
        text: str,
        thread_ts: str,
        *,
        events: Collection[str] = FILE_EVENTS,
        repeats: int = 1,
        again: int = 0,
    ) -> Message:
        """Post a message with these files (or none) in a channel, and send the app those of `events` that it may get.

        With a mention there is also `app_mention`. Raises ValueError if the person can't write there.
        """
        message = self._post(user, channel, files, text, thread_ts)
        to_tell = [self._message_event(message)] if "file_share" in events else []
        if "file_shared" in events:
            to_tell += [self._file_event(file, message) for file in files]
        if "app_mention" in events:
            to_tell.append(self._mention_event(message))
        # At the same time, like Slack: their order is not defined.
        await asyncio.gather(*(self._events.tell(event, repeats=repeats, again=again) for event in to_tell))
        return message

    def _post(
        self,
        user: User,
        channel: Channel,
        files: Sequence[File],
        text: str,
        thread_ts: str,
        *,
        attachments: tuple[dict[str, Any], ...] = (),
    ) -> Message:
        state = self._state
        if user.id not in channel.members:
            where = channel.name or channel.id
            raise Refused("member", f"{user.name} isn't a member of {where}.", user=user.name, channel=where)
        if channel.is_archived:
            raise Refused("archived", f"{channel.name} is archived.", channel=channel.name)
        if thread_ts and state.message(channel.id, thread_ts) is None:
            raise ValueError(f"There is no message {thread_ts} in {channel.name or channel.id}.")
        ts = state.new_ts()
        for file in files:
            share = Share(channel.id, ts, thread_ts)
            state.files[file.id] = replace(file, shares=(*file.shares, share))
        return state.post(
            Message(
                channel.id,
                ts,
                text,
                user.id,
                state.bot_id if user.id == state.bot_user else "",
                attachments=attachments,
                thread_ts=thread_ts,
                files=tuple(file.id for file in files),
                subtype="file_share" if files else "",
            )
        )

    async def share_again(self, user: User, file_id: str, channel: Channel, text: str, thread_ts: str) -> Message:
        """Share an existing file in one more channel. Raises LookupError if this person doesn't see it."""
        file = self._state.files.get(file_id)
        if file is None or not self._is_seen(file, user):
            raise LookupError(f"{user.name} can't see the file {file_id}.")
        return await self.share(user, channel, [file], text, thread_ts)

    async def forward(
        self, user: User, message: Message, channel: Channel, text: str, thread_ts: str, *, mention: bool
    ) -> Message:
        """Share a message in one more channel. Its files still belong to where they were shared."""
        shape = shapes.message(self._state, message)
        forwarded = {
            "is_share": True,
            "channel_id": message.channel,
            "author_id": message.user,
            "ts": message.ts,
            "text": message.text,
            "files": shape.get("files", []),
        }
        posted = self._post(user, channel, (), text, thread_ts, attachments=(forwarded,))
        if mention:
            await self._events.tell(self._mention_event(posted))
        return posted

    def _is_seen(self, file: File, user: User) -> bool:
        where = (self._state.channels[share.channel] for share in file.shares)
        return file.mode != "tombstone" and (
            file.user == user.id or any(user.id in channel.members for channel in where)
        )

    def delete(self, user: User, file_id: str) -> None:
        """Delete a file everywhere. Messages keep a tombstone of it.

        Raises LookupError if there is no such file, and ValueError if it isn't this person's.
        """
        file = self._state.files.get(file_id)
        if file is None or file.mode == "tombstone":
            raise LookupError(f"There is no file {file_id}.")
        if user.id != file.user and not user.is_admin:
            raise ValueError(f"{file.name} doesn't belong to {user.name}.")
        self._state.bury(file)

    # ---- events ------------------------------------------------------------------------------------------------------

    def _message_event(self, message: Message) -> dict[str, Any]:
        """https://docs.slack.dev/reference/events/message/file_share ; without files it is a plain message."""
        channel = self._state.channels[message.channel]
        kinds = {"channels": "channel", "groups": "group", "im": "im"}
        event = {
            **shapes.message(self._state, message),
            "channel": channel.id,
            "channel_type": kinds[channel.kind],
            "event_ts": message.ts,
        }
        return event | ({"upload": False, "display_as_bot": False} if message.files else {})

    def _file_event(self, file: File, message: Message) -> dict[str, Any]:
        """https://docs.slack.dev/reference/events/file_shared : only ids."""
        return {
            "type": "file_shared",
            "file_id": file.id,
            "user_id": message.user,
            "file": {"id": file.id},
            "channel_id": message.channel,
        }

    def _mention_event(self, message: Message) -> dict[str, Any]:
        """https://docs.slack.dev/reference/events/app_mention"""
        shape = shapes.message(self._state, message)
        shape.pop("subtype", None)
        return {**shape, "type": "app_mention", "channel": message.channel, "event_ts": message.ts}
