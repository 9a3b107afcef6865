"""Forgetting: what the bot posted and kept about a customer, a conversation or a person, or for too long.

What it posted goes first, and what leads to it last: after a crash, the same again goes on. What it did is noted in
the audit together with the last trace of it, so that no crash hides it.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot import domains
from bot.access.audit import Audit
from bot.clock import Clock
from bot.errors import RecordingRefused, SlackError, SlackUnavailable
from bot.model.audit import AuditKind
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted
from bot.render.kit.blocks import section
from bot.render.kit.limits import Payload, message
from bot.slack.client import Slack
from bot.storage.sqlite import Database
from bot.storage.sqlite.traces import GONE
from bot.texts import Texts

log = logging.getLogger(__name__)

EVENT_TYPE = "kickscale_erased"
OUTAGE = timedelta(minutes=30)
"""How long Slack may answer nothing, or be busy, before the rest is left to another run."""
LONGEST_PAUSE = 60.0
ROUNDS = 5
"""A bot that runs may post what it had in hand: what it adds meanwhile is looked for so often."""
COMPACTED = 3
"""How often it is tried to compact the database beside a bot that reads and writes."""
AGE = "age"

Tell = Callable[[], object]
"""Called after each message that was seen to."""
Keep = Callable[[], Awaitable[bool]]
"""Whether it is still this bot's to go on."""


@dataclass(slots=True)
class Outcome:
    """What was done, and what could not be."""

    deleted: int = 0
    blanked: int = 0
    """Slack does not delete these: their text is replaced."""
    copies: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """By the place of a message, `channel:ts` or `channel:file`, why it is still there: Slack's own word."""
    under_way: tuple[str, ...] = ()
    is_compact: bool = True
    """Nothing that was removed is left in the bytes of the file."""

    def add(self, copies: Mapping[str, int]) -> None:
        self.copies = dict(Counter(self.copies) + Counter(copies))

    @property
    def is_whole(self) -> bool:
        return not (self.failed or self.under_way) and self.is_compact

    def left(self) -> list[str]:
        """A line for each thing that could not be done, with a remedy."""
        lines = [
            f"{where} is still in Slack, which says {code}: remove it there by hand, or run this again."
            for where, code in self.failed.items()
        ]
        lines += [
            f"{what} is under way: once the bot is done with it, or who is asked in Slack has answered, run this again."
            for what in self.under_way
        ]
        if not self.is_compact:
            lines.append("The database was in use all the time, and its file may still hold old bytes: run this again.")
        return lines


