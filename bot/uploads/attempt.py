"""One attempt to bring a recording to Kickscale. It may be killed anywhere, and another one goes on.

Before the first byte goes out, the attempt notes that it will, and takes that back where the recording surely did not
arrive. One that finds such a note does not know how the one before it ended: it asks the list of calls for our own key
(`externalCallId`), and where even that can't tell, a person is asked. Nothing is sent blindly.
"""

import asyncio
import functools
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
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
    SlackDenied,
    SlackError,
    UploadOutcomeUnknown,
)
from bot.kickscale.binding import operations
from bot.kickscale.binding.operations import UploadStyle
from bot.kickscale.client import KickscaleClient
from bot.kickscale.uploading.fields import Meaning, automatic, meaning
from bot.kickscale.uploading.sender import Address, Recording, Sender
from bot.model.job import Job, Note, Retry
from bot.model.uploads import Upload, UploadState
from bot.render.uploads.progress import Progress
from bot.slack.client import may_pass
from bot.storage.sqlite.columns import moment_text
from bot.storage.sqlite.uploads import Uploads
from bot.uploads.recordings.counting import Counted
from bot.uploads.recordings.sniff import Container
from bot.uploads.sources import Source, require_taken

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK = 3.0
"""Seconds between two looks at how far an upload is, and whether it was cancelled."""
PATIENCE = timedelta(hours=6)
"""How long after the first that went wrong a try still follows a try, while Slack or Kickscale is unreachable, busy or
broken. Time in the queue costs none of it."""
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 1_800.0
GRACE = timedelta(minutes=2)
"""How long a call that is not in the list may still turn up there."""
LOOK_AGAIN = 15.0
TURN = 15.0
"""Seconds until a recording of the same size is looked at again that is still on its way; later on more."""
LONGEST_TURN = 300.0
WAITED = timedelta(days=1)
"""How long it is waited for one that may be the same: `kickscale-bot upload` may have been killed in its midst, and
never run again, or nobody says whether it arrived."""
SERVED = timedelta(days=1)
"""How long the API may fetch a recording from the bot."""
OPEN = (UploadState.QUEUED, UploadState.SENDING)
PASSING = (KickscaleRateLimited, KickscaleUnavailable, KickscaleTimeout)
"""What another try may get past, beside what `may_pass` of Slack's refusals."""


class _Cancelled(Exception):
    """A person pressed *Cancel* before the last byte was sent."""


class _CannotTell(Exception):
    """Whether the recording arrived is for a person to say."""


