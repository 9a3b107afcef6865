"""Keeps the mirror as Kickscale is: fills it, reads again what may have changed, and removes what is gone there."""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.errors import (
    CredentialsRefused,
    GoneError,
    KickscaleError,
    KickscaleRejected,
    KickscaleUnavailable,
    KickscaleUnreadable,
    RangeTooWide,
)
from bot.jobs.lease import Lease
from bot.kickscale.patient_reader import PatientReader
from bot.kickscale.records.encoded import EncodedRecord
from bot.mirror.copies import copy
from bot.mirror.plan import DAY, due, instants, spans, whole_days, window
from bot.model.commands import Days
from bot.model.conversation import Conversation, Kind, ListRead, Scope
from bot.model.mirror import Freshness, MirrorState
from bot.storage.mirror import MirrorStore
from bot.tools.slices import in_slices

log = logging.getLogger(__name__)

SHELVES = tuple((kind, scope) for scope in (Scope.EXTERNAL, Scope.INTERNAL) for kind in Kind)
"""The lists of which the mirror has every day. External and internal ones are read apart, since the API doesn't say of
a conversation which it is."""
LEASE = timedelta(minutes=2)
LONGEST_SPAN = 32
FEW, MANY = 50, 150
"""After a span with fewer conversations the next one is longer, and after one with more it is shorter: a request
returns a hundred, and takes as long for three."""
AT_ONCE = 10
"""How many conversations are written down in one transaction. Commands wait for it too: ten milliseconds."""
SLICE = 5
"""How many are copied before others have their turn: a millisecond."""
TRANSCRIPTS_AT_ONCE = 20
TRANSCRIPT_TRIES = 2
"""How often a transcript is asked for in one reading. If its conversation has changed by then, it is still missing; and
if it changes whenever it is asked for, it always is.
"""
MOST_HEARD = 1_000
"""A longer list that somebody else has read isn't looked through: that would take a second of computing."""
REMEMBERED = 5_000
"""Conversations, 300 bytes each."""
TELL_PROGRESS = 40
"""Days."""


