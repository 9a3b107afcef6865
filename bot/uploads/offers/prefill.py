"""What a recording, its name and its message say before anybody is asked."""

import asyncio
import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import domains
from bot.clock import Clock
from bot.errors import RecordingRefused, SlackError
from bot.forms.upload import Prefill
from bot.kickscale.binding import operations
from bot.model.people import Person
from bot.model.upload_form import CommonDetails, RecordingDetails
from bot.model.uploads import Offer, OfferedFile
from bot.slack.client import Slack
from bot.storage.stores import SubscriptionStore
from bot.tools.timezones import zone_or_default
from bot.uploads.operation import CurrentOperation
from bot.uploads.recordings.names import Named, from_name
from bot.uploads.recordings.tags import EDGE, Tags, read_tags, tail_length
from bot.uploads.sources import Sources, require_accepted

_WORD = re.compile(r"<[^<>]*>|[^\s<>,;()\[\]]+")


@dataclass(frozen=True, slots=True)
class _Learned:
    """What was found out about one recording."""

    details: RecordingDetails
    direction: str
    caller: str
    callee: str
    language: str


class Prefiller:
    def __init__(  # noqa: PLR0917 where details come from
        self,
        slack: Slack,
        sources: Sources,
        subscriptions: SubscriptionStore,
        operation: CurrentOperation,
        clock: Clock,
        default_timezone: str,
    ) -> None:
        self._slack = slack
        self._sources = sources
        self._subscriptions = subscriptions
        self._operation = operation
        self._clock = clock
        self._default_timezone = default_timezone

    async def prefill(self, offer: Offer) -> Prefill:
        """Return what is known of an offer's recordings, and why some can't be uploaded. Raises SlackError."""
        rep = await self._find_person(offer.shared_by)
        zone = zone_or_default(rep.timezone if rep else "", self._default_timezone)
        operation = await self._operation()
        results = await asyncio.gather(
            *(self._learn(operation, file, zone) for file in offer.files), return_exceptions=True
        )
        learned: list[_Learned] = []
        refused: list[RecordingRefused] = []
        for result in results:
            if isinstance(result, RecordingRefused):
                refused.append(result)
            elif isinstance(result, BaseException):
                raise result
            else:
                learned.append(result)
        return Prefill(
            offer=offer.id,
            recordings=tuple(recording.details for recording in learned),
            operation=operation,
            common=CommonDetails(
                domain=await self._guess_domain(offer, rep),
                direction=_common_value(recording.direction for recording in learned),
                rep=rep.id if rep else "",
                rep_email=rep.email if rep else "",
                caller=_common_value(recording.caller for recording in learned),
                callee=_common_value(recording.callee for recording in learned),
                language=_common_value(recording.language for recording in learned),
            ),
            refused=tuple(refused),
        )

    async def _learn(self, operation: operations.Upload, file: OfferedFile, zone: ZoneInfo) -> _Learned:
        """Return what the recording itself and its name say. Raises RecordingRefused, SlackError."""
        try:
            source = await self._sources.slack_file(file.id)
            await require_accepted(operation, source)
            head = await source.head(EDGE)
            length = tail_length(head, source.size)
            tail = await source.tail(length) if length else b""
        except RecordingRefused as exc:
            raise RecordingRefused(exc.reason, file.name, exc.values) from exc
        now = self._clock.now()
        tags = read_tags(head, tail, source.size, now=now)
        named = from_name(source.name)
        starts_at = _find_start(tags, named, zone, now)
        return _Learned(
            details=RecordingDetails(
                file,
                named.title,
                starts_at,
                tags.duration or source.file.duration,
                day=named.day if starts_at is None and named.day and named.day <= _latest(now).date() else None,
            ),
            direction=named.direction,
            caller=named.caller,
            callee=named.callee,
            language=source.file.language,
        )

    async def _guess_domain(self, offer: Offer, rep: Person | None) -> str:
        """Return the customer whom the message names, or else the only one that the channel is subscribed to.

        A name that the subscriptions don't cover counts for less than they do: people link to many things.
        """
        own = rep.email.rpartition("@")[2] if rep else ""
        files = {file.name.casefold() for file in offer.files}
        named = [domain for domain in _domains(offer.text) if domain != own and domain not in files]
        subscriptions = await self._subscriptions.of_channel(offer.channel)
        subscribed = [domain for subscription in subscriptions for domain in subscription.domains]
        covered = [domain for domain in named if domains.matches_any(subscribed, [domain])]
        single = {domain for domain in subscribed if not domain.startswith("*")}
        return next(iter((*covered, *(single if len(single) == 1 else ()), *named)), "")

    async def _find_person(self, user: str) -> Person | None:
        try:
            return await self._slack.people.get(user)
        except SlackError:
            return None


def _find_start(tags: Tags, named: Named, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when a recording began, if its tags or its name say that; a moment in the future is a wrong clock's."""
    moments = [moment.replace(tzinfo=moment.tzinfo or zone) for moment in (tags.recorded_at, named.at) if moment]
    return next((moment for moment in moments if moment <= _latest(now)), None)


def _latest(now: datetime) -> datetime:
    """Return the latest moment that isn't in the future for somebody's clock."""
    return now + timedelta(days=1)


def _common_value(values: Iterable[str]) -> str:
    """Return what all recordings have in common; empty if they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else ""


def _domains(text: str) -> list[str]:
    """Return the domains that a message names, first those that Slack turned into links."""
    named = []
    for word in sorted(_WORD.findall(text), key=lambda word: not word.startswith("<")):
        with contextlib.suppress(ValueError):
            named.append(domains.normalise(word.strip(".:!?\"'")))
    return [domain for domain in named if not domain.startswith("*")]