class _Waits(Exception):
    """A recording of the same size is on its way, and may be the same one."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Meter(Protocol):
    """How far the bytes of a recording are."""

    @property
    def given(self) -> int:
        """As long as these are not all, the other side cannot have the whole."""
        ...

    @property
    def sent(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Fetch:
    """Bytes that the API fetches by itself: whoever knows the address can have all of them."""

    given: int
    fetched: Callable[[], int]

    @property
    def sent(self) -> int:
        return self.fetched()


class Sources(Protocol):
    async def of(self, upload: Upload) -> Source:
        """Its recording. Raises RecordingRefused, SlackError."""
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
    fetched: Callable[[int], int] = lambda _upload: 0
    """How many bytes of an upload the API has fetched from the bot."""
    looks: int = 1
    """How often it is looked at before it is told once."""


class Attempt:
    """One attempt to bring an upload to its end.

    What it notes in its job, beside `since` and `tries` of what went wrong:
    - `sending`: since when it may be there. Empty as long as it surely is not.
    - `address`: where its bytes are to be put, where the API takes them that way. Putting them there twice is harmless.
    - `looked`: since when the list of calls has been asked in vain.
    - `waiting` and `waits`: since when and how often one was waited for that may be the same.
    """

    def __init__(self, tools: Tools, job: Job, note: Note, upload: Upload) -> None:
        self._tools = tools
        self._job = job
        self._note = note
        self._upload = upload
        self._round = upload.round
        self._progress = dict(job.progress)
        self._uploads = tools.uploads
        self._clock = tools.clock

    async def run(self) -> Upload:
        """The upload in its new state; or Retry, and it is to be gone on with later."""
        try:
            return await self._bring()
        except _Cancelled:
            return await self._give_up(UploadState.CANCELLED)
        except _CannotTell:
            await self._hash_for_later()
            return await self._end(UploadState.ASKING)
        except _Waits as exc:
            return await self._wait(exc.name)
        except UploadOutcomeUnknown:
            await self._count_trouble()
            raise self._again(FIRST_PAUSE, "asking") from None
        except PASSING as exc:
            return await self._later(exc)
        except (RecordingRefused, KickscaleError, SlackError) as exc:
            if isinstance(exc, SlackError) and may_pass(exc):
                return await self._later(exc)
            reason, words = _reason(exc)
            return await self._give_up(UploadState.FAILED, reason=reason, words=words)

    # ---- the steps ---------------------------------------------------------------------------------------------------

    async def _bring(self) -> Upload:
        operation = await self._tools.operation()
        address = self._noted_address()
        if self._progress.get("sending") and (address is None or self._upload.cancelled_by):
            call = await self._arrived(operation)
            if call is not None:
                await self._hash_for_later()
                return await self._sent(call)
        if self._upload.cancelled_by:
            raise _Cancelled
        source = await self._tools.sources.of(self._upload)
        container = await self._checked(operation, source)
        if (first := await self._same_as(source)) is not None:
            return await self._end(UploadState.DUPLICATE, same_as=first.id, call=first.call)
        if address is None and operation.style is UploadStyle.URL:
            return await self._have_fetched(operation, source, container)
        return await self._send(operation, source, container, address)

    async def _checked(self, operation: operations.Upload, source: Source) -> Container:
        """What its bytes are. Raises RecordingRefused for what can't be taken."""
        container = await require_taken(operation, source)
        if source.size != self._upload.size:
            await self._change(size=source.size)
        return container

    async def _same_as(self, source: Source) -> Upload | None:
        """The earlier upload of the same bytes. Raises _Waits while one is on its way that may be it."""
        earlier = await self._uploads.earlier_of_size(self._upload)
        if not earlier:
            return None
        if not self._upload.sha256:
            await self._change(sha256=await self._hash(source))
        may_come = ""
        for each in earlier:
            is_there = each.state in (UploadState.SENT, UploadState.ANALYSED)
            sha256 = each.sha256 or (await self._hash_of(each) if is_there else "")
            if sha256 == self._upload.sha256 and is_there:
                return each
            if not is_there and sha256 in ("", self._upload.sha256):
                may_come = may_come or each.name
        if may_come:
            raise _Waits(may_come)
        return None

    async def _hash(self, source: Source) -> str:
        counted = Counted(source.chunks(), source.size)
        await self._watched(_drained(counted), counted, "checking")
        return counted.sha256

    async def _hash_of(self, other: Upload) -> str:
        """The hash of one that was not hashed on its way, since its end was not seen; empty where it is gone."""
        try:
            source = await self._tools.sources.of(other)
            sha256 = await self._hash(source)
        except RecordingRefused:
            return ""
        await self._uploads.change(other.id, sha256=sha256)
        return sha256

    async def _send(
        self, operation: operations.Upload, source: Source, container: Container, address: Address | None
    ) -> Upload:
        await self._begin()
        may_be_there = bool(self._progress.get("sending"))  # by an earlier attempt
        is_new = address is None
        counted = Counted(source.chunks(), source.size)
        recording = Recording(source.name, container.mimetype, source.size, lambda: aiter(counted))
        fields = self._fields(operation, source, container)
        sender = self._tools.sender
        try:
            if address is None and operation.style is UploadStyle.MULTIPART:
                await self._note_down(sending=_text(self._clock.now()))
                call = await self._watched(sender.send(operation, fields, recording), counted, "sending")
            else:
                if address is None:
                    address = await sender.begin(operation, fields)
                    await self._begin()
                noted = {"url": address.url, "method": address.method, "headers": dict(address.headers)}
                sending = self._progress.get("sending") or _text(self._clock.now())
                await self._note_down(sending=sending, address={**noted, "call": address.call})
                await self._watched(sender.put(address, recording), counted, "sending")
                call = address.call
        except UploadOutcomeUnknown:
            await self._note_down(address=None)  # the list of calls can tell, and putting it there again can't
            raise
        except (BotError, _Cancelled, asyncio.CancelledError) as exc:
            # Where the answer is a refusal, nothing was taken, and neither was it where not all bytes were given. An
            # address stays good, unless it is refused itself.
            is_refused = isinstance(exc, KickscaleError) and not isinstance(exc, KickscaleUnavailable)
            if not may_be_there and (is_refused or counted.given < source.size):
                await self._note_down(sending="")
            if not isinstance(exc, KickscaleRejected):
                raise
            await self._note_down(address=None)
            if is_new:
                raise
            raise self._again(FIRST_PAUSE, "asking" if may_be_there else "retrying") from None
        return await self._sent(call, counted.sha256)

    async def _have_fetched(self, operation: operations.Upload, source: Source, container: Container) -> Upload:
        """Give the API the address at which the bot itself serves the recording."""
        if not self._tools.public_url:
            raise RecordingRefused("unreachable", source.name)
        if not self._upload.sha256:
            await self._change(sha256=await self._hash(source))
        token = self._upload.address or secrets.token_urlsafe(32)
        url = f"{self._tools.public_url}/recordings/{token}/{quote(source.name, safe='')}"
        await self._change(address=token, address_until=moment_text(self._clock.now() + SERVED))
        await self._begin()
        await self._note_down(sending=_text(self._clock.now()))
        fetch = _Fetch(source.size, functools.partial(self._tools.fetched, self._upload.id))
        sending = self._tools.sender.send_address(operation, self._fields(operation, source, container), url)
        try:
            call = await self._watched(sending, fetch, "sending")
        except UploadOutcomeUnknown:
            raise
        except BotError:
            await self._note_down(sending="")
            raise
        return await self._sent(call)

    def _fields(self, operation: operations.Upload, source: Source, container: Container) -> dict[str, str]:
        known = automatic(
            operation,
            external_id=self._upload.external_id,
            file_name=source.name,
            media_type=container.mimetype,
            size=source.size,
        )
        return {**known, **self._upload.fields}

    async def _begin(self) -> None:
        """It is about to be sent. Raises _Cancelled where it is not to be any more."""
        is_open = await self._change(only=OPEN, state=UploadState.SENDING, reason="", words="")
        if not is_open or self._upload.cancelled_by:
            raise _Cancelled

    # ---- an outcome that is not known --------------------------------------------------------------------------------

    async def _arrived(self, operation: operations.Upload) -> str | None:
        """The call of an attempt whose end nobody saw; None where it did not arrive."""
        if not has_key(operation):
            raise _CannotTell
        now = self._clock.now()
        since = datetime.fromisoformat(self._progress["sending"])
        try:
            finding = await self._tools.client.find_by_external_id(
                self._upload.external_id, *window(self._upload, now), since
            )
        except KickscaleError as exc:
            tries, trouble = await self._count_trouble()
            if now - trouble > PATIENCE:
                raise _CannotTell from exc
            raise self._again(_pause(tries, exc), "asking") from exc
        if finding.call:
            return finding.call
        if not finding.is_certain:
            raise _CannotTell
        looked = datetime.fromisoformat(self._progress.get("looked") or _text(now))
        if now - looked < GRACE:
            await self._note_down(looked=_text(looked))
            raise self._again(LOOK_AGAIN, "asking")
        await self._note_down(sending="", address=None, looked="")
        if self._upload.cancelled_by:
            return None
        tries, trouble = self._troubles()
        if now - trouble > PATIENCE:
            raise KickscaleUnavailable
        await self._change(only=(UploadState.SENDING,), state=UploadState.QUEUED)
        rest = _pause(tries) - GRACE.total_seconds() if tries else 0
        if rest > 0:
            raise self._again(rest, "retrying", "unavailable")
        return None

    def _noted_address(self) -> Address | None:
        noted: Any = self._progress.get("address")
        return Address(noted["url"], noted["method"], noted["headers"], noted["call"]) if noted else None

    async def _hash_for_later(self) -> None:
        """So that the same recording is known when it is asked for again, also where the source is gone by then."""
        if not self._upload.sha256:
            try:
                source = await self._tools.sources.of(self._upload)
                await self._change(sha256=await self._hash(source))
            except (BotError, _Cancelled) as exc:
                log.info("upload %d can't be hashed (%s)", self._upload.id, type(exc).__name__)

    # ---- waiting and ending ------------------------------------------------------------------------------------------

    async def _watched(self, work: Awaitable[T], meter: Meter, step: Literal["checking", "sending"]) -> T:
        """Do the work, show how far it is, and stop it when somebody pressed *Cancel* before its last byte went out."""
        task = asyncio.ensure_future(work)
        started = self._clock.now()

        def progress() -> Progress:
            seconds = (self._clock.now() - started).total_seconds()
            rate = meter.sent / seconds if seconds >= 1 else None
            left = (self._upload.size - meter.sent) / rate if rate else None
            return Progress(sent=meter.sent, size=self._upload.size, rate=rate, left=left, step=step)

        try:
            looks = 0
            while True:
                pause = asyncio.ensure_future(self._clock.sleep(LOOK))
                await asyncio.wait({task, pause}, return_when=asyncio.FIRST_COMPLETED)
                pause.cancel()
                if task.done():
                    return task.result()
                latest = await self._uploads.get(self._upload.id)
                if latest is not None:
                    self._upload = latest
                if task.done():
                    return task.result()
                is_over = self._upload.cancelled_by or self._upload.round != self._round
                if is_over and meter.given < self._upload.size:
                    raise _Cancelled
                looks += 1
                if looks % self._tools.looks == 0:
                    self._tools.messages.tick(self._upload, progress)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _wait(self, name: str) -> Upload:
        """Another look later at what becomes of the one of this name, or the end of all patience."""
        now = self._clock.now()
        waits = self._progress.get("waits", 0)
        since = datetime.fromisoformat(self._progress.get("waiting") or _text(now))
        if now - since > WAITED:
            return await self._give_up(UploadState.FAILED, reason="undecided", words=name)
        await self._note_down(waits=waits + 1, waiting=_text(since))
        raise self._again(min(TURN * 1.2**waits, LONGEST_TURN), "checking")

    async def _later(self, exc: BotError) -> Upload:
        """Another try later, or the end of all patience."""
        reason = "slack_unavailable" if isinstance(exc, SlackError) else "unavailable"
        tries, since = await self._count_trouble()
        if self._clock.now() - since > PATIENCE:
            denied, words = _reason(exc) if isinstance(exc, SlackDenied) else (reason, "")
            return await self._give_up(UploadState.FAILED, reason=denied, words=words)
        if not self._progress.get("sending"):
            await self._change(only=(UploadState.SENDING,), state=UploadState.QUEUED)
        raise self._again(_pause(tries, exc), "retrying", reason)

    async def _count_trouble(self) -> tuple[int, datetime]:
        """One more of what another try may get past: the how manyth, and when the first one was."""
        tries, since = self._troubles()
        await self._note_down(tries=tries + 1, since=_text(since))
        return tries + 1, since

    def _troubles(self) -> tuple[int, datetime]:
        since = self._progress.get("since")
        return self._progress.get("tries", 0), datetime.fromisoformat(since) if since else self._clock.now()

    def _again(self, after: float, step: str, why: str = "") -> Retry:
        """Another attempt after so many seconds; `step` and `why` are what the upload's message says meanwhile."""
        again_at = self._clock.now() + timedelta(seconds=after)
        progress = Progress(size=self._upload.size, step=step, again_at=again_at, why=why)
        self._tools.messages.tick(self._upload, lambda: progress)
        return Retry(after=after)

    async def _give_up(self, state: UploadState, **columns: Any) -> Upload:
        """It ends without a call, unless an earlier attempt made one: then whether it did is found out first."""
        if self._progress.get("sending"):
            await self._note_down(address=None)
            raise self._again(FIRST_PAUSE, "asking")
        return await self._end(state, **columns)

    async def _sent(self, call: str, sha256: str = "") -> Upload:
        return await self._end(UploadState.SENT, call=call, **({"sha256": sha256} if sha256 else {}))

    async def _end(self, state: UploadState, **columns: Any) -> Upload:
        await self._change(only=OPEN, state=state, **columns)
        return self._upload

    async def _change(self, *, only: tuple[UploadState, ...] = (), **columns: Any) -> bool:
        # Cancelled in the queue and promised anew meanwhile, it is another attempt's, and all of this one's writes go
        # nowhere: both would send it.
        changed = await self._uploads.change(self._upload.id, only=only, of_round=self._round, **columns)
        self._upload = await self._uploads.get(self._upload.id) or self._upload
        return changed

    async def _note_down(self, **more: Any) -> None:
        await self._note(more)
        self._progress |= more


def _pause(tries: int, exc: BotError | None = None) -> float:
    """Seconds until the next try after so many that went wrong."""
    pause = min(FIRST_PAUSE * 2.0 ** min(tries - 1, 10), LONGEST_PAUSE)
    return max(pause, exc.retry_after or 0) if isinstance(exc, KickscaleRateLimited) else pause


def _reason(exc: BotError) -> tuple[str, str]:
    """Why it failed, for `Upload.reason`, and the words that go with it."""
    match exc:
        case RecordingRefused():
            return exc.reason, exc.values.get("limit", "")
        case CredentialsRefused():
            return ("forbidden", exc.message) if exc.message else ("credentials", "")
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
        if MINYEAR < moment.year < MAXYEAR:  # a day before and after it have to be there too
            found.append(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return found


def _text(moment: datetime) -> str:
    return moment.isoformat()


async def _drained(counted: Counted) -> None:
    async for _ in counted:
        pass
