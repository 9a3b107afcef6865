"""Subscriptions: added, changed, paused and removed. The digests' times follow from each change at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.access.audit import COMMAND_LINE, Audit
from bot.clock import Clock
from bot.digests.digests import DIGEST
from bot.digests.rules import ASKED, DEFAULT_AT, begun, edited, key, resumed
from bot.digests.schedule import dues, last_due
from bot.digests.yaml_file import Step
from bot.errors import GoneError, NotInChannel
from bot.model.audit import AuditKind, AuditRow
from bot.model.commands import DigestAddCommand
from bot.model.digests import DigestState, Due, Subscription, Upcoming
from bot.model.people import Person
from bot.slack.client import Slack
from bot.storage.sqlite import Database
from bot.tools.timezones import zone_or_default


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one subscription."""

    before: Subscription
    after: Subscription | None
    """None: removed."""


class Subscriptions:
    """`changed` is called after every change."""

    def __init__(
        self,
        *,
        database: Database,
        audit: Audit,
        slack: Slack,
        clock: Clock,
        default_timezone: str,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._subscriptions = database.subscriptions
        self._digests = database.digests
        self._jobs = database.jobs
        self._audit = audit
        self._slack = slack
        self._clock = clock
        self._default_timezone = default_timezone
        self._changed = changed
        self._changing = asyncio.Lock()

    # ---- what there is -----------------------------------------------------------------------------------------------

    async def of_channel(self, channel: str) -> list[Subscription]:
        return await self._subscriptions.of_channel(channel)

    async def find(self, channel: str, target: str) -> list[Subscription]:
        """Those of the channel with this domain, or the one with this id. Raises GoneError where there is none."""
        found = await self.of_channel(channel)
        found = [each for each in found if target.casefold() == each.id or target in each.domains]
        if not found:
            raise GoneError("subscription", target)
        return found

    async def get(self, id: str) -> Subscription:  # noqa: A002
        """Raises GoneError."""
        found = await self._subscriptions.get(id)
        if found is None:
            raise GoneError("subscription", id)
        return found

    async def upcoming(self, subscription: Subscription) -> Upcoming | None:
        """Its next digest; None where none comes. A day on which there was one already has no other."""
        if subscription.live or subscription.paused:
            return None
        trying = await self._trying(subscription)
        for due in dues(subscription, self._clock.now()):
            is_taken = trying is not None and due.day == trying.day
            if not is_taken and await self._digests.get(subscription.id, due.day) is None:
                return Upcoming(due, trying)
        return None

    async def _trying(self, subscription: Subscription) -> Due | None:
        """The digest that is due and neither posted nor given up."""
        jobs = await self._jobs.open(DIGEST, subscription=subscription.id)
        found = [
            Due(date.fromisoformat(each.payload["day"]), datetime.fromisoformat(each.payload["at"])) for each in jobs
        ]
        if (unpromised := last_due(subscription, self._clock.now())) is not None:
            found.append(unpromised)
        if not found:
            return None
        latest = max(found, key=lambda each: each.at)  # it covers the earlier ones
        row = await self._digests.get(subscription.id, latest.day)
        return latest if row is None or row.state is DigestState.BEGUN else None

    def draft(self, command: DigestAddCommand, person: Person, channel: str) -> Subscription:
        """What the command means for this person: 8:30, every day, their own time zone where it says nothing else."""
        now = self._clock.now()
        subscription = Subscription(
            id="",
            channel=channel,
            domains=command.domains,
            timezone=command.timezone or zone_or_default(person.timezone if person else "", self._default_timezone).key,
            created_by=person.id,
            created_at=now,
            since=now,
            due_after=now,
            live=command.live,
            at=DEFAULT_AT if command.at is None else command.at,
            days=command.days,
            empty=command.empty,
        )
        return begun(subscription, now)

    # ---- changes -----------------------------------------------------------------------------------------------------

    async def add(
        self, command: DigestAddCommand, person: Person, channel: str
    ) -> tuple[Subscription, Subscription | None]:
        """The subscription, and as it was where it is not new: the very same one is there once.

        One that was paused goes on then, and one that was silent on quiet days is so no more where the command says
        so. Raises NotInChannel where the bot may not post.
        """
        await self._require_member(channel, person.id)
        new = self.draft(command, person, channel)
        noted = self._noted("add", channel, person.id)
        async with self._changing:
            twin = _twin(new, await self.of_channel(channel))
            if twin is None:
                kept = await self._subscriptions.add(new, noted)
            else:
                going = resumed(twin, self._clock.now())
                kept = await self._write(twin, replace(going, empty=twin.empty or new.empty), noted)
        await self._changed()
        return kept, twin

    async def remove(self, channel: str, target: str, user: str) -> list[Change]:
        """Remove the one with this id, or the domain from all that have it: those that have no other are gone.

        Raises GoneError where there is none.
        """
        noted = self._noted("remove", channel, user)
        async with self._changing:
            changes = []
            for each in await self.find(channel, target):
                rest = tuple(domain for domain in each.domains if domain != target)
                is_narrowed = rest and len(rest) < len(each.domains)
                after = edited(each, self._clock.now(), domains=rest) if is_narrowed else None
                if after is None or _twin(after, await self.of_channel(channel)) is not None:
                    await self._subscriptions.remove(each.id, noted)
                    changes.append(Change(each, None))
                else:
                    changes.append(Change(each, await self._write(each, after, noted)))
        await self._changed()
        return changes

    async def pause(self, channel: str, target: str, user: str) -> list[Change]:
        """Pause the one with this id, or all that have this domain. Raises GoneError where there is none."""
        noted = self._noted("pause", channel, user)
        async with self._changing:
            changes = [
                Change(each, await self._write(each, replace(each, paused=each.paused or ASKED), noted))
                for each in await self.find(channel, target)
            ]
        await self._changed()
        return changes

    async def resume(self, channel: str, target: str, user: str) -> list[Change]:
        """Let the one with this id, or all that have this domain, go on from now.

        Raises GoneError where there is none, and NotInChannel where the bot may not post.
        """
        found = await self.find(channel, target)
        await self._require_member(channel, user)
        async with self._changing:
            now = self._clock.now()
            noted = self._noted("resume", channel, user)
            changes = [Change(each, await self._write(each, resumed(each, now), noted)) for each in found]
        await self._changed()
        return changes

    async def twin(self, id: str, **changes: Any) -> Subscription | None:  # noqa: A002
        """Another one that this one would be the same as, once changed so. Raises GoneError."""
        before = await self.get(id)
        return _twin(replace(before, **changes), await self.of_channel(before.channel))

    async def edit(self, id: str, user: str, **changes: Any) -> Change:  # noqa: A002
        """Change these fields of the model. Raises GoneError."""
        async with self._changing:
            before = await self.get(id)
            after = await self._write(
                before, edited(before, self._clock.now(), **changes), self._noted("edit", before.channel, user)
            )
        await self._changed()
        return Change(before, after)

    def _noted(self, what: str, channel: str, user: str) -> AuditRow:
        return self._audit.row(AuditKind.CHANGED, f"digest {what}", by=user, channel=channel)

    async def _write(self, before: Subscription, after: Subscription, noted: AuditRow) -> Subscription:
        columns = _different(before, after)
        if columns and not await self._subscriptions.change(before.id, noted, **columns):
            raise GoneError("subscription", before.id)
        return after

    async def _require_member(self, channel: str, user: str) -> None:
        """Raises NotInChannel, and SlackError (`is_archived`). In its own direct messages the bot may always post."""
        if channel.startswith("D"):
            if channel != await self._slack.open_dm(user):
                raise NotInChannel("direct_message")
        elif not await self._slack.is_member(channel):
            raise NotInChannel("not_in_channel")


async def carry_out(database: Database, audit: Audit, steps: Iterable[Step]) -> None:
    """Write what a file says down, or nothing of it; the running bot sees it within a minute. Raises GoneError."""
    added, changed = [], []
    # First those with an id of their own, or another one might be given it.
    for step in sorted(steps, key=lambda each: not each.after.id):
        noted = audit.row(AuditKind.CHANGED, "digest import", by=COMMAND_LINE, channel=step.after.channel)
        if step.before is None:
            added.append((step.after, noted))
        elif columns := _different(step.before, step.after):
            changed.append((step.before.id, noted, columns))
    await database.subscriptions.carry_out(added, changed)


def _different(before: Subscription, after: Subscription) -> dict[str, Any]:
    """What is to be written: no more, since the digests write theirs at the same time."""
    return {
        name: getattr(after, name)
        for name in Subscription.__dataclass_fields__
        if getattr(after, name) != getattr(before, name)
    }


def _twin(subscription: Subscription, others: Sequence[Subscription]) -> Subscription | None:
    return next((each for each in others if each.id != subscription.id and key(each) == key(subscription)), None)
