"""What services may ask of the mirror's storage and of the customers': one Protocol for each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.model.access import Sight
from bot.model.commands import Days
from bot.model.conversation import Kind, Scope, Utterance
from bot.model.customers import Contact, Customer
from bot.model.mirror import Figures, Found, Hit, Mirrored, MirrorSize, Total, Untranscribed, Wanted


class MirrorStore(Protocol):
    """Copies of Kickscale's conversations, to be searched and counted.

    What was erased is not copied again, even if Kickscale still has it.
    """

    async def merge(self, copies: Iterable[Mirrored], day: date | None, read_at: datetime) -> None:
        """Write these down in place of what was known of them, unless that was read later.

        The transcript of one without consent to the recording is removed at once.
        `day` is for those whose start isn't known: the day in whose list they were.
        """
        ...

    async def unseen(self, kind: Kind, scope: Scope, days: Days, read_at: datetime) -> list[str]:
        """Return the ids in these days (UTC) and this scope (not `all`) that were last merged before `read_at`."""
        ...

    async def mark_read(self, kind: Kind, scope: Scope, days: Days, read_at: datetime) -> None:
        """Record that these days (UTC) are complete, as they were in Kickscale at `read_at`."""
        ...

    async def mark_stale(self, kind: Kind, day: date) -> None:
        """Record that something has changed on this day (UTC), so that it isn't complete any more."""
        ...

    async def days_read(self, kind: Kind, scope: Scope) -> Mapping[date, datetime]:
        """Return the days that are complete, and as of when."""
        ...

    async def get(self, kind: Kind, id: str) -> Hit | None: ...  # noqa: A002

    async def remove(self, kind: Kind, ids: Iterable[str]) -> None:
        """Remove what is gone from Kickscale."""
        ...

    async def trim(self, first: date) -> int:
        """Remove everything before that day (UTC); return how many conversations that were."""
        ...

    async def clear(self) -> int:
        """Remove everything; return how many conversations that were."""
        ...

    async def size(self) -> MirrorSize: ...

    async def untranscribed(self, count: int) -> list[Untranscribed]:
        """Return the newest conversations whose transcripts haven't been copied as they are now."""
        ...

    async def transcribe(self, of: Untranscribed, transcript: Sequence[Utterance]) -> None:
        """Copy a transcript; an empty one says that there is none, or none that may be copied.

        Nothing is copied if the conversation is another version by now, or the consent was withdrawn.
        """
        ...

    async def drop_transcripts(self) -> int:
        """Remove all transcripts; return how many there were."""
        ...

    async def search(self, words: Sequence[str], wanted: Wanted, sight: Sight, *, skip: int, count: int) -> Found:
        """Return a page of the conversations in which all these words and phrases are, the best first.

        A word is also found as the beginning of another and, if it isn't too short, as a part of one. Nothing that is
        beyond the `sight` is found or counted; a transcript is looked into only where it may be read.
        """
        ...

    async def figures(self, wanted: Wanted, sight: Sight, *, count: int | None = None) -> list[Figures]:
        """Return the figures of all these conversations, or of so many; the newest first."""
        ...

    async def total(self, wanted: Wanted, sight: Sight, *, longest: int) -> Total:
        """Return how many of these conversations there are; durations of `longest` seconds or more don't count."""
        ...


class CustomerStore(Protocol):
    """The customers of the conversations that were read."""

    async def learn(self, contacts: Iterable[Contact], read_at: datetime) -> None:
        """Add what some conversations say about their customers."""
        ...

    async def known(self, sight: Sight) -> list[Customer]:
        """Return the customers of conversations within this sight, the latest contact first."""
        ...

    async def last_contact(self, domains: Sequence[str], sight: Sight) -> datetime | None:
        """Return when the latest contact was with any of these customers (domains and patterns) within this sight."""
        ...

    async def revision(self, sight: Sight) -> tuple[int, ...]:
        """Return what changes when a customer, a name, or somebody's customer is added or removed. It is cheap."""
        ...
