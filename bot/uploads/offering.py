"""From a recording that was shared to an upload that is promised: offer it, ask about it, write down the answer."""

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import domains
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.clock import Clock
from bot.errors import (
    AccessDenied,
    AccessUndecided,
    BotError,
    GoneError,
    NotInChannel,
    RecordingRefused,
    SlackDenied,
    SlackError,
    SlackUnavailable,
)
from bot.forms.upload import Form, Known, Shared, Values, people, unasked
from bot.jobs.outbox import Outbox
from bot.kickscale.binding import operations
from bot.model.access import Capability
from bot.model.audit import AuditKind
from bot.model.job import Job, Note, Retry
from bot.model.messages import Posted
from bot.model.people import Person
from bot.model.uploads import (
    Attestation,
    ChannelUploads,
    Offer,
    OfferedFile,
    SharedMessage,
    SlackFile,
    Upload,
    UploadMode,
)
from bot.render.errors import error_message
from bot.render.kit.limits import Payload
from bot.render.uploads.offers import (
    accepted_message,
    declined_message,
    moved_message,
    nothing_message,
    offer_message,
    refusal_message,
    refused_message,
    together,
)
from bot.slack.client import Slack
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.storage.sqlite.uploads import OVER
from bot.texts import Texts
from bot.tools.timezones import zone_or_default
from bot.uploads.queue import Transfers
from bot.uploads.recordings.names import Named, from_name
from bot.uploads.recordings.tags import EDGE, Tags, read_tags, tail_length
from bot.uploads.sources import Sources, claims_to_be_recording, may_be_recording, require_taken
from bot.uploads.thread_message import UploadMessages, domains_of

log = logging.getLogger(__name__)

