"""One attempt to bring a recording to Kickscale. It may be killed anywhere, and another one goes on.

Before the first byte goes out, the attempt notes that it will. One that finds such a note does not know how the one
before it ended: it asks the list of calls for our own key (`externalCallId`), and where even that can't tell, a person
is asked. Nothing is sent blindly.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import quote

from bot.clock import Clock
from bot.errors import (
    BotError,
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRejected,
    KickscaleTimeout,
    KickscaleUnavailable,
    RecordingRefused,
    SlackError,
    SlackUnavailable,
    UploadOutcomeUnknown,
)
from bot.jobs import Note, Retry
from bot.kickscale import operations
from bot.kickscale.client import KickscaleClient
from bot.kickscale.fields import Meaning, automatic, meaning
from bot.kickscale.operations import UploadStyle
from bot.kickscale.sending import Address, Recording, Sender
from bot.models import Job, Upload, UploadState
from bot.recordings.counting import Counted
from bot.recordings.sniff import Container, recognised
from bot.render.uploads import Progress
from bot.sources import LARGEST, Source
from bot.storage.uploads import Uploads

log = logging.getLogger(__name__)

T = TypeVar("T")

PROGRESS_EVERY = 3.0
"""Seconds between two edits: chat.update allows 50 a minute, and two uploads go on at a time
(https://docs.slack.dev/apis/web-api/rate-limits)."""
PATIENCE = timedelta(hours=6)
"""How long a try follows a try while Slack or Kickscale is unreachable, busy or broken."""
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 1_800.0
GRACE = timedelta(minutes=2)
"""How long a call that is not in the list may still turn up there."""
LOOK_AGAIN = 15.0
TURN = 15.0
"""Seconds until a recording of the same size is looked at again that is still on its way."""
SERVED = timedelta(days=1)
"""How long the API may fetch a recording from the bot."""
OPEN = (UploadState.QUEUED, UploadState.SENDING)
PASSING = (KickscaleRateLimited, KickscaleUnavailable, KickscaleTimeout, SlackUnavailable)
"""What another try may get past."""


class _Cancelled(Exception):
    """A person pressed *Cancel* before the last byte was sent."""


class _CannotTell(Exception):
    """Whether the recording arrived is for a person to say."""


class _Waits(Exception):
    """A recording of the same size is on its way, and may be the same one."""


class Sources(Protocol):
    async def of(self, upload: Upload, path: str) -> Source:
        """Its recording, at `path` where there is one. Raises RecordingRefused, SlackError."""
        ...


class Teller(Protocol):
    def tick(self, upload: Upload, progress: Callable[[], Progress]) -> None:
        """Tell how far it is, without making it wait."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What an attempt works with."""

    uploads: Uploads
    sources: Sources
    sender: Sender
    client: KickscaleClient
    messages: Teller
    clock: Clock
    operation: Callable[[], Awaitable[operations.Upload]]
    """How the API takes a recording."""
    public_url: str


class Attempt:
    """One attempt to bring an upload to its end."""

    def __init__(self, tools: Tools, job: Job, note: Note, upload: Upload) -> None:
        self._tools = tools
        self._job = job
        self._note = note
        self._upload = upload
        self._progress = dict(job.progress)
        self._uploads = tools.uploads
        self._clock = tools.clock

    async def run(self) -> Upload:
        """The upload in its new state; or Retry, and it is to be gone on with later."""
        try:
            return await self._bring()
        except _Cancelled:
            await self._note_sending(None)
            return await self._end(UploadState.CANCELLED)
        except _CannotTell:
            await self._hash_for_later()
            return await self._end(UploadState.ASKING)
        except _Waits:
            raise self._again(TURN, "checking") from None
        except UploadOutcomeUnknown:
            raise self._again(FIRST_PAUSE, "asking") from None
        except PASSING as exc:
            return await self._later(exc)
        except (RecordingRefused, KickscaleError, SlackError) as exc:
            reason, words = _reason(exc)
            return await self._end(UploadState.FAILED, reason=reason, words=words)

    # ---- the steps ---------------------------------------------------------------------------------------------------

    async def _bring(self) -> Upload:
        operation = await self._tools.operation()
        address = None
        if self._progress.get("sending"):
            address = self._noted_address()
            if address is None and (call := await self._arrived(operation)) is not None:
                return await self._sent(call)
        if self._upload.cancelled_by:
            raise _Cancelled
        source = await self._tools.sources.of(self._upload, self._job.payload.get("path", ""))
        container = await self._checked(operation, source)
        if (first := await self._same_as(source)) is not None:
            return await self._end(UploadState.DUPLICATE, same_as=first.id, call=first.call)
        if operation.style is UploadStyle.URL:
            return await self._have_fetched(operation, source, container)
        return await self._send(operation, source, container, address)

    async def _checked(self, operation: operations.Upload, source: Source) -> Container:
        """What its bytes are. Raises RecordingRefused for what can't be taken."""
        limit = min(operation.max_bytes or LARGEST, LARGEST)
        if source.size > limit:
            raise RecordingRefused("too_large", source.name, {"limit": str(limit)})
        if source.size != self._upload.size:
            await self._change(size=source.size)
        container = recognised(await source.head())
        if container is None:
            raise RecordingRefused("not_media", source.name)
        if operation.formats and container.name not in operation.formats:
            raise RecordingRefused("format", source.name, {"limit": ", ".join(operation.formats)})
        return container

    async def _same_as(self, source: Source) -> Upload | None:
        """The earlier upload of the same bytes. Raises _Waits while one is on its way that may be it."""
        earlier = await self._uploads.earlier_of_size(self._upload)
        if not earlier:
            return None
        if not self._upload.sha256:
            await self._hash(source)
        alike = [each for each in earlier if each.sha256 in ("", self._upload.sha256)]
        there = [each for each in alike if each.state in (UploadState.SENT, UploadState.ANALYSED) and each.sha256]
        if there:
            return there[0]
        if any(each.state in (*OPEN, UploadState.ASKING) for each in alike):
            raise _Waits
        return None

    async def _hash(self, source: Source) -> None:
        counted = Counted(source.chunks(), source.size)
        await self._watched(_drained(counted), counted, "checking")
        await self._change(sha256=counted.sha256)

    async def _send(
        self, operation: operations.Upload, source: Source, container: Container, address: Address | None
    ) -> Upload:
        await self._begin(keep_address=address is not None)
        counted = Counted(source.chunks(), source.size)
        recording = Recording(source.name, container.mimetype, source.size, lambda: aiter(counted))
        fields = self._fields(operation, source, container)
        sender = self._tools.sender
        try:
            if operation.style is UploadStyle.MULTIPART:
                call = await self._watched(sender.send(operation, fields, recording), counted, "sending")
            else:
                if address is None:
                    address = await sender.begin(operation, fields)
                    noted = {"url": address.url, "method": address.method, "headers": dict(address.headers)}
                    await self._note({"address": {**noted, "call": address.call}})
                await self._watched(sender.put(address, recording), counted, "sending")
                call = address.call
        except UploadOutcomeUnknown:
            raise
        except KickscaleRejected:
            await self._note_sending(None)
            if self._progress.get("address"):  # an earlier attempt's: it may have gone stale
                raise self._again(FIRST_PAUSE, "retrying") from None
            raise
        except BotError:
            # Refused, never connected, or the source broke off and so did the body: nothing was taken. An address
            # for the bytes stays good, and putting them there again does no harm.
            if address is None:
                await self._note_sending(None)
            raise
        return await self._sent(call, counted.sha256)

    async def _have_fetched(self, operation: operations.Upload, source: Source, container: Container) -> Upload:
        """Give the API the address at which the bot itself serves the recording."""
        token = self._upload.address or secrets.token_urlsafe(32)
        if not self._tools.public_url or self._job.payload.get("path"):
            raise RecordingRefused("unreachable", source.name)
        if not self._upload.sha256:
            await self._hash(source)
        url = f"{self._tools.public_url}/recordings/{token}/{quote(source.name, safe='')}"
        await self._change(address=token, address_until=_text(self._clock.now() + SERVED))
        await self._begin()
        try:
            call = await self._tools.sender.send_address(operation, self._fields(operation, source, container), url)
        except UploadOutcomeUnknown:
            raise
        except BotError:
            await self._note_sending(None)
            raise
        return await self._sent(call, self._upload.sha256)

    def _fields(self, operation: operations.Upload, source: Source, container: Container) -> dict[str, str]:
        known = automatic(
            operation,
            external_id=self._upload.external_id,
            file_name=source.name,
            media_type=container.mimetype,
            size=source.size,
        )
        return {**known, **self._upload.fields}

    async def _begin(self, *, keep_address: bool = False) -> None:
        """Write down that it is about to be sent. Raises _Cancelled where it is not to be sent any more."""
        if not await self._change(only=OPEN, state=UploadState.SENDING, reason="", words=""):
            raise _Cancelled
        if not keep_address:
            await self._note_sending(self._clock.now())

    async def _note_sending(self, at: datetime | None) -> None:
        await self._note({"sending": _text(at) if at else "", "address": None, "unsure_since": ""})

    # ---- an outcome that is not known --------------------------------------------------------------------------------

    async def _arrived(self, operation: operations.Upload) -> str | None:
        """The call of an attempt that was cut off; None where it did not arrive."""
        if not has_key(operation):
            raise _CannotTell
        now = self._clock.now()
        since = datetime.fromisoformat(self._progress["sending"])
        try:
            finding = await self._tools.client.find_by_external_id(
                self._upload.external_id, *window(self._upload, now), since
            )
        except KickscaleError as exc:
            if now - self._job.created_at > PATIENCE:
                raise _CannotTell from exc
            raise self._again(self._pause(exc), "asking") from exc
        if finding.call:
            return finding.call
        if not finding.is_certain:
            raise _CannotTell
        first = self._progress.get("unsure_since") or _text(now)
        if now - datetime.fromisoformat(first) < GRACE:
            await self._note({"unsure_since": first})
            raise self._again(LOOK_AGAIN, "asking")
        await self._note_sending(None)
        self._progress = {}
        return None

    def _noted_address(self) -> Address | None:
        noted: Any = self._progress.get("address")
        return Address(noted["url"], noted["method"], noted["headers"], noted["call"]) if noted else None

    async def _hash_for_later(self) -> None:
        """So that the same recording, asked for again, is known even before a person has answered."""
        if not self._upload.sha256:
            try:
                source = await self._tools.sources.of(self._upload, self._job.payload.get("path", ""))
                await self._hash(source)
            except (BotError, _Cancelled) as exc:
                log.info("upload %d can't be hashed (%s)", self._upload.id, type(exc).__name__)

    # ---- waiting and ending ------------------------------------------------------------------------------------------

    async def _watched(self, work: Awaitable[T], counted: Counted, step: Literal["checking", "sending"]) -> T:
        """Do the work, show how far it is, and stop it when somebody pressed *Cancel* before its end."""
        task = asyncio.ensure_future(work)
        started = self._clock.now()

        def progress() -> Progress:
            seconds = (self._clock.now() - started).total_seconds()
            rate = counted.sent / seconds if seconds >= 1 else None
            left = (self._upload.size - counted.sent) / rate if rate else None
            return Progress(sent=counted.sent, size=self._upload.size, rate=rate, left=left, step=step)

        try:
            while True:
                pause = asyncio.ensure_future(self._clock.sleep(PROGRESS_EVERY))
                await asyncio.wait({task, pause}, return_when=asyncio.FIRST_COMPLETED)
                pause.cancel()
                if task.done():
                    return task.result()
                latest = await self._uploads.get(self._upload.id)
                if latest is not None:
                    self._upload = latest
                if task.done():
                    return task.result()
                if self._upload.cancelled_by and counted.sent < self._upload.size:
                    raise _Cancelled
                self._tools.messages.tick(self._upload, progress)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _later(self, exc: BotError) -> Upload:
        """Another try later, or the end of all patience."""
        reason = "slack_unavailable" if isinstance(exc, SlackUnavailable) else "unavailable"
        if self._clock.now() - self._job.created_at > PATIENCE:
            return await self._end(UploadState.FAILED, reason=reason)
        await self._change(only=(UploadState.SENDING,), state=UploadState.QUEUED)
        raise self._again(self._pause(exc), "retrying")

    def _pause(self, exc: BotError) -> float:
        pause = min(FIRST_PAUSE * 2.0 ** min(self._job.attempts - 1, 10), LONGEST_PAUSE)
        return max(pause, exc.retry_after or 0) if isinstance(exc, KickscaleRateLimited) else pause

    def _again(self, after: float, step: str) -> Retry:
        """Another attempt after so many seconds; `step` is what the upload's message says meanwhile."""
        again_at = self._clock.now() + timedelta(seconds=after)
        progress = Progress(size=self._upload.size, step=step, again_at=again_at)
        self._tools.messages.tick(self._upload, lambda: progress)
        return Retry(after=after)

    async def _sent(self, call: str, sha256: str = "") -> Upload:
        return await self._end(UploadState.SENT, call=call, **({"sha256": sha256} if sha256 else {}))

    async def _end(self, state: UploadState, **columns: Any) -> Upload:
        await self._change(only=OPEN, state=state, **columns)
        return self._upload

    async def _change(self, *, only: tuple[UploadState, ...] = (), **columns: Any) -> bool:
        changed = await self._uploads.change(self._upload.id, only=only, **columns)
        self._upload = await self._uploads.get(self._upload.id) or self._upload
        return changed


def _reason(exc: BotError) -> tuple[str, str]:
    """Why it failed, for `Upload.reason`, and the words that go with it."""
    match exc:
        case RecordingRefused():
            return exc.reason, exc.values.get("limit", "")
        case CredentialsRefused():
            return "credentials", ""
        case KickscaleRejected():
            return "rejected", exc.message
        case SlackError():
            return "slack", exc.code
        case _:
            return "unreadable", ""


def has_key(operation: operations.Upload) -> bool:
    """Whether a call can be told by a key of our own."""
    return any(meaning(field) is Meaning.EXTERNAL_ID for field in operation.fields)


def window(upload: Upload, now: datetime) -> tuple[datetime, datetime]:
    """The days in which the call lies, whether it carries the recording's date or that of its upload."""
    moments = [upload.created_at, now, *_moments(upload)]
    return min(moments) - timedelta(days=1), max(moments) + timedelta(days=1)


def _moments(upload: Upload) -> list[datetime]:
    found = []
    for value in upload.fields.values():
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            continue
        if moment.tzinfo is not None:
            found.append(moment)
    return found


def _text(moment: datetime) -> str:
    return moment.isoformat()


async def _drained(counted: Counted) -> None:
    async for _ in counted:
        pass
