"""One attempt to bring a recording to Kickscale. It may be killed anywhere, and another one continues.

Before the first byte is sent, the attempt notes that it will be, and takes the note back if the recording certainly
didn't arrive. An attempt that finds such a note doesn't know how the one before it ended: it looks in Kickscale's list
of calls for our own key (`externalCallId`), and if even that can't tell, a person is asked. Nothing is sent blindly.
"""

import asyncio
import functools
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Unpack
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
from bot.kickscale.uploading.fields import automatic
from bot.kickscale.uploading.sender import Address, Recording, Sender
from bot.model.job import Job, Note
from bot.model.uploads import UNDER_WAY, Failure, Upload, UploadChanges, UploadState
from bot.slack.failures import may_pass
from bot.storage.upload_stores import UploadStore
from bot.tools.backoff import Backoff
from bot.uploads.recordings.counting import Counted
from bot.uploads.recordings.sniff import Container
from bot.uploads.sources import Source, require_accepted
from bot.uploads.transfer.duplicates import Duplicates, MayBeSame, SourceOpener
from bot.uploads.transfer.finding import has_key, range_of_call
from bot.uploads.transfer.job import AttemptProgress, NotedAddress, Transfer
from bot.uploads.transfer.record import ProgressDisplay, Record
from bot.uploads.transfer.watching import Cancelled, Fetch, Watch

PATIENCE = timedelta(hours=6)
"""How long attempts follow one another after the first trouble, while Slack or Kickscale is unreachable, busy or
broken. Time in the queue doesn't count."""
PAUSES = Backoff(first=5.0, longest=1_800.0)
"""Between two attempts after such troubles."""
GRACE = timedelta(minutes=2)
"""How long a call that isn't in the list may still appear there."""
LOOK_AGAIN = 15.0
"""Seconds between two looks at the list."""
WAITS = Backoff(first=15.0, factor=1.2, longest=300.0)
"""Between two looks at an upload of the same size that is still on its way."""
WAITED = timedelta(days=1)
"""How long attempts wait for an upload that may be of the same recording: `kickscale-bot upload` may have been killed
and never run again, or nobody says whether it arrived."""
SERVED = timedelta(days=1)
"""How long the API may fetch a recording from the bot."""
PASSING = (KickscaleRateLimited, KickscaleUnavailable, KickscaleTimeout)
"""What another attempt may get past, besides what `may_pass` names of Slack's refusals."""


class _CannotTell(Exception):
    """A person has to say whether the recording arrived."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What an attempt works with."""

    uploads: UploadStore
    sources: SourceOpener
    sender: Sender
    client: KickscaleClient
    display: ProgressDisplay
    clock: Clock
    operation: Callable[[], Awaitable[operations.Upload]]
    """How the API accepts a recording."""
    public_url: str = ""
    fetched: Callable[[int], int] = lambda _upload: 0
    """How many bytes of an upload the API has fetched from the bot."""
    looks_per_edit: int = 1