EVENT_TYPE = "kickscale_offer"
OFFER = "offer"
OFFER_POST = "offer_post"
ACCEPTED = "offer_accepted"
REFUSED = "offer_refused"
BACKSTOP = "file_shared"
BACKSTOP_AFTER = 10.0
"""Seconds that the message event, which tells more, has to come first."""
ATTEMPTS = 8
LATEST = 10
MOST_ASKED = 10
"""Recordings that one form asks about, whose blocks Slack limits. People share no more in one message; apps can."""

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
        audit: Audit,
        transfers: Transfers,
        messages: UploadMessages,
        clock: Clock,
        texts: Texts,
        default_timezone: str,
    ) -> None:
        self._jobs = jobs
        self._rows = database.uploads
        self._ledger = database.ledger
        self._subscriptions = database.subscriptions
        self._slack = slack
        self._sources = sources
        self._access = access
        self._audit = audit
        self._transfers = transfers
        self._messages = messages
        self._clock = clock
        self._texts = texts
        self._default_timezone = default_timezone
        jobs.register(OFFER, self._offer, on_failure=self._not_offered)
        jobs.register(OFFER_POST, self._post, on_failure=self._not_offered)
        jobs.register(ACCEPTED, self._accepted)
        jobs.register(REFUSED, self._tell_refusal)
        jobs.register(BACKSTOP, self._backstop)

    # ---- channels ----------------------------------------------------------------------------------------------------

    async def setting(self, channel: str) -> ChannelUploads:
        return await self._rows.channel(channel)

    async def set_channel(self, channel: str, mode: UploadMode, by: str) -> ChannelUploads:
        """Who sets it to `auto` has attested for the channel."""
        attestation = Attestation(by, self._clock.now()) if mode is UploadMode.AUTO else None
        setting = ChannelUploads(channel, mode, attestation)
        kinds = [AuditKind.CHANGED, *([AuditKind.ATTESTED] if attestation else [])]
        noted = [self._audit.row(kind, f"uploads {mode}", by=by, channel=channel) for kind in kinds]
        await self._rows.set_channel(setting, noted)
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
            if await self._is_off(message.channel):
                return
        payload = {
            "channel": message.channel,
            "ts": message.ts,
            "thread_ts": message.thread_ts,
            "user": message.user,
            "is_by_bot": message.is_by_bot,
            "text": message.text,
            "files": [[file.id, file.name, file.mimetype] for file in message.files],
            "asked_by": asked_by,
        }
        await self._jobs.add(OFFER, f"{OFFER}:{message.channel}:{message.ts}:{asked_by}", payload)

    async def file_shared(self, file: str, channel: str) -> None:
        """Slack's second word of a shared file, in case that the first one never comes."""
        if not await self._is_off(channel):
            await self._jobs.add(BACKSTOP, f"{BACKSTOP}:{channel}:{file}", {"file": file, "channel": channel})

    async def _is_off(self, channel: str) -> bool:
        return (await self._rows.channel(channel)).mode is UploadMode.OFF

    async def _backstop(self, job: Job, note: Note) -> None:
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
        await note({})  # erased meanwhile, it must not bring back what was erased with it
        await self.shared(message or SharedMessage(channel, ts, thread_ts, file.user, files=(file,)))

    async def _offer(self, job: Job, note: Note) -> None:
        asked_by = job.payload["asked_by"]
        if not asked_by and await self._is_off(job.payload["channel"]):
            return
        try:
            message = await self._message(job)
            if message is None:
                return
            recordings, refused = await self._split(message, is_asked=bool(asked_by))
            await self._say_refused(job, message, refused, is_nothing_left=not recordings)
            if not recordings:
                return
            await note({})  # as in `_backstop`
            offer = await self.offer_of(replace(message, files=tuple(recordings)))
            if asked_by and (known := await self.known(offer.id, asked_by)) is not None:
                await self._tell(job, known)
                return
            if not _left(offer, await self._promised(offer)).files:
                return
            if await self._unasked(job, note, offer):
                return
            # A message that mentions the bot is told of twice, and offered once, on whichever word comes first.
            if await self._mentions_bot(message):
                asked_by = asked_by or message.user
        except (SlackUnavailable, AccessUndecided) as exc:
            raise _again(job, exc) from exc
        # Whoever asks below a message is answered there.
        payload = {"offer": offer.id, "asked_by": asked_by}
        await self._jobs.add(OFFER_POST, f"{OFFER_POST}:{offer.channel}:{job.payload['ts']}", payload)

    async def _mentions_bot(self, message: SharedMessage) -> bool:
        return f"<@{(await self._slack.identity()).user}>" in message.text

    async def _message(self, job: Job) -> SharedMessage | None:
        """The message of the files; where the bot is mentioned below a recording, the one above.

        None where whoever mentioned it may not upload, and is told.
        """
        message = _shared_message(job)
        if asked_by := job.payload["asked_by"]:
            try:
                await self._access.admit(asked_by, message.channel, Capability.UPLOAD)
            except AccessDenied as exc:
                await self._tell(job, error_message(self._texts, exc, job.reference))
                return None
            if not message.files and message.thread_ts != message.ts:
                return await self._above(message) or message
        return message

    async def _above(self, message: SharedMessage) -> SharedMessage | None:
        """The latest message with recordings above this one in its thread, else the one that the thread begins with."""
        above = await self._slack.thread(message.channel, message.thread_ts, message.ts)
        first = next((each for each in above if each.ts == message.thread_ts), None)
        shared = (each for each in above if any(map(may_be_recording, each.files)))
        return max(shared, key=lambda each: each.ts, default=first)

    async def _split(self, message: SharedMessage, *, is_asked: bool) -> tuple[list[SlackFile], list["_Refused"]]:
        """The recordings among a message's files, and why others can't be taken.

        Their bytes decide, and what the API takes; where nobody asked, what Slack calls neither audio nor video is not
        looked into.
        """
        operation = await self._transfers.operation()
        recordings: list[SlackFile] = []
        refused: list[_Refused] = []
        offer = await self._rows.offer_at(message.channel, message.ts)
        # Of what was deleted or is hidden Slack tells no name.
        names = {file.id: file.name for file in offer.files} if offer else {}
        for each in message.files:
            file = each
            try:
                file = await self._slack.file(each.id)
                if not is_asked and not may_be_recording(file):
                    continue
                await require_taken(operation, self._sources.of_file(file))
            except RecordingRefused as exc:
                name = names.get(each.id) or each.name or exc.name
                refused.append(_Refused(file, RecordingRefused(exc.reason, name, exc.values)))
            else:
                recordings.append(file)
        return recordings, refused

    async def offer_of(self, message: SharedMessage) -> Offer:
        """The offer of a message's recordings: the first one, where there is one already, and with it what could not be
        read then.
        """
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

    async def of_message(self, message: SharedMessage) -> tuple[Offer | None, tuple[RecordingRefused, ...]]:
        """The offer of a message that somebody chose, and why not everything in it can be taken.

        None where nothing can. Raises SlackError.
        """
        recordings, refused = await self._split(message, is_asked=True)
        offer = await self.offer_of(replace(message, files=tuple(recordings))) if recordings else None
        return offer, tuple(each.why for each in refused)

    async def _post(self, job: Job, note: Note) -> None:
        offer = await self._rows.offer(job.payload["offer"])
        if offer is None:
            return
        try:
            ts = None
            asked = set(job.progress.get("asked", [file.id for file in offer.files]))
            if job.progress.get("posting"):
                ts = await self._slack.find_posted(
                    offer.channel, EVENT_TYPE, job.key, job.created_at, thread_ts=offer.thread_ts
                )
            if ts is None:
                left = _left(offer, await self._promised(offer))
                if not left.files or (not job.payload.get("asked_by") and await self._is_off(offer.channel)):
                    return
                asked = {file.id for file in left.files}
                await note({"posting": True, "asked": sorted(asked)})
                if not offer.is_declined:
                    await self._show(offer, moved_message(self._texts, left))
                metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": job.key}}
                payload = {**offer_message(self._texts, left), "metadata": metadata}
                ts = await self._slack.post(offer.channel, payload, thread_ts=offer.thread_ts)
        except SlackUnavailable as exc:
            raise _again(job, exc) from exc
        await self._rows.change_offer(offer.id, posted_ts=ts, is_declined=0)
        named = domains.named(" ".join(file.name for file in offer.files))
        await self._ledger.add(
            Posted(
                offer.channel,
                ts,
                OFFER,
                job.key,
                (),
                self._clock.now(),
                by=offer.shared_by,
                domains=tuple(named),
            )
        )
        # The shortcut may have been quicker, when there was nothing yet whose buttons could be taken away.
        if promised := [each for each in await self._promised(offer) if each.source in asked]:
            await self._promise_to_show(offer, promised[0].attestation.by, [each.source for each in promised])

    async def _unasked(self, job: Job, note: Note, offer: Offer) -> bool:
        """Promise the uploads at once, as the channel was attested for; False where a person has to be asked."""
        setting = await self._rows.channel(offer.channel)
        attested = setting.attestation
        if setting.mode is not UploadMode.AUTO or attested is None or _posted_at(offer) < attested.at:
            return False  # it speaks of what is shared from then on
        before = [each for each in await self._uploads(offer) if _is_from(each, offer)]
        # What failed or was cancelled here is for a person to try again; after a kill nobody has asked for that.
        if not job.progress.get("unasked") and any(each.state in OVER for each in before):
            return False
        left = _left(offer, before)
        if not left.files:
            return True
        try:
            for user in (offer.shared_by, attested.by):
                await self._access.admit(user, offer.channel, Capability.UPLOAD)
        except AccessDenied:
            return False
        form = await self._form(left)
        values, errors = unasked(form)
        if form.refused or errors:
            return False
        await note({"unasked": True})
        await self._promise(left, values, attested, "upload unasked")
        return True

    async def _tell(self, job: Job, payload: Payload) -> None:
        """Tell whoever mentioned the bot something, where they did."""
        told = job.payload
        # In a thread that nobody sees yet, only who opens it would see the answer.
        thread_ts = told["thread_ts"] if told["thread_ts"] != told["ts"] else ""
        try:
            await self._slack.ephemeral(told["channel"], told["asked_by"], payload, thread_ts=thread_ts)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            log.warning("somebody can't be told about a file (%s)", exc.code)

    async def _not_offered(self, job: Job, exc: BaseException) -> None:
        """Answer everybody who mentioned the bot, or shared something that claims to be a recording."""
        if job.payload.get("asked_by"):
            payload = error_message(self._texts, exc, job.reference)
            await Outbox(self._slack, self._ledger, self._clock).notify(job.payload["asked_by"], payload)
        elif job.kind == OFFER:
            reason = _reason_of(exc)
            message = _shared_message(job)
            if not await self._mentions_bot(message):
                refused = [_Refused(file, RecordingRefused(reason, file.name)) for file in message.files]
                await self._promise_refusals(message, refused)

    async def _say_refused(
        self, job: Job, message: SharedMessage, refused: Sequence["_Refused"], *, is_nothing_left: bool
    ) -> None:
        """Say why some files can't be uploaded: to the person who asked, or else to the one who shared them."""
        if not job.payload["asked_by"]:
            if not await self._mentions_bot(message):  # a mention is asked about, and answered, on its own
                await self._promise_refusals(message, refused)
        elif refused:
            await self._tell(job, refused_message(self._texts, *(each.why for each in refused)))
        elif is_nothing_left:
            await self._tell(job, nothing_message(self._texts))

    async def _promise_refusals(self, message: SharedMessage, refused: Iterable["_Refused"]) -> None:
        """Promise to tell the person who shared these why they can't be uploaded: once for each file in a channel.

        Files that don't claim to be recordings, or were deleted, are ignored.
        """
        for each in refused:
            if claims_to_be_recording(each.file) and each.why.reason != "gone":
                payload = {
                    "channel": message.channel,
                    "user": message.user or each.file.user,
                    "is_by_bot": message.is_by_bot,
                    "file": each.file.id,
                    "name": each.why.name,
                    "reason": each.why.reason,
                    "values": each.why.values,
                }
                await self._jobs.add(REFUSED, f"{REFUSED}:{message.channel}:{each.file.id}", payload)

    async def _tell_refusal(self, job: Job, note: Note) -> None:
        if job.progress.get("telling"):
            return  # it may have been seen: an ephemeral message can't be looked for, and is not sent twice
        refusal = job.payload
        channel, user, file = refusal["channel"], refusal["user"], refusal["file"]
        try:
            is_by_bot = refusal["is_by_bot"] or not user or (await self._slack.person(user)).is_bot
        except SlackUnavailable as exc:
            raise _again(job, exc) from exc
        except SlackError:
            is_by_bot = False
        if is_by_bot:
            log.warning("the file %s that a bot shared in %s can't be uploaded (%s)", file, channel, refusal["reason"])
            return
        await note({"telling": True})
        why = RecordingRefused(refusal["reason"], refusal["name"], refusal["values"])
        try:
            # Not in the thread: nobody has opened that yet, so it would not be seen.
            await self._slack.ephemeral(channel, user, refusal_message(self._texts, why))
        except SlackError as exc:
            if exc.code == "ratelimited":  # surely not sent
                await note({"telling": False})
                raise _again(job, exc) from exc
            log.warning("nobody may know why the file %s in %s can't be uploaded (%s)", file, channel, exc.code)

    # ---- the form ----------------------------------------------------------------------------------------------------

    async def form(self, id: str) -> Form:  # noqa: A002
        """The form of what is left of an offer, filled in with what is known. What can't be taken is told of above it.

        Raises GoneError, SlackError.
        """
        offer = await self._offer_by_id(id)
        left = _left(offer, await self._promised(offer))
        form = await self._form(left if left.files else offer)
        return replace(form, recordings=form.recordings[:MOST_ASKED], more=len(form.recordings[MOST_ASKED:]))

    async def _form(self, offer: Offer) -> Form:
        rep = await self._person(offer.shared_by)
        zone = zone_or_default(rep.timezone if rep else "", self._default_timezone)
        operation = await self._transfers.operation()
        found = await asyncio.gather(
            *(self._learned(operation, offer, file, zone) for file in offer.files), return_exceptions=True
        )
        learned: list[_Learned] = []
        refused: list[RecordingRefused] = []
        for each in found:
            if isinstance(each, RecordingRefused):
                refused.append(each)
            elif isinstance(each, BaseException):
                raise each
            else:
                learned.append(each)
        return Form(
            offer=offer.id,
            recordings=tuple(each.known for each in learned),
            operation=operation,
            shared=Shared(
                domain=await self._domain(offer, rep),
                direction=_common(each.direction for each in learned),
                rep=rep.id if rep else "",
                rep_email=rep.email if rep else "",
                caller=_common(each.caller for each in learned),
                callee=_common(each.callee for each in learned),
                language=_common(each.language for each in learned),
            ),
            refused=tuple(refused),
        )

    async def _learned(
        self, operation: operations.Upload, offer: Offer, file: OfferedFile, zone: ZoneInfo
    ) -> "_Learned":
        """What the recording itself, its name and its message tell. Raises RecordingRefused, SlackError."""
        try:
            source = await self._sources.slack_file(file.id)
            await require_taken(operation, source)
            head = await source.head(EDGE)
            length = tail_length(head, source.size)
            tail = await source.tail(length) if length else b""
        except RecordingRefused as exc:
            raise RecordingRefused(exc.reason, file.name, exc.values) from exc
        now = self._clock.now()
        tags: Tags = read_tags(head, tail, source.size, now=now)
        named = from_name(source.name)
        return _Learned(
            known=Known(
                file,
                named.title,
                _began(tags, named, _posted_at(offer), zone, now),
                tags.duration or source.file.duration,
            ),
            direction=named.direction,
            caller=named.caller,
            callee=named.callee,
            language=source.file.language,
        )

    async def _domain(self, offer: Offer, rep: Person | None) -> str:
        """The customer whom the message names, else the only one that the channel has subscribed to.

        A name counts for less than the subscriptions where they don't cover it: people link to much in messages.
        """
        own = rep.email.rpartition("@")[2] if rep else ""
        files = {file.name.casefold() for file in offer.files}
        named = [each for each in _domains(offer.text) if each != own and each not in files]
        subscribed = [each for one in await self._subscriptions.of_channel(offer.channel) for each in one.domains]
        covered = [each for each in named if domains.matches_any(subscribed, [each])]
        single = {each for each in subscribed if not each.startswith("*")}
        return next(iter((*covered, *(single if len(single) == 1 else ()), *named)), "")

    async def _person(self, user: str) -> Person | None:
        try:
            return await self._slack.person(user)
        except SlackError:
            return None

    async def channel(self, id: str) -> str:  # noqa: A002
        """Where it was offered. Raises GoneError."""
        return (await self._offer_by_id(id)).channel

    async def read_by(
        self,
        id: str,  # noqa: A002
        user: str,
        entered: Mapping[str, str],
    ) -> tuple[operations.Upload, dict[str, str]]:
        """What the user's form is read by: the upload's operation, and the e-mail addresses of those who are picked.

        Raises AccessDenied, GoneError, KickscaleError, SlackError.
        """
        await self._access.admit(user, await self.channel(id), Capability.UPLOAD)
        operation = await self._transfers.operation()
        return operation, {each: (await self._slack.person(each)).email for each in people(operation, entered)}

    async def _offer_by_id(self, id: str) -> Offer:  # noqa: A002
        offer = await self._rows.offer(id)
        if offer is None:
            raise GoneError("offer", id)
        return offer

    async def known(self, id: str, user: str) -> Payload | None:  # noqa: A002
        """What is said to `user` in place of the form where all of an offer's recordings are uploaded already, from
        whichever thread.
        """
        offer = await self._offer_by_id(id)
        uploads = [await self._rows.of_source(file.id) for file in offer.files]
        for upload in uploads:
            if upload is None or upload.state in OVER:
                return None
        return await self._known(filter(None, uploads), offer.channel, user)

    async def _known(self, uploads: Iterable[Upload], channel: str, user: str = "") -> Payload:
        said = [self._messages.known_payload(each, channel, user) for each in uploads]
        return together(await asyncio.gather(*said))

    # ---- the answer --------------------------------------------------------------------------------------------------

    async def accept(self, id: str, files: Sequence[str], values: Values, user: str) -> Payload | None:  # noqa: A002
        """Write down the uploads of these files, with the attestation of `user`; they are promised once this returns.

        Where this thread tells of all of them already, what is said about that comes back. Raises GoneError.
        """
        offer = await self._offer_by_id(id)
        offered = {file.id: file for file in offer.files}
        if not files or not offered.keys() >= set(files):
            raise GoneError("offer", id)
        asked = replace(offer, files=tuple(offered[each] for each in files))
        known = await self._promise(asked, values, Attestation(user, self._clock.now()), "upload")
        if known is None:
            await self._promise_to_show(offer, user, files)
        return known

    async def _promise(self, offer: Offer, values: Values, attestation: Attestation, what: str) -> Payload | None:
        before: list[Upload] = []
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
                ),
                self._audit.row(AuditKind.ATTESTED, what, by=attestation.by, channel=offer.channel, count=1),
            )
            if is_new:
                await self._transfers.promise(upload)
            elif _is_from(upload, offer) or not await self._messages.promise_known(
                upload, offer.channel, offer.thread_ts, attestation.by
            ):
                before.append(upload)
        # The form is acknowledged with this within three seconds: nobody's membership is asked about.
        return await self._known(before, offer.channel) if len(before) == len(offer.files) else None

    async def _promise_to_show(self, offer: Offer, user: str, files: Sequence[str]) -> None:
        """The offer's message will have no buttons any more, and tell which of its files `user` had uploaded."""
        key = f"{ACCEPTED}:{offer.id}:{self._clock.now().timestamp()}"
        await self._jobs.add(ACCEPTED, key, {"offer": offer.id, "by": user, "files": list(files)})

    async def _accepted(self, job: Job, _note: Note) -> None:
        offer = await self._rows.offer(job.payload["offer"])
        if offer is not None:
            try:
                # Jobs of an earlier version tell no files.
                files = job.payload.get("files", [file.id for file in offer.files])
                await self._show_accepted(offer, job.payload["by"], files)
            except SlackUnavailable as exc:
                raise _again(job, exc) from exc

    async def _show_accepted(self, offer: Offer, user: str, files: Sequence[str]) -> None:
        uploads = [await self._rows.of_source(file) for file in files]
        about = [domain for each in uploads if each for domain in domains_of(each)]
        accepted = [file for file in offer.files if file.id in files]
        left = _left(offer, await self._promised(offer))
        refused = await self._left_out(offer, [file for file in left.files if file.id not in files])
        await self._show(offer, accepted_message(self._texts, accepted, refused, by=user), user, about)

    async def _left_out(self, offer: Offer, files: Sequence[OfferedFile]) -> list[RecordingRefused]:
        """Why these are not uploaded with the rest of their offer. Raises SlackUnavailable.

        What can be taken was not asked about: it was on its way or could not be read then, or was one too many.
        """
        why: list[RecordingRefused] = []
        for file in files:
            alone = SharedMessage(
                offer.channel,
                offer.message_ts,
                offer.thread_ts,
                offer.shared_by,
                files=(SlackFile(file.id, file.name, file.size),),
            )
            try:
                _, refused = await self._split(alone, is_asked=True)
            except SlackUnavailable:
                raise
            except SlackError:
                refused = []
            why += [each.why for each in refused] or [RecordingRefused("not_asked", file.name)]
        return why

    async def decline(self, id: str, user: str) -> None:  # noqa: A002
        """`user` said that these are not to be uploaded."""
        offer = await self._offer_by_id(id)
        promised = await self._promised(offer)
        left = _left(offer, promised)
        if not left.files:  # the form was sent first
            await self._show_accepted(offer, promised[0].attestation.by, [each.source for each in promised])
            return
        await self._rows.change_offer(id, is_declined=1)
        await self._show(offer, declined_message(self._texts, left, by=user), user)

    async def _promised(self, offer: Offer) -> list[Upload]:
        """Its uploads that were promised from its thread, and did not fail."""
        return [each for each in await self._uploads(offer) if each.state not in OVER and _is_from(each, offer)]

    async def _uploads(self, offer: Offer) -> list[Upload]:
        """Those of its files, from whichever thread."""
        uploads = [await self._rows.of_source(file.id) for file in offer.files]
        return [each for each in uploads if each]

    async def _show(self, offer: Offer, payload: Payload, by: str = "", about: Iterable[str] = ()) -> None:
        if offer.posted_ts:
            await self._ledger.learn(offer.channel, offer.posted_ts, domains=about, by=by)
            try:
                await self._slack.edit(offer.channel, offer.posted_ts, payload)
            except SlackUnavailable:
                raise
            except SlackError as exc:
                log.warning("the offer %s can't be edited (%s)", offer.id, exc.code)