class Mirror:
    def __init__(  # noqa: PLR0917 its settings
        self,
        store: MirrorStore,
        reader: PatientReader,
        lease: Lease,
        clock: Clock,
        days: int,
        zone: ZoneInfo,
        *,
        with_transcripts: bool,
    ) -> None:
        """It has the last `days` days; with none of them, it is switched off."""
        self._store = store
        self._reader = reader
        self._lease = lease
        self._clock = clock
        self._days = days
        self._zone = zone
        self._with_transcripts = with_transcripts
        self._writing = asyncio.Lock()
        self._written: OrderedDict[tuple[Kind, str], tuple[Scope, int]] = OrderedDict()
        """The fingerprints of conversations as they were written down. The oldest are forgotten."""
        self._span = 1
        self._is_reading = False
        self._trimmed: date | None = None
        self._told = 0

    @property
    def is_on(self) -> bool:
        return self._days > 0

    @property
    def first_day(self) -> date | None:
        """The first day (UTC) that is copied; None if the mirror is switched off."""
        return window(self._clock.now(), self._days).first if self.is_on else None

    # ---- reading -----------------------------------------------------------------------------------------------------

    async def catch_up(self) -> None:
        """Read whatever is due, unless another bot on the database does. Raises StorageFailed."""
        await self._drop_unwanted()
        if not self.is_on:
            return
        tried: Counter[tuple[Kind, str]] = Counter()
        try:
            while await self._lease.take(LEASE):
                await self._trim()
                if not (await self._read_next() or await self._read_transcripts(tried)):
                    return
        except (KickscaleError, RangeTooWide) as exc:
            log.warning(
                "copying conversations was interrupted (%s); will continue in a few minutes", type(exc).__name__
            )

    async def _read_next(self) -> bool:
        """Read the newest span that is due; False if none is."""
        now = self._clock.now()
        covered = window(now, self._days)
        waiting = []
        unread = 0
        for kind, scope in SHELVES:
            read = await self._store.days_read(kind, scope)
            unread = max(unread, _count(covered) - len(read))
            days = due(now, self._zone, covered, read)
            waiting += [(span.last, kind, scope, span) for span in spans(days, self._span)]
        self._tell_progress(unread, _count(covered))
        if not waiting:
            return False
        _, kind, scope, span = max(waiting, key=lambda entry: entry[0])
        self._is_reading = True
        try:
            conversations = await self._reader.between(kind, scope, *instants(span))
        finally:
            self._is_reading = False
        await self._take(scope, span, conversations, now)
        await self._settle(kind, scope, span, now)
        if len(conversations) < FEW:
            self._span = min(LONGEST_SPAN, self._span * 2)
        elif len(conversations) > MANY:
            self._span = max(1, self._span // 2)
        return True

    async def _take(
        self,
        scope: Scope,
        days: Days,
        conversations: Sequence[Conversation],
        read_at: datetime,
        *,
        only_news: bool = False,
    ) -> None:
        """Write a list down; a few at a time, so that others have their turns in between.

        With `only_news`, `read_at` isn't written down for what is as it was.
        """
        async with self._writing:
            for start in range(0, len(conversations), AT_ONCE):
                part: list[Conversation] = []
                fingerprints: dict[tuple[Kind, str], tuple[Scope, int]] = {}
                for conversation in conversations[start : start + AT_ONCE]:
                    key, fingerprint = (conversation.kind, conversation.id), _fingerprint(conversation, scope)
                    if only_news and fingerprint is not None and self._written.get(key) == fingerprint:
                        continue
                    part.append(conversation)
                    if fingerprint is not None:
                        fingerprints[key] = fingerprint
                if not part:
                    await asyncio.sleep(0)
                    continue
                is_internal = scope is Scope.INTERNAL
                copies = [copy(conversation, is_internal=is_internal) async for conversation in in_slices(part, SLICE)]
                await self._store.merge(copies, days.last, read_at)
                self._written.update(fingerprints)
                while len(self._written) > REMEMBERED:
                    self._written.popitem(last=False)

    async def _settle(self, kind: Kind, scope: Scope, days: Days, read_at: datetime) -> None:
        """Ask for each conversation that was in these days and isn't any more, and then call the days complete.

        A list says little about what isn't in it: while its pages were read, others may have changed places. The copy
        of one that can't be read stays.
        """
        for id_ in await self._store.unseen(kind, scope, days, read_at):
            try:
                conversation = await self._reader.conversation(kind, id_)
            except GoneError:
                await self._store.remove(kind, [id_])
            except KickscaleError as exc:
                if not _is_about_one(exc):
                    raise
                log.info("a conversation that is in no list can't be read (%s); its copy stays", type(exc).__name__)
            else:
                is_internal = not await self._reader.is_external(conversation)
                await self._store.merge([copy(conversation, is_internal=is_internal)], days.last, self._clock.now())
        await self._store.mark_read(kind, scope, days, read_at)

    async def _read_transcripts(self, tried: Counter[tuple[Kind, str]]) -> bool:
        """Read some transcripts that are missing; False if none is, or they aren't wanted.

        `tried` says how often this reading has asked for each.
        """
        if not self._with_transcripts:
            return False
        given_up = sum(times >= TRANSCRIPT_TRIES for times in tried.values())
        untranscribed = await self._store.untranscribed(TRANSCRIPTS_AT_ONCE + given_up)
        missing = [of for of in untranscribed if tried[of.kind, of.id] < TRANSCRIPT_TRIES]
        failed = 0
        for of in missing:
            tried[of.kind, of.id] += 1
            try:
                conversation = await self._reader.conversation(of.kind, of.id, transcript=True)
            except GoneError:
                await self._store.remove(of.kind, [of.id])
            except KickscaleError as exc:
                failed += 1
                if not _is_about_one(exc) or failed > max(1, len(missing) // 2):
                    raise
                tried[of.kind, of.id] = TRANSCRIPT_TRIES
                log.info("a transcript can't be read (%s); it is left to the next reading", type(exc).__name__)
            else:
                # What nobody may read is not copied either.
                spoken = () if conversation.is_consent_missing else conversation.transcript
                await self._store.transcribe(of, spoken)
        return bool(missing)

    async def _trim(self) -> None:
        """Once a day, remove what is older than the mirror's days, and every trace of what was removed."""
        first = window(self._clock.now(), self._days).first
        if self._trimmed != first:
            await self._store.trim(first)
            self._trimmed = first

    async def _drop_unwanted(self) -> None:
        """Remove what the settings don't want any more."""
        if not self.is_on:
            if (await self._store.size()).conversations and (count := await self._store.clear()):
                log.info("removed %d copies of conversations, because MIRROR_DAYS is 0", count)
        elif not self._with_transcripts and (await self._store.size()).transcripts:
            log.info(
                "removed %d copies of transcripts, because MIRROR_TRANSCRIPTS is off",
                await self._store.drop_transcripts(),
            )

    def _tell_progress(self, unread: int, wanted: int) -> None:
        if self._told and not unread:
            log.info("conversations of all %d days are copied", wanted)
        elif unread and abs(self._told - unread) >= TELL_PROGRESS:
            log.info("conversations of %d of %d days are copied", wanted - unread, wanted)
        else:
            return
        self._told = unread

    # ---- what others have read ---------------------------------------------------------------------------------------

    def wants(self, read: ListRead) -> bool:
        """Return whether the mirror can use this."""
        return (
            self.is_on
            # Single ones in any case: it may be that the consent to one was withdrawn.
            and (read.scope is None or not self._is_reading)
            and read.scope is not Scope.ALL
            and len(read.conversations) <= MOST_HEARD
        )

    async def hear(self, read: ListRead) -> None:
        """Use what Kickscale has just told somebody else. Asks it nothing. Raises StorageFailed."""
        covered = window(self._clock.now(), self._days)
        read_at = self._clock.now() - timedelta(seconds=read.took)
        if read.scope is None:
            await self._update(read.kind, read.conversations, read_at)
            return
        within = [
            conversation
            for conversation in read.conversations
            if conversation.starts_at and covered.first <= conversation.starts_at.astimezone(UTC).date() <= covered.last
        ]
        days = whole_days(read.start, read.end) if read.start is not None and read.end is not None else None
        # People ask for the same few again and again. Only for whole days does it matter what else is still there.
        await self._take(read.scope, covered, within, read_at, only_news=days is None)
        if days is None:
            return
        days = Days(max(days.first, covered.first), min(days.last, covered.last))
        # One that is missing has to be asked for: that is left to the mirror's own reading.
        if not await self._store.unseen(read.kind, read.scope, days, read_at):
            await self._store.mark_read(read.kind, read.scope, days, read_at)

    async def _update(self, kind: Kind, conversations: Sequence[Conversation], read_at: datetime) -> None:
        """Take single conversations, of which only the mirror knows whether they are internal."""
        for conversation in conversations:
            known = await self._store.get(kind, conversation.id)
            if known is not None:
                await self._store.merge([copy(conversation, is_internal=known.is_internal)], None, read_at)

    async def expect(self, conversation: Conversation) -> None:
        """Read the day of a conversation again: Kickscale has reported that it changed. Raises StorageFailed."""
        if self.is_on and conversation.starts_at:
            await self._store.mark_stale(conversation.kind, conversation.starts_at.astimezone(UTC).date())

    # ---- how fresh it is ---------------------------------------------------------------------------------------------

    async def freshness(
        self, start: datetime | None = None, end: datetime | None = None, scope: Scope = Scope.ALL
    ) -> Freshness:
        """Return how fresh the mirror is in a scope between these moments; without them, as far as it goes."""
        covered = window(self._clock.now(), self._days)
        last = covered.last - DAY  # tomorrow says nothing
        first = covered.first
        if start is not None:
            first = max(first, start.astimezone(UTC).date())
        if end is not None:
            last = min(last, (end - timedelta(microseconds=1)).astimezone(UTC).date())
        numbers = range(first.toordinal(), last.toordinal() + 1)
        days = [date.fromordinal(number) for number in numbers]
        wanted = [(kind, of) for kind, of in SHELVES if scope in (Scope.ALL, of)]
        shelves = [await self._store.days_read(kind, of) for kind, of in wanted]
        known = [min(shelf[day] for shelf in shelves) for day in days if all(day in shelf for shelf in shelves)]
        newest = [shelf.get(days[-1]) for shelf in shelves] if days else []
        return Freshness(
            newest=min((at for at in newest if at is not None), default=None) if all(newest) else None,
            oldest=min(known, default=None),
            days=len(days),
            missing=len(days) - len(known),
        )

    async def state(self) -> MirrorState | None:
        """Return how far it is; None if it is switched off."""
        return MirrorState(await self._store.size(), await self.freshness()) if self.is_on else None


def _is_about_one(failure: KickscaleError) -> bool:
    """Return whether Kickscale answered that it can't or won't return this record: it may return others."""
    if isinstance(failure, KickscaleUnavailable):
        return failure.status is not None
    return isinstance(failure, CredentialsRefused | KickscaleRejected | KickscaleUnreadable)


def _count(days: Days) -> int:
    return (days.last - days.first).days + 1


def _fingerprint(conversation: Conversation, scope: Scope) -> tuple[Scope, int] | None:
    """Return what differs once the conversation does; None if it was decoded and nobody knows."""
    fingerprint = conversation.raw.fingerprint if isinstance(conversation.raw, EncodedRecord) else None
    return None if fingerprint is None else (scope, fingerprint)
