"""Subscriptions: added, edited, paused, resumed and removed. The digests' wake-ups follow each change at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from bot.access.audit import COMMAND_LINE, Audit
from bot.announcements.announcements import Announcement, Announcements
from bot.clock import Clock
from bot.digests.rules import DEFAULT_AT, begin, edit, identity, resume
from bot.errors import GoneError
from bot.model.audit import AuditKind, AuditRow
from bot.model.commands import DigestAddCommand
from bot.model.digests import ASKED, Subscription, SubscriptionChange, SubscriptionFields
from bot.model.people import Person
from bot.render.digests.subscriptions import announced_domains, announced_text
from bot.slack.client import Slack
from bot.storage.stores import SubscriptionStore
from bot.texts import texts_in
from bot.tools.timezones import zone_or_default

if TYPE_CHECKING:
    from bot.digests.yaml_file import Step  # it imports yaml, which only the command line needs

SHOWN = {"domains", "live", "at", "days", "timezone", "empty", "language"}
"""The fields that people set."""


class Subscriptions:
    """`on_change` is called after every change, and the channel is told who made it."""

    def __init__(
        self,
        *,
        store: SubscriptionStore,
        audit: Audit,
        announcements: Announcements,
        slack: Slack,
        clock: Clock,
        default_timezone: str,
        on_change: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._audit = audit
        self._announcements = announcements
        self._slack = slack
        self._clock = clock
        self._default_timezone = default_timezone
        self._on_change = on_change
        self._changing = asyncio.Lock()

    async def of_channel(self, channel: str) -> list[Subscription]:
        return await self._store.of_channel(channel)

    async def find(self, channel: str, target: str) -> list[Subscription]:
        """Return those of the channel with this domain, or the one with this id. Raises GoneError if there is none."""
        here = await self.of_channel(channel)
        matching = [
            subscription
            for subscription in here
            if target.casefold() == subscription.id or target in subscription.domains
        ]
        if not matching:
            raise GoneError("subscription", target)
        return matching

    async def get(self, id: str) -> Subscription:  # noqa: A002
        """Raises GoneError."""
        subscription = await self._store.get(id)
        if subscription is None:
            raise GoneError("subscription", id)
        return subscription

    def draft(self, command: DigestAddCommand, person: Person, channel: str) -> Subscription:
        """Return the subscription that the command describes. Defaults: 8:30, every day, the person's time zone."""
        now = self._clock.now()
        subscription = Subscription(
            id="",
            channel=channel,
            domains=command.domains,
            timezone=command.timezone or zone_or_default(person.timezone, self._default_timezone).key,
            created_by=person.id,
            created_at=now,
            since=now,
            due_after=now,
            live=command.live,
            at=DEFAULT_AT if command.at is None else command.at,
            days=command.days,
            empty=command.empty,
            language=command.language or person.language,
        )
        return begin(subscription, now)

    # ---- changes -----------------------------------------------------------------------------------------------------

    async def add(
        self, command: DigestAddCommand, person: Person, channel: str
    ) -> tuple[Subscription, Subscription | None]:
        """Return the subscription and, if the channel had the same one already, what that was like before.

        An existing one is resumed if it was paused, and posts on quiet days or in another language if the command says
        so. Raises NotInChannel if the bot can't post there, and SlackError.
        """
        await self._slack.channels.require_member(channel, person.id)
        new = self.draft(command, person, channel)
        audit_row = self._audit_row("add", channel, person.id)
        async with self._changing:
            twin = _find_twin(new, await self.of_channel(channel))
            if twin is None:
                subscription = await self._store.add(new, audit_row)
            else:
                resumed = resume(twin, self._clock.now())
                after = replace(resumed, empty=twin.empty or new.empty, language=command.language or twin.language)
                subscription = await self._write(twin, after, audit_row)
        await self._follow_up(person.id, [(twin, subscription)])
        return subscription, twin

    async def remove(self, channel: str, id: str, user: str, *, domain: str = "") -> SubscriptionChange:  # noqa: A002
        """Remove the one with this id or, if it has others, only this domain from it. Raises GoneError.

        It is also removed if the channel has another one that is the same as what would remain.
        """
        audit_row = self._audit_row("remove", channel, user)
        async with self._changing:
            (before,) = await self.find(channel, id)
            if domain and domain not in before.domains:
                raise GoneError("subscription", domain)
            rest = tuple(other for other in before.domains if other != domain)
            after = edit(before, self._clock.now(), domains=rest) if domain and rest else None
            if after is not None and _find_twin(after, await self.of_channel(channel)) is None:
                after = await self._write(before, after, audit_row)
            else:
                after = None
                await self._store.remove(before.id, audit_row)
        await self._follow_up(user, [(before, after)])
        return SubscriptionChange(before, after)

    async def pause(self, channel: str, target: str, user: str) -> list[SubscriptionChange]:
        """Pause the one with this id, or all that have this domain. Raises GoneError if there is none."""
        audit_row = self._audit_row("pause", channel, user)
        async with self._changing:
            changes = []
            for before in await self.find(channel, target):
                after = await self._write(before, replace(before, paused=before.paused or ASKED), audit_row)
                changes.append(SubscriptionChange(before, after))
        await self._follow_up(user, [(change.before, change.after) for change in changes])
        return changes

    async def resume(self, channel: str, target: str, user: str) -> list[SubscriptionChange]:
        """Resume the one with this id, or all that have this domain, from now on.

        Raises GoneError if there is none, NotInChannel if the bot can't post there, and SlackError.
        """
        matching = await self.find(channel, target)
        await self._slack.channels.require_member(channel, user)
        audit_row = self._audit_row("resume", channel, user)
        async with self._changing:
            now = self._clock.now()
            changes = [
                SubscriptionChange(before, await self._write(before, resume(before, now), audit_row))
                for before in matching
            ]
        await self._follow_up(user, [(change.before, change.after) for change in changes])
        return changes

    async def find_twin(self, id: str, **changes: Unpack[SubscriptionFields]) -> Subscription | None:  # noqa: A002
        """Return another subscription that would be the same as this one after these changes. Raises GoneError."""
        before = await self.get(id)
        return _find_twin(replace(before, **changes), await self.of_channel(before.channel))

    async def edit(self, id: str, user: str, **changes: Unpack[SubscriptionFields]) -> SubscriptionChange:  # noqa: A002
        """Change these fields. Raises GoneError."""
        async with self._changing:
            before = await self.get(id)
            audit_row = self._audit_row("edit", before.channel, user)
            after = await self._write(before, edit(before, self._clock.now(), **changes), audit_row)
        await self._follow_up(user, [(before, after)])
        return SubscriptionChange(before, after)

    async def _follow_up(self, user: str, changes: Iterable[tuple[Subscription | None, Subscription | None]]) -> None:
        """Have the wake-ups follow these changes (before, after), and tell the channel who made them."""
        await self._on_change()
        for before, after in changes:
            action, subscription = _what_changed(before, after), after or before
            if action and subscription is not None:
                texts = texts_in(subscription.language)
                await self._announcements.promise(
                    Announcement(
                        channel=subscription.channel,
                        by=user,
                        text=announced_text(texts, action, subscription, by=user),
                        language=subscription.language,
                        domains=announced_domains(subscription),
                        held_text=announced_text(texts, action, subscription, by=user, named=False),
                    )
                )

    def _audit_row(self, action: str, channel: str, user: str) -> AuditRow:
        return self._audit.row(AuditKind.CHANGED, f"digest {action}", by=user, channel=channel)

    async def _write(self, before: Subscription, after: Subscription, audit_row: AuditRow) -> Subscription:
        fields = _changed_fields(before, after)
        if fields and not await self._store.change(before.id, audit_row, **fields):
            raise GoneError("subscription", before.id)
        return after