@dataclass(frozen=True, slots=True)
class _Refused:
    """A file that can't be uploaded, and why."""

    file: SlackFile
    why: RecordingRefused


@dataclass(frozen=True, slots=True)
class _Learned:
    """What there is to know of one recording."""

    known: Known
    direction: str
    caller: str
    callee: str
    language: str


def _shared_message(job: Job) -> SharedMessage:
    """The message in a job's payload. Jobs of an earlier version have no media types, nor whether a bot wrote it."""
    payload = job.payload
    return SharedMessage(
        channel=payload["channel"],
        ts=payload["ts"],
        thread_ts=payload["thread_ts"],
        user=payload["user"],
        text=payload["text"],
        files=tuple(SlackFile(id_, name, 0, *mimetype) for id_, name, *mimetype in payload["files"]),
        is_by_bot=payload.get("is_by_bot", False),
    )


def _reason_of(exc: BaseException) -> str:
    """Why a file can't be uploaded that could not even be looked at, as a reason of RecordingRefused."""
    match exc:
        case SlackDenied() | NotInChannel():
            return "permission"
        case SlackUnavailable():
            return "truncated"
        case _:
            return "other"


def _began(tags: Tags, named: Named, posted_at: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """When a recording began: by its tags, else its name, else its message, which may have come on another day."""
    latest = now + timedelta(days=1)
    told = [each.replace(tzinfo=each.tzinfo or zone) for each in (tags.recorded_at, named.at) if each]
    if named.day and not named.at:
        told.append(datetime.combine(named.day, posted_at.astimezone(zone).time(), zone))
    return next((each for each in told if each <= latest), posted_at)


def _common(values: Iterable[str]) -> str:
    """What is the same of all; empty where it is not."""
    different = set(values)
    return different.pop() if len(different) == 1 else ""


def _domains(text: str) -> list[str]:
    """The domains that a message names, what Slack made a link of first."""
    found = []
    for word in sorted(_WORD.findall(text), key=lambda each: not each.startswith("<")):
        with contextlib.suppress(ValueError):
            found.append(domains.normalise(word.strip(".:!?\"'")))
    return [each for each in found if not each.startswith("*")]


def _is_from(upload: Upload, offer: Offer) -> bool:
    """Whether it was promised in the thread of this offer."""
    return (upload.channel, upload.thread_ts) == (offer.channel, offer.thread_ts)


def _left(offer: Offer, promised: Iterable[Upload]) -> Offer:
    """The offer of its other files."""
    sources = {each.source for each in promised}
    return replace(offer, files=tuple(file for file in offer.files if file.id not in sources))


def _posted_at(offer: Offer) -> datetime:
    try:
        return datetime.fromtimestamp(float(offer.message_ts), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return offer.created_at


def _again(job: Job, exc: BotError) -> Exception:
    return Retry(after=2.0**job.attempts) if job.attempts < ATTEMPTS else exc
