"""Erases what the bot posted and stored about a customer, a conversation or a person, and whatever has expired.

Messages in Slack go first, and what leads to them last: after a crash, a second run finds the rest. What was done is
recorded in the audit together with the last trace of it, so that no crash hides it.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

from bot.access.audit import Audit
from bot.clock import Clock
from bot.erasure.matcher import SubjectMatcher
from bot.erasure.report import Outcome, locate
from bot.erasure.slack_removal import SlackRemoval
from bot.erasure.traces import find_old, find_traces, forget_old_copies, forget_traces
from bot.errors import SlackError, SlackUnavailable
from bot.model.audit import AuditKind, AuditRow
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted
from bot.slack.client import Slack
from bot.storage.erasable import GONE, Erasables, ErasureStore
from bot.storage.stores import SubscriptionStore

log = logging.getLogger(__name__)

ROUNDS = 5
"""How often it looks again: a running bot may post what it has in hand."""
COMPACTED = 3
"""How often it tries to compact the database beside a bot that reads and writes."""
AGE = "age"

Tell = Callable[[], object]
"""Called after each message that was dealt with."""
Keep = Callable[[], Awaitable[bool]]
"""Asked before each message whether this bot may continue."""


class Erasure:
    def __init__(
        self, store: ErasureStore, subscriptions: SubscriptionStore, slack: Slack, audit: Audit, clock: Clock
    ) -> None:
        self._store = store
        self._slack = slack
        self._removal = SlackRemoval(slack, subscriptions, clock)
        self._audit = audit
        self._clock = clock
        self._is_compact = False
        """Whether nothing was erased for its age since the database was compacted. Nobody knows at the start."""

    async def plan(self, subject: Subject) -> Traces:
        """Return what there is to erase; nothing is changed. Raises SlackError."""
        return await self._find(await self._matcher(subject))

    async def erase(self, subject: Subject, by: str, tell: Tell = lambda: None) -> Outcome:
        """Erase all of it; `by` is for the audit. Raises SlackError if Slack refuses the token, or to list."""
        await self._slack.auth.check()
        outcome = Outcome()
        matcher = await self._matcher(subject)
        await self._store.write(lambda stores: stores.remember(subject, self._clock.now()))
        people = subject.values if subject.about is About.USER else ()
        for _ in range(ROUNDS):
            traces = await self._find(matcher)
            outcome.under_way = traces.under_way
            messages = {id_: posted for id_, posted in traces.messages.items() if locate(posted) not in outcome.failed}
            if not (messages or traces.copies):
                break
            gone = await self._remove(messages, outcome, tell)
            if left := {id_: posted for id_, posted in messages.items() if id_ not in gone}:
                await self._link(left, subject)
            await self._forget(traces, self._records(traces, gone, subject.about, by), by, people)
            outcome.add(traces.copies)
        else:
            outcome.under_way = (*outcome.under_way, "posting by a running bot")
        await self._store.forget_words()  # whatever was found: an earlier run may have been killed before it got here
        outcome.is_compact = await self._compact()
        return outcome

    async def forget_subjects(self, before: datetime) -> None:
        """Forget which subjects were erased before that: no backup is as old."""
        await self._store.write(lambda stores: stores.forget_subjects(before))

    async def by_age(
        self, now: datetime, messages: timedelta | None, copies: timedelta, keep: Keep, *, is_night: bool
    ) -> Outcome:
        """Erase what is older than that; with None, messages stay. Ends early if `keep` says so.

        The last bytes of it go at night, if everybody would have to wait for that.
        `now` is a moment that was compared with somebody else's clock: ours may be wrong.
        """
        outcome = Outcome()
        if messages is not None:
            limit = now - messages
            traces = await self._store.read(lambda stores: find_old(stores, limit))
            gone = await self._remove(traces.messages, outcome, lambda: None, keep)
            await self._forget(traces, self._records(traces, gone, AGE, ""), "")
            outcome.add(traces.copies)
        outcome.add(await self._store.write(lambda stores: self._forget_copies(stores, now - copies)))
        if "mirror" in outcome.copies:
            await self._store.forget_words()
        is_new = bool(outcome.deleted or outcome.blanked or outcome.copies)
        self._is_compact = self._is_compact and not is_new
        if not self._is_compact and (is_night or (is_new and await self._store.compacts_fast())):
            self._is_compact = await self._compact()
        outcome.is_compact = self._is_compact
        for where, code in outcome.failed.items():
            log.warning("the expired message %s can't be deleted (%s)", where, code)
        return outcome

    async def _matcher(self, subject: Subject) -> SubjectMatcher:
        """Return what recognises the subject, and a person by their email addresses too. Raises SlackError."""
        if subject.about is not About.USER:
            return SubjectMatcher(subject)
        addresses = []
        for user in subject.values:
            try:
                addresses.append((await self._slack.people.get(user)).email)
            except SlackUnavailable:
                raise
            except SlackError as exc:  # Slack doesn't know them any more
                log.info("the email address of %s is unknown (%s)", user, exc.code)
        channels = await self._slack.channels.find_direct_messages(subject.values)
        return SubjectMatcher(subject, channels, [address for address in addresses if address])

    async def _find(self, matcher: SubjectMatcher) -> Traces:
        return await self._store.read(lambda stores: find_traces(stores, matcher))

    async def _remove(
        self, messages: Mapping[int, Posted], outcome: Outcome, tell: Tell, keep: Keep | None = None
    ) -> list[int]:
        """Remove messages from Slack, and record that of each; return the ids of those that this run removed."""
        gone = []
        outage: SlackUnavailable | None = None
        for id_, posted in messages.items():
            if keep is not None and not await keep():
                break
            try:
                if outage is not None:
                    raise outage
                is_deleted = posted.kind == GONE or await self._removal.remove(posted)
            except SlackError as exc:
                outage = exc if isinstance(exc, SlackUnavailable) else None
                outcome.failed[locate(posted)] = exc.code or "unknown"
            else:
                if await self._mark_gone(id_, posted):
                    gone.append(id_)
                    outcome.deleted += is_deleted
                    outcome.blanked += not is_deleted
            tell()
        return gone

    async def _mark_gone(self, id_: int, posted: Posted) -> bool:
        return await self._store.write(lambda stores: stores.messages.mark_gone(id_, posted))

    async def _link(self, messages: Mapping[int, Posted], subject: Subject) -> None:
        """Have the next run find messages that could not be removed."""

        def link(stores: Erasables) -> None:
            for id_, posted in messages.items():
                stores.messages.link(id_, posted, subject)

        await self._store.write(link)

    def _records(self, traces: Traces, gone: Collection[int], what: str, by: str) -> list[AuditRow]:
        """Return what the audit records: how many messages went, of which conversations, and how many copies."""
        records = []
        if gone:
            ids = sorted({id_ for message in gone for id_ in traces.messages[message].conversations})
            records.append(
                self._audit.row(AuditKind.ERASED, f"{what} messages", by=by, conversations=ids, count=len(gone))
            )
        if traces.copies:
            count = sum(traces.copies.values())
            records.append(self._audit.row(AuditKind.ERASED, f"{what} copies", by=by, count=count))
        return records

    async def _forget(
        self, traces: Traces, records: Collection[AuditRow], by: str, people: Collection[str] = ()
    ) -> None:
        changed = self._audit.row(AuditKind.CHANGED, "erase", by=by, count=0)
        await self._store.write(lambda stores: forget_traces(stores, traces, people, records, changed))

    def _forget_copies(self, stores: Erasables, moment: datetime) -> dict[str, int]:
        copies = forget_old_copies(stores, moment)
        if copies:
            stores.record(self._audit.row(AuditKind.ERASED, f"{AGE} copies", count=sum(copies.values())))
        return copies

    async def _compact(self) -> bool:
        for attempt in range(COMPACTED):
            if await self._store.compact():
                return True
            await self._clock.sleep(attempt + 1)
        return False
