"""From a recording that was shared to an upload that is promised: offer it, ask about it, write down the answer."""

import asyncio
import logging
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot import domains
from bot.access import Access, Wish
from bot.clock import Clock
from bot.errors import AccessDenied, BotError, GoneError, RecordingRefused, SlackError, SlackUnavailable
from bot.jobs import Jobs, Note, Retry, reference
from bot.models import (
    Attestation,
    ChannelUploads,
    Job,
    Offer,
    OfferedFile,
    Person,
    Posted,
    SharedMessage,
    SlackFile,
    Upload,
    UploadMode,
    UploadState,
)
from bot.recordings.names import from_name
from bot.recordings.sniff import recognised
from bot.recordings.tags import Tags, read_tags
from bot.render.errors import error_message
from bot.render.limits import Payload
from bot.render.offers import accepted_message, declined_message, nothing_message, offer_message, refused_message
from bot.slack import Slack
from bot.sources import TAIL, Sources, may_be_recording, require_bytes
from bot.storage import Database
from bot.texts import Texts
from bot.transfer import Transfers
from bot.upload_form import Form, Known, Shared, Values, unasked
from bot.upload_messages import UploadMessages
from bot.zones import zone_of

log = logging.getLogger(__name__)

EVENT_TYPE = "kickscale_offer"
OFFER = "offer"
BACKSTOP = "file_shared"
BACKSTOP_AFTER = 10.0
"""Seconds that the message event, which tells more, has to come first."""
ATTEMPTS = 8
LATEST = 10

_WORD = re.compile(r"<[^<>]*>|[^\s<>,;()\[\]]+")