class Erasure:
    def __init__(self, database: Database, slack: Slack, audit: Audit, clock: Clock, texts: Texts) -> None:
        self._database = database
        self._traces = database.traces
        self._slack = slack
        self._audit = audit
        self._clock = clock
        self._texts = texts

    async def plan(self, subject: Subject) -> Traces:
        """What there is to erase; nothing is changed. Raises SlackError."""
        return await self._traces.of(subject, *await self._known(subject))

    async def erase(self, subject: Subject, by: str, tell: Tell = lambda: None) -> Outcome:
        """Erase all of it; `by` is for the audit. Raises SlackError where Slack refuses the token, or to list."""
        await self._slack.check()
        outcome = Outcome()
        known = await self._known(subject)
        for _ in range(ROUNDS):
            traces = await self._traces.of(subject, *known)
            outcome.under_way = traces.under_way
            left = {id_: posted for id_, posted in traces.messages.items() if place(posted) not in outcome.failed}
            if not (left or traces.copies):
                break
            gone = await self._take_back(left, outcome, tell)
            for id_ in left.keys() - gone:
                await self._traces.mark(id_, left[id_], subject)
            people = subject.values if subject.about is About.USER else ()
            await self._forget(traces, subject.about, by, gone, outcome, people)
        else:
            outcome.under_way = (*outcome.under_way, "what a bot goes on posting about it")
        outcome.is_compact = await self._compact()
        return outcome

    async def by_age(self, messages: timedelta | None, copies: timedelta, keep: Keep) -> Outcome:
        """Erase what is older than that; messages stay where None is said. Ends early where `keep` says so."""
        outcome = Outcome()
        now = self._clock.now()
        if messages is not None:
            traces = await self._traces.before(now - messages)
            gone = await self._take_back(traces.messages, outcome, lambda: None, keep)
            await self._forget(traces, AGE, "", gone, outcome)
        await self._forget_copies(copies, outcome)
        if outcome.deleted or outcome.blanked or outcome.copies:
            outcome.is_compact = await self._compact()
        for where, code in outcome.failed.items():
            log.warning("the message %s is too old, and can't be removed (%s)", where, code)
        return outcome

    async def _known(self, subject: Subject) -> tuple[list[str], list[str]]:
        """The direct messages of these people, and their e-mail addresses. Raises SlackError."""
        if subject.about is not About.USER:
            return [], []
        addresses = []
        for user in subject.values:
            try:
                addresses.append((await self._slack.person(user)).email)
            except SlackUnavailable:
                raise
            except SlackError as exc:  # unknown to Slack by now
                log.info("the address of %s is not known (%s)", user, exc.code)
        return await self._slack.direct_messages(subject.values), [each for each in addresses if each]

    # ---- in Slack ----------------------------------------------------------------------------------------------------

    async def _take_back(
        self, messages: Mapping[int, Posted], outcome: Outcome, tell: Tell, keep: Keep | None = None
    ) -> list[int]:
        """Remove them from Slack, and write that down of each; the rows of those that are gone by this run."""
        gone = []
        outage: SlackUnavailable | None = None
        for id_, posted in messages.items():
            if keep is not None and not await keep():
                break
            try:
                if outage is not None:
                    raise outage
                is_deleted = posted.kind == GONE or await self._patiently(posted)
            except SlackError as exc:
                outage = exc if isinstance(exc, SlackUnavailable) else None
                outcome.failed[place(posted)] = exc.code or "unknown"
            else:
                if await self._traces.gone(id_, posted):
                    gone.append(id_)
                    outcome.deleted += is_deleted
                    outcome.blanked += not is_deleted
            tell()
        return gone

    async def _patiently(self, posted: Posted) -> bool:
        """Whether it could be deleted; else it is blank. Waits out what passes. Raises SlackError."""
        give_up = self._clock.now() + OUTAGE
        pause = 1.0
        while True:
            try:
                return await (self._file(posted) if posted.file else self._away(posted.channel, posted.ts))
            except SlackUnavailable as exc:
                if exc.code != "ratelimited" and self._clock.now() >= give_up:
                    raise
            await self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _file(self, posted: Posted) -> bool:
        """The message first, as the file may be all that leads to it."""
        ts = posted.ts
        try:
            ts = ts or (await self._slack.file(posted.file)).messages.get(posted.channel, "")
        except RecordingRefused:  # somebody removed it, or an earlier run did
            return True
        is_deleted = await self._away(posted.channel, ts) if ts else True
        await self._slack.delete_file(posted.file)
        if not ts:
            raise SlackError("file_not_shared")
        return is_deleted

    async def _away(self, channel: str, ts: str) -> bool:
        try:
            await self._slack.delete(channel, ts)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            try:
                await self._slack.edit(channel, ts, self._blank())
            except SlackUnavailable:
                raise
            except SlackError:
                raise exc from None
            return False
        return True

    def _blank(self) -> Payload:
        said = self._texts("erased.message")
        return {
            **message(said, [section(said)]),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": "erased"}},
        }

    # ---- in the database ---------------------------------------------------------------------------------------------

    async def _forget(  # noqa: PLR0917 what is forgotten, and for whom
        self,
        traces: Traces,
        what: str,
        by: str,
        gone: Collection[int],
        outcome: Outcome,
        people: Collection[str] = (),
    ) -> None:
        """Forget it, and note with it how many messages went, of which conversations, and how many copies."""
        noted = []
        if gone:
            ids = sorted({id_ for row in gone for id_ in traces.messages[row].conversations})
            noted.append(
                self._audit.row(AuditKind.ERASED, f"{what} messages", by=by, conversations=ids, count=len(gone))
            )
        if traces.copies:
            noted.append(self._audit.row(AuditKind.ERASED, f"{what} copies", by=by, count=sum(traces.copies.values())))
            outcome.add(traces.copies)
        await self._traces.remove(traces, people, noted, self._audit.row(AuditKind.CHANGED, "erase", by=by, count=0))

    async def _forget_copies(self, age: timedelta, outcome: Outcome) -> None:
        moment = self._clock.now() - age
        database = self._database
        copies = {
            "questions": await database.questions.prune(moment),
            # Longer than the button that promised them: pressed again, it is known what became of it.
            "jobs": await database.jobs.prune(moment - timedelta(days=1)),
            "offers": await database.uploads.prune_offers(moment),
            "uploads": await database.uploads.strip(moment),
        }
        if any(copies.values()):
            await self._audit.note(AuditKind.ERASED, f"{AGE} copies", count=sum(copies.values()))
            outcome.add(copies)

    async def _compact(self) -> bool:
        for attempt in range(COMPACTED):
            if await self._database.compact():
                return True
            await self._clock.sleep(attempt + 1)
        return False


def place(posted: Posted) -> str:
    """Where a message is, for whoever has to look after it."""
    return f"{posted.channel}:{posted.file or posted.ts}"


# ---- what the command line says ------------------------------------------------------------------------------------


def told_traces(subject: Subject, traces: Traces) -> str:
    """What there is of a subject, in lines."""
    shown = map(domains.display, subject.values) if subject.about is About.DOMAIN else subject.values
    channels = Counter(posted.channel for posted in traces.messages.values())
    where = ", ".join(f"{channel} {count}" for channel, count in sorted(channels.items()))
    lines = [
        f"About {', '.join(shown)}:",
        f"  messages in Slack: {len(traces.messages)}{f' ({where})' if where else ''}",
    ]
    if traces.shared:
        lines.append(f"    of these are also about others: {traces.shared}")
    if files := sum(bool(posted.file) for posted in traces.messages.values()):
        lines.append(f"    of these with a file: {files}")
    lines += [f"  {_COPIES[name]}: {count}" for name, count in traces.copies.items()]
    lines += [f"  under way, and left as it is: {what}" for what in traces.under_way]
    return "\n".join(lines)


def told_outcome(outcome: Outcome) -> str:
    """What was done, in a line."""
    blanked = f" ({outcome.blanked} that Slack does not delete are blank now)" if outcome.blanked else ""
    return f"Erased: {outcome.deleted + outcome.blanked} messages{blanked}, {sum(outcome.copies.values())} rows."


_COPIES = {
    "questions": "questions behind buttons",
    "jobs": "jobs with what they were about",
    "offers": "offers to upload",
    "uploads": "uploads whose names and details go",
    "cards": "live cards that are not kept current any more",
    "channels": "channels that go back from uploading without asking to asking",
    "subscriptions": "subscriptions that change or go",
}