async def carry_out(store: SubscriptionStore, audit: Audit, steps: Iterable["Step"]) -> None:
    """Make all changes of an imported file, or none; a running bot sees them within a minute. Raises GoneError."""
    added, changed = [], []
    # Those with an id come first, so that no other one is given that id.
    for step in sorted(steps, key=lambda step: not step.after.id):
        audit_row = audit.row(AuditKind.CHANGED, "digest import", by=COMMAND_LINE, channel=step.after.channel)
        if step.before is None:
            added.append((step.after, audit_row))
        elif fields := _changed_fields(step.before, step.after):
            changed.append((step.before.id, audit_row, fields))
    await store.carry_out(added, changed)


def _changed_fields(before: Subscription, after: Subscription) -> dict[str, Any]:
    """Return the fields that have changed. Others aren't written: the digests may change those at the same time."""
    return {
        name: getattr(after, name)
        for name in Subscription.__dataclass_fields__
        if getattr(after, name) != getattr(before, name)
    }


def _what_changed(before: Subscription | None, after: Subscription | None) -> str:
    """Return what was done, as `announced_text` calls it; empty if people see no difference."""
    if before is None:
        return "add"
    if after is None:
        return "remove"
    if bool(before.paused) != bool(after.paused):
        return "pause" if after.paused else "resume"
    return "edit" if SHOWN & _changed_fields(before, after).keys() else ""


def _find_twin(subscription: Subscription, others: Sequence[Subscription]) -> Subscription | None:
    key = identity(subscription)
    return next((other for other in others if other.id != subscription.id and identity(other) == key), None)