class Attempt:
    def __init__(
        self, tools: Tools, job: Job[Transfer, AttemptProgress], note: Note[AttemptProgress], upload: Upload
    ) -> None:
        self._tools = tools
        self._clock = tools.clock
        self._record = Record(job, note, upload, tools.uploads, tools.display, tools.clock)
        self._watch = Watch(self._record, tools.clock, tools.looks_per_edit)
        self._duplicates = Duplicates(self._record, self._watch, tools.uploads, tools.sources)

    async def run(self) -> Upload:
        """Return the upload in its new state. Raises Retry if another attempt is to continue later."""
        try:
            return await self._bring()
        except Cancelled:
            return await self._give_up(UploadState.CANCELLED)
        except _CannotTell:
            await self._duplicates.hash_for_later()
            return await self._end(state=UploadState.ASKING)
        except MayBeSame as exc:
            return await self._wait_for(exc.name)
        except UploadOutcomeUnknown:
            await self._record.count_trouble()
            raise self._record.retry(PAUSES.first, "asking") from None
        except PASSING as exc:
            return await self._try_later(exc)
        except (RecordingRefused, KickscaleError, SlackError) as exc:
            if isinstance(exc, SlackError) and may_pass(exc):
                return await self._try_later(exc)
            return await self._give_up(UploadState.FAILED, _failure(exc))

    # ---- the steps ---------------------------------------------------------------------------------------------------

    async def _bring(self) -> Upload:
        operation = await self._tools.operation()
        noted = self._record.progress.address
        address = noted.read() if noted else None
        if self._record.progress.sending and (address is None or self._record.upload.cancelled_by):
            call = await self._find_call(operation)
            if call is not None:
                await self._duplicates.hash_for_later()
                return await self._end(state=UploadState.SENT, call=call)
        if self._record.upload.cancelled_by:
            raise Cancelled
        source = await self._tools.sources.of(self._record.upload)
        container = await require_accepted(operation, source)
        if source.size != self._record.upload.size:
            await self._record.change(size=source.size)
        if (first := await self._duplicates.find_first(source)) is not None:
            return await self._end(state=UploadState.DUPLICATE, same_as=first.id, call=first.call)
        if address is None and operation.style is UploadStyle.URL:
            return await self._have_fetched(operation, source, container)
        return await self._send(operation, source, container, address)

    async def _send(
        self, operation: operations.Upload, source: Source, container: Container, address: Address | None
    ) -> Upload:
        await self._begin()
        may_be_there = bool(self._record.progress.sending)  # by an earlier attempt
        is_new = address is None
        counted = Counted(source.chunks(), source.size)
        recording = Recording(source.name, container.mimetype, source.size, lambda: aiter(counted))
        fields = self._fields(operation, source, container)
        sender = self._tools.sender
        try:
            if address is None and operation.style is UploadStyle.MULTIPART:
                await self._note_sending()
                call = await self._watch.through(sender.send(operation, fields, recording), counted, "sending")
            else:
                if address is None:
                    address = await sender.begin(operation, fields)
                    await self._begin()
                sending = self._record.progress.sending or self._clock.now().isoformat()
                progress = replace(self._record.progress, sending=sending, address=NotedAddress.of(address))
                await self._record.note(progress)
                await self._watch.through(sender.put(address, recording), counted, "sending")
                call = address.call
        except UploadOutcomeUnknown:
            await self._forget_address()  # the list of calls can tell, and putting it there again can't
            raise
        except (BotError, Cancelled, asyncio.CancelledError) as exc:
            # A refusal means that nothing was accepted, and so does a form that wasn't sent to its end, or bytes that
            # weren't all handed over. An address stays good, unless it is refused itself.
            is_refused = isinstance(exc, KickscaleError) and (
                address is None or not isinstance(exc, KickscaleUnavailable)
            )
            if not may_be_there and (is_refused or counted.handed_over < source.size):
                await self._forget_sending()
            if not isinstance(exc, KickscaleRejected):
                raise
            await self._forget_address()
            if is_new:
                raise
            raise self._record.retry(PAUSES.first, "asking" if may_be_there else "retrying") from None
        if counted.sha256:
            return await self._end(state=UploadState.SENT, call=call, sha256=counted.sha256)
        return await self._end(state=UploadState.SENT, call=call)

    async def _have_fetched(self, operation: operations.Upload, source: Source, container: Container) -> Upload:
        """Give the API the address at which the bot itself serves the recording."""
        if not self._tools.public_url:
            raise RecordingRefused("unreachable", source.name)
        await self._duplicates.require_hash(source)
        token = self._record.upload.address or secrets.token_urlsafe(32)
        url = f"{self._tools.public_url}/recordings/{token}/{quote(source.name, safe='')}"
        await self._record.change(address=token, address_until=self._clock.now() + SERVED)
        await self._begin()
        await self._note_sending()
        fetch = Fetch(source.size, functools.partial(self._tools.fetched, self._record.upload.id))
        sending = self._tools.sender.send_address(operation, self._fields(operation, source, container), url)
        try:
            call = await self._watch.through(sending, fetch, "sending")
        except UploadOutcomeUnknown:
            raise
        except BotError:
            await self._forget_sending()
            raise
        return await self._end(state=UploadState.SENT, call=call)

    def _fields(self, operation: operations.Upload, source: Source, container: Container) -> dict[str, str]:
        known = automatic(
            operation,
            external_id=self._record.upload.external_id,
            file_name=source.name,
            media_type=container.mimetype,
            size=source.size,
        )
        return {**known, **self._record.upload.fields}

    async def _begin(self) -> None:
        """Record that it is about to be sent. Raises Cancelled if it isn't to be sent any more."""
        is_open = await self._record.change(only=UNDER_WAY, state=UploadState.SENDING, failure=None)
        if not is_open or self._record.upload.cancelled_by:
            raise Cancelled

    async def _note_sending(self) -> None:
        await self._record.note(replace(self._record.progress, sending=self._clock.now().isoformat()))

    async def _forget_sending(self) -> None:
        await self._record.note(replace(self._record.progress, sending=""))

    async def _forget_address(self) -> None:
        await self._record.note(replace(self._record.progress, address=None))

    # ---- if nobody saw how an earlier attempt ended ------------------------------------------------------------------

    async def _find_call(self, operation: operations.Upload) -> str | None:
        """Return the id of the call that the earlier attempt made; None if the recording didn't arrive.

        Raises _CannotTell, and Retry if it isn't certain yet.
        """
        record, now = self._record, self._clock.now()
        since = record.progress.sending_since
        if not has_key(operation) or since is None:
            raise _CannotTell
        try:
            finding = await self._tools.client.find_by_external_id(
                record.upload.external_id, *range_of_call(record.upload, now), since
            )
        except KickscaleError as exc:
            tries, trouble = await record.count_trouble()
            if now - trouble > PATIENCE:
                raise _CannotTell from exc
            raise record.retry(_pause(tries, exc), "asking") from exc
        if finding.call:
            return finding.call
        if not finding.is_certain:
            raise _CannotTell
        looking = record.progress.looking_since or now
        if now - looking < GRACE:
            await record.note(replace(record.progress, looked=looking.isoformat()))
            raise record.retry(LOOK_AGAIN, "asking")
        await record.note(replace(record.progress, sending="", address=None, looked=""))
        if record.upload.cancelled_by:
            return None
        tries, trouble = record.troubles
        if now - trouble > PATIENCE:
            raise KickscaleUnavailable
        await record.change(only=(UploadState.SENDING,), state=UploadState.QUEUED)
        rest = PAUSES.pause(tries) - GRACE.total_seconds() if tries else 0
        if rest > 0:
            raise record.retry(rest, "retrying", "unavailable")
        return None

    # ---- waiting and ending ------------------------------------------------------------------------------------------

    async def _wait_for(self, name: str) -> Upload:
        """Raise Retry to look again at the upload of this name, or give up after a day."""
        record, now = self._record, self._clock.now()
        since, waits = record.progress.waiting_since or now, record.progress.waits + 1
        if now - since > WAITED:
            return await self._give_up(UploadState.FAILED, Failure.of("undecided", name))
        await record.note(replace(record.progress, waits=waits, waiting=since.isoformat()))
        raise record.retry(WAITS.pause(waits), "checking")

    async def _try_later(self, exc: BotError) -> Upload:
        """Raise Retry, or give up when it has gone wrong for too long."""
        reason = "slack_unavailable" if isinstance(exc, SlackError) else "unavailable"
        tries, since = await self._record.count_trouble()
        if self._clock.now() - since > PATIENCE:
            failure = _failure(exc) if isinstance(exc, SlackDenied) else Failure(reason)
            return await self._give_up(UploadState.FAILED, failure)
        if not self._record.progress.sending:
            await self._record.change(only=(UploadState.SENDING,), state=UploadState.QUEUED)
        raise self._record.retry(_pause(tries, exc), "retrying", reason)

    async def _give_up(self, state: UploadState, failure: Failure | None = None) -> Upload:
        """End without a call. If an earlier attempt may have made one, raise Retry to find that out first."""
        if self._record.progress.sending:
            await self._forget_address()
            raise self._record.retry(PAUSES.first, "asking")
        if failure is None:
            return await self._end(state=state)
        return await self._end(state=state, failure=failure)

    async def _end(self, **changes: Unpack[UploadChanges]) -> Upload:
        await self._record.change(only=UNDER_WAY, **changes)
        return self._record.upload


def _pause(tries: int, exc: BotError) -> float:
    """Return the seconds until the next attempt, after so many that went wrong."""
    pause = PAUSES.pause(tries)
    return max(pause, exc.retry_after or 0) if isinstance(exc, KickscaleRateLimited) else pause


def _failure(exc: BotError) -> Failure:
    match exc:
        case RecordingRefused():
            return Failure.of(exc.reason, next(iter(exc.values.values()), ""))
        case CredentialsRefused():
            return Failure.of("forbidden", exc.message) if exc.message else Failure("credentials")
        case KickscaleRejected():
            return Failure.of("rejected", exc.message)
        case SlackError():
            return Failure.of("slack", exc.code)
        case _:
            return Failure("unreadable")