class Offers:
    def __init__(
        self,
        *,
        jobs: Jobs,
        database: Database,
        slack: Slack,
        sources: Sources,
        access: Access,
        transfers: Transfers,
        messages: UploadMessages,
        clock: Clock,
        texts: Texts,
        default_timezone: str,
    ) -> None:
        self._jobs = jobs
        self._rows = database.uploads
        self._ledger = database.ledger
        self._slack = slack
        self._sources = sources
        self._access = access
        self._transfers = transfers
        self._messages = messages
        self._clock = clock
        self._texts = texts
        self._default_timezone = default_timezone
        jobs.register(OFFER, self._offer)
        jobs.register(BACKSTOP, self._backstop)

    # ---- channels ----------------------------------------------------------------------------------------------------

    async def setting(self, channel: str) -> ChannelUploads:
        return await self._rows.channel(channel)

    async def set_channel(self, channel: str, mode: UploadMode, attested_by: str = "") -> ChannelUploads:
        """`auto` takes the user who attested for the channel."""
        attestation = Attestation(attested_by, self._clock.now()) if mode is UploadMode.AUTO else None
        setting = ChannelUploads(channel, mode, attestation)
        await self._rows.set_channel(setting)
        return setting

    async def latest(self, channel: str) -> tuple[list[Upload], dict[int, int]]:
        """The channel's last uploads, and how many are before those that wait."""
        uploads = await self._rows.of_channel(channel, LATEST)
        waiting = [(each.id, await self._messages.waiting(each)) for each in uploads]
        return uploads, {id_: progress.place for id_, progress in waiting if progress is not None}

    # ---- what is shared ----------------------------------------------------------------------------------------------

    async def shared(self, message: SharedMessage, asked_by: str = "") -> None:
        """Somebody shared files, or (`asked_by`) mentioned the bot with them: an offer follows where there is cause."""
        if not asked_by:
            if not any(may_be_recording(file) for file in message.files):
                return
            if (await self._rows.channel(message.channel)).mode is UploadMode.OFF:
                return
        payload = {
            "channel": message.channel,
            "ts": message.ts,
            "thread_ts": message.thread_ts,
            "user": message.user,
            "text": message.text,
            "files": [file.id for file in message.files],
            "asked_by": asked_by,
        }
        await self._jobs.add(OFFER, f"{OFFER}:{message.channel}:{message.ts}:{asked_by}", payload)

    async def file_shared(self, file: str, channel: str) -> None:
        """Slack's second word of a shared file, in case that the first one never comes."""
        if (await self._rows.channel(channel)).mode is not UploadMode.OFF:
            await self._jobs.add(BACKSTOP, f"{BACKSTOP}:{channel}:{file}", {"file": file, "channel": channel})

    async def _backstop(self, job: Job, _note: Note) -> None:
        if job.attempts == 1:
            raise Retry(after=BACKSTOP_AFTER)
        channel = job.payload["channel"]
        try:
            file = await self._slack.file(job.payload["file"])
            ts, thread_ts = file.messages.get(channel, ""), file.threads.get(channel, "")
            if not ts or not may_be_recording(file) or await self._rows.offer_at(channel, ts) is not None:
                return
            message = await self._slack.message(channel, ts, thread_ts)
        except SlackUnavailable as exc:
            raise _again(job, exc) from exc
        except RecordingRefused:
            return
        await self.shared(message or SharedMessage(channel, ts, thread_ts, file.user, files=(file,)))

    async def _offer(self, job: Job, note: Note) -> None:
        try:
            message = await self._message(job)
            if message is None:
                return
            asked_by = job.payload["asked_by"]
            recordings, refused = await self._split(file.id for file in message.files)
            if asked_by and (refused or not recordings):
                payload = refused_message(self._texts, *refused) if refused else nothing_message(self._texts)
                await self._tell(asked_by, message, payload)
            if not recordings:
                return
            offer = await self.offer_of(replace(message, files=tuple(recordings)))
            setting = await self._rows.channel(offer.channel)
            if setting.mode is UploadMode.AUTO and setting.attestation and await self._unasked(offer, setting):
                return
            if not offer.posted_ts or offer.message_ts != job.payload["ts"]:
                await self._post(job, note, offer)
        except SlackUnavailable as exc:
            raise _again(job, exc) from exc

    async def _message(self, job: Job) -> SharedMessage | None:
        """The message of the files; where the bot is mentioned below a recording, the one above.

        None where whoever mentioned it may not upload, and is told.
        """
        told = job.payload
        message = SharedMessage(
            channel=told["channel"],
            ts=told["ts"],
            thread_ts=told["thread_ts"],
            user=told["user"],
            text=told["text"],
            files=tuple(SlackFile(id_, "", 0) for id_ in told["files"]),
        )
        if told["asked_by"]:
            try:
                await self._access.admit(told["asked_by"], message.channel, Wish.UPLOAD)
            except AccessDenied as exc:
                await self._tell(told["asked_by"], message, error_message(self._texts, exc, reference(job)))
                return None
            if not message.files and message.thread_ts != message.ts:
                return await self._slack.message(message.channel, message.thread_ts, message.thread_ts) or message
        return message

    async def _split(self, ids: Iterable[str]) -> tuple[list[SlackFile], list[RecordingRefused]]:
        """The recordings among the files, and why others, which may be some, can't be taken."""
        recordings: list[SlackFile] = []
        refused: list[RecordingRefused] = []
        for id_ in ids:
            try:
                file = await self._slack.file(id_)
                require_bytes(file)
            except RecordingRefused as exc:
                refused.append(exc)
                continue
            if may_be_recording(file):
                recordings.append(file)
            else:
                refused.append(RecordingRefused("not_media", file.name))
        return recordings, refused

    async def offer_of(self, message: SharedMessage) -> Offer:
        """The offer of a message's recordings: the first one, where there is one already."""
        offer = Offer(
            id=secrets.token_hex(8),
            channel=message.channel,
            message_ts=message.ts,
            thread_ts=message.thread_ts,
            shared_by=message.user,
            text=message.text,
            files=tuple(OfferedFile(file.id, file.name, file.size) for file in message.files),
            created_at=self._clock.now(),
        )
        kept, _ = await self._rows.add_offer(offer)
        return kept

    async def of_message(self, message: SharedMessage) -> Offer:
        """The offer of a message that somebody chose. Raises RecordingRefused where nothing in it can be taken."""
        recordings, refused = await self._split([file.id for file in message.files])
        if not recordings:
            raise refused[0] if refused else GoneError("offer")
        return await self.offer_of(
            SharedMessage(message.channel, message.ts, message.thread_ts, message.user, message.text, tuple(recordings))
        )

    async def _post(self, job: Job, note: Note, offer: Offer) -> None:
        ts = None
        if job.progress.get("posting"):
            ts = await self._slack.find_posted(
                offer.channel, EVENT_TYPE, job.key, job.created_at, thread_ts=offer.thread_ts
            )
        if ts is None:
            await note({"posting": True})
            metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": job.key}}
            payload = {**offer_message(self._texts, offer), "metadata": metadata}
            ts = await self._slack.post(offer.channel, payload, thread_ts=offer.thread_ts)
        await self._rows.change_offer(offer.id, posted_ts=ts)
        await self._ledger.add(Posted(offer.channel, ts, OFFER, job.key, (), self._clock.now()))

    async def _unasked(self, offer: Offer, setting: ChannelUploads) -> bool:
        """Promise the uploads at once, as the channel was attested for; False where a person has to be asked."""
        try:
            await self._access.admit(offer.shared_by, offer.channel, Wish.UPLOAD)
            form = await self.form(offer.id)
        except (AccessDenied, RecordingRefused):
            return False
        values, errors = unasked(form)
        if errors or setting.attestation is None:
            return False
        await self._promise(await self._offer_by_id(offer.id), values, setting.attestation)
        return True

    async def _tell(self, user: str, message: SharedMessage, payload: Payload) -> None:
        # In a thread that nobody sees yet, only who opens it would see the answer.
        thread_ts = message.thread_ts if message.thread_ts != message.ts else ""
        try:
            await self._slack.ephemeral(message.channel, user, payload, thread_ts=thread_ts)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            log.warning("somebody can't be told about a file (%s)", exc.code)

    # ---- the form ----------------------------------------------------------------------------------------------------

    async def form(self, id: str) -> Form:  # noqa: A002
        """The form of an offer, filled in with what is known. Files that turn out to be none are left out of both.

        Raises GoneError, RecordingRefused where none is left, SlackError.
        """
        offer = await self._offer_by_id(id)
        rep = await self._person(offer.shared_by)
        zone = zone_of(rep, self._default_timezone)
        found = await asyncio.gather(*(self._known(offer, file) for file in offer.files), return_exceptions=True)
        known: list[tuple[Known, datetime | None]] = []
        refused: list[RecordingRefused] = []
        for each in found:
            if isinstance(each, RecordingRefused):
                refused.append(each)
            elif isinstance(each, BaseException):
                raise each
            else:
                known.append(each)
        if not known:
            raise refused[0]
        recordings = tuple(
            Known(each.file, each.title, at.replace(tzinfo=at.tzinfo or zone) if at else None, each.duration)
            for each, at in known
        )
        if refused:
            await self._rows.keep_files(id, [each.file for each in recordings])
        return Form(
            offer=id,
            recordings=recordings,
            operation=await self._transfers.operation(),
            shared=Shared(domain=_domain(offer.text), rep=rep.id if rep else "", rep_email=rep.email if rep else ""),
        )

    async def _known(self, offer: Offer, file: OfferedFile) -> tuple[Known, datetime | None]:
        """What the recording itself, its name and its message tell; the moment may be in the sharer's own zone."""
        source = await self._sources.slack_file(file.id)
        head, tail = await asyncio.gather(source.head(TAIL), source.tail(TAIL))
        if recognised(head) is None:
            raise RecordingRefused("not_media", file.name)
        tags: Tags = read_tags(head, tail, source.size, now=self._clock.now())
        named = from_name(source.name)
        at = tags.recorded_at or named.at or _of_message(offer)
        return Known(file, named.title, None, tags.duration or source.file.duration), at

    async def _person(self, user: str) -> Person | None:
        try:
            return await self._slack.person(user)
        except SlackError:
            return None

    async def _offer_by_id(self, id: str) -> Offer:  # noqa: A002
        offer = await self._rows.offer(id)
        if offer is None:
            raise GoneError("offer", id)
        return offer

    async def files(self, id: str) -> tuple[OfferedFile, ...]:  # noqa: A002
        """The recordings of an offer. Raises GoneError."""
        return (await self._offer_by_id(id)).files

    # ---- the answer --------------------------------------------------------------------------------------------------

    async def accept(self, id: str, values: Values, user: str) -> Offer:  # noqa: A002
        """Write down the uploads, with the attestation of `user`; they are promised once this returns."""
        offer = await self._offer_by_id(id)
        await self._promise(offer, values, Attestation(user, self._clock.now()))
        return offer

    async def _promise(self, offer: Offer, values: Values, attestation: Attestation) -> None:
        for file, fields in zip(offer.files, values, strict=True):
            upload, is_new = await self._rows.add(
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
                )
            )
            if is_new:
                await self._transfers.promise(upload)
            elif (upload.channel, upload.thread_ts) != (offer.channel, offer.thread_ts):
                await self._messages.promise_known(upload, offer.channel, offer.thread_ts, attestation.by)

    async def show_accepted(self, offer: Offer, user: str) -> None:
        """The offer's message has no buttons any more."""
        await self._show(offer, accepted_message(self._texts, offer, by=user))

    async def decline(self, id: str, user: str) -> None:  # noqa: A002
        """`user` said that these are not to be uploaded."""
        offer = await self._offer_by_id(id)
        uploads = [await self._rows.of_source(file.id) for file in offer.files]
        if any(each is not None and each.state is not UploadState.CANCELLED for each in uploads):
            return  # the form was sent first
        await self._rows.change_offer(id, is_declined=1)
        await self._show(offer, declined_message(self._texts, offer, by=user))

    async def _show(self, offer: Offer, payload: Payload) -> None:
        if offer.posted_ts:
            try:
                await self._slack.edit(offer.channel, offer.posted_ts, payload)
            except SlackError as exc:
                log.warning("the offer %s can't be edited (%s)", offer.id, exc.code)


def _domain(text: str) -> str:
    """The first customer domain that a message names."""
    for word in _WORD.findall(text):
        if "." in word and not word.startswith("<@"):
            try:
                found = domains.normalise(word.strip(".:!?\"'"))
            except ValueError:
                continue
            if not found.startswith("*"):
                return found
    return ""


def _of_message(offer: Offer) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(offer.message_ts), tz=offer.created_at.tzinfo)
    except (ValueError, OverflowError, OSError):
        return None


def _again(job: Job, exc: BotError) -> Exception:
    return Retry(after=2.0**job.attempts) if job.attempts < ATTEMPTS else exc
