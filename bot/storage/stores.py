"""What services may ask of the storage: one Protocol for each store. Those of uploads and of the mirror have modules of
their own.

`bot.storage.sql` implements them, on the databases of `bot.storage.sqlite` and `bot.storage.postgres`, and only wiring
knows that. `tests/conformance` tests any implementation.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.model.audit import AuditHead, AuditKind, AuditRow
from bot.model.digests import Card, DigestRow, DigestState, Due, Subscription
from bot.model.job import G, Handler, Job, JobKind, OnFailure, P
from bot.model.messages import Posted
from bot.model.questions import Question
from bot.storage.between_bots import NoticeStore, SlackTurnStore
from bot.storage.erasable import ErasureStore
from bot.storage.upload_stores import OfferStore, UploadChannelStore, UploadStore

if TYPE_CHECKING:
    from bot.storage.mirror import CustomerStore, MirrorStore


class JobQueue(Protocol):
    """A durable queue that several bots share. Each job has one attempt at a time."""

    def register(self, kind: JobKind[P, G], handle: Handler[P, G], on_failure: OnFailure[P, G] | None = None) -> None:
        """Have `handle` do the jobs of this kind. Jobs of kinds that nobody registered are left to other bots.

        If a handler raises anything but Retry, its job has failed. Then `on_failure` tells the people to whom it was
        promised, before the job is closed, so that even after a kill in between they hear of it; if they can't be
        reached now, it raises Retry. A job whose attempts keep dying is given up and fails with Deadly.
        """
        ...

    async def promise(
        self, kind: JobKind[P, Any], key: str, payload: P, *, due: datetime | None = None, again: bool = False
    ) -> bool:
        """Write down a job under a key, due now or at `due`, and return True; False if the key is known already.

        A job that failed is promised again, with this payload and with what its attempts noted. With `again`, so is
        one that is done. A key is known until its job is pruned.
        """
        ...

    async def promise_all(self, kind: JobKind[P, Any], payloads: Mapping[str, P], *, again: bool = False) -> int:
        """Promise a job under each key, like `promise`: all of them, or none. Return how many are new."""
        ...

    async def begin(self, kind: JobKind[P, Any], key: str, payload: P) -> bool:
        """Promise a job like `promise`, and begin it here and now: also before `start`, however many others run."""
        ...

    async def get(self, kind: JobKind[P, G], key: str) -> Job[P, G] | None:
        """Return the job of this key as it is now, with what its attempts have noted."""
        ...

    async def unfinished(self, kind: JobKind[P, G], beginning: str = "", **payload: str) -> list[Job[P, G]]:
        """Return the waiting and running jobs of a kind whose payload has these values, oldest first.

        With `beginning`, only those whose keys begin so: however many others there are, that is fast.
        """
        ...

    async def has_earlier(self, job: Job[Any, Any], beginning: str) -> bool:
        """Return whether an earlier job of the same kind, whose key begins so, waits or runs."""
        ...

    async def count_unfinished(self) -> Mapping[str, int]:
        """Return how many jobs of each kind wait or run."""
        ...

    async def start(self) -> None:
        """Begin to do the due jobs; returns at once."""
        ...

    async def idle(self) -> None:
        """Return once no job is due and none runs here. One that waits for a later try is not due."""
        ...

    async def stop(self, patience: float = 0.0) -> None:
        """Begin no more jobs, give running ones `patience` seconds to end, and leave the rest to the next start."""
        ...


class Ledger(Protocol):
    """Every message that the bot posted, which conversations are in it, and which customers it is about."""

    async def add(self, posted: Posted, noted: AuditRow | None = None) -> bool:
        """Record a message, and with it an audit row; False, and nothing is written, if its key is known already."""
        ...

    async def learn(
        self, channel: str, ts: str, conversations: Iterable[str] = (), domains: Iterable[str] = (), by: str = ""
    ) -> None:
        """Record that a message was edited and is about these too; `by` is who had it edited."""
        ...

    async def by_key(self, key: str) -> Posted | None:
        """Return the message that was recorded under this key."""
        ...

    async def of_conversation(self, id: str) -> list[Posted]:  # noqa: A002
        """Return every message that this conversation is in, oldest first."""
        ...


class QuestionStore(Protocol):
    """What people asked for, so that the buttons of the answers still work after a restart."""

    async def add(self, question: Question) -> None:
        """Keep a question under its id."""
        ...

    async def get(self, id: str) -> Question | None:  # noqa: A002
        """Return the question; None if there is none, or a version of the bot wrote it that this one can't read."""
        ...


class AuditStore(Protocol):
    """The audit log: one chain of rows for each kind. Rows are appended, and old ones removed at its beginning."""

    async def add(self, row: AuditRow) -> AuditRow:
        """Append a row to the chain of its kind, and return it with its number and its hash."""
        ...

    async def of_conversation(self, id: str, kinds: Iterable[AuditKind]) -> list[AuditRow]:  # noqa: A002
        """Return every row of these kinds about a conversation, oldest first."""
        ...

    async def ends(self) -> list[tuple[AuditHead, AuditRow | None]]:
        """Return each chain's head and last row; None for a row that was removed for its age, or changed."""
        ...

    async def cut(self, kind: AuditKind, before: datetime, noted: AuditRow) -> int:
        """Remove rows of a kind from the beginning up to the first that isn't older than `before`; return how many.

        `noted`, of the kind `erased`, is recorded with it.
        """
        ...


class SubscriptionStore(Protocol):
    """Which channel gets which customers' conversations, and when.

    Each change is written together with an audit row, to whose word the subscription's id is appended.
    """

    async def add(self, subscription: Subscription, noted: AuditRow) -> Subscription:
        """Add it and return it; one without an id gets a new one, which no other subscription ever had."""
        ...

    async def get(self, id: str) -> Subscription | None: ...  # noqa: A002

    async def of_channel(self, channel: str) -> list[Subscription]:
        """Return those of a channel, oldest first."""
        ...

    async def active(self) -> list[Subscription]:
        """Return those that aren't paused, oldest first."""
        ...

    def scheduled(self) -> AsyncIterator[Subscription]:
        """Yield those that have digests, and aren't paused. Only some of them are in memory at a time."""
        ...

    async def change(self, id: str, noted: AuditRow, **fields: Any) -> bool:  # noqa: A002
        """Write these fields of the model; False if there is no such subscription."""
        ...

    async def carry_out(
        self,
        added: Iterable[tuple[Subscription, AuditRow]],
        changed: Iterable[tuple[str, AuditRow, Mapping[str, Any]]],
    ) -> None:
        """Do all of these changes, or none. Raises GoneError if an id was removed, or taken, in the meantime."""
        ...

    async def mark_promised(self, ids: Iterable[str], until: datetime) -> None:
        """Record that every digest of these subscriptions that was due up to `until` has its job."""
        ...

    async def remove(self, id: str, noted: AuditRow) -> bool:  # noqa: A002
        """Remove it; False if it wasn't there. What it posted stays known."""
        ...


class DigestStore(Protocol):
    """The outcome of each digest: one row for each subscription and local day, written before anything is posted."""

    async def get(self, subscription: str, day: date) -> DigestRow | None: ...

    async def last_made(self, subscription: str, before: datetime) -> datetime | None:
        """Return the moment of the latest digest due before that which was posted, or was quiet."""
        ...

    async def of_subscription(self, subscription: str, count: int) -> list[DigestRow]:
        """Return the latest digests of a subscription, newest first."""
        ...

    async def begin(self, subscription: str, day: date, due_at: datetime, candidates: Sequence[str]) -> DigestRow:
        """Write down a digest that lists the candidates that no other digest of the subscription lists.

        If there is a row of this day already, return that, unchanged.
        """
        ...

    async def unlisted(self, subscription: str, candidates: Sequence[str]) -> list[str]:
        """Return the candidates that no digest of the subscription lists. One that has only begun doesn't count."""
        ...

    async def forget(self, subscription: str, day: date) -> bool:
        """Remove the row of this day; False if it lists something or hasn't ended."""
        ...

    async def end(
        self,
        subscription: str,
        due: Due,
        state: DigestState,
        *,
        ts: str = "",
        posted_at: datetime | None = None,
        listed: Sequence[int] = (),
    ) -> None:
        """Write down how it ended, even if it hasn't begun.

        Its conversations that aren't `listed` after all, by their places in the row, are free for the next digest.
        """
        ...

    async def listing(self, conversation: str) -> list[DigestRow]:
        """Return every digest that lists this conversation, oldest first."""
        ...


class CardStore(Protocol):
    """The cards of live subscriptions: one for each conversation and channel."""

    async def get(self, channel: str, conversation: str) -> Card | None: ...

    async def of(self, conversations: Iterable[str]) -> list[Card]:
        """Return the cards of these conversations, in all channels."""
        ...

    async def put(self, card: Card) -> None:
        """Write a card down, in place of what was known of it."""
        ...


class Leases(Protocol):
    """Who may do something that only one of several bots on a database does at a time."""

    async def take(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Take or renew a lease for so long; False if it is another holder's."""
        ...


class FactStore(Protocol):
    """JSON values worth keeping across restarts, each under a name."""

    async def get(self, name: str) -> tuple[Any, datetime] | None:
        """Return a value and when it was stored, or None if there is none."""
        ...

    async def set(self, name: str, value: Any, now: datetime) -> None:
        """Store a value in place of any earlier one."""
        ...


class StorageHealth(Protocol):
    """Whether the database can be used."""

    async def check(self) -> None:
        """Return when it can be read and written, and will be there after a restart. Raises StorageFailed."""
        ...


@dataclass(frozen=True)
class Stores:
    """Every store of one database. Wiring hands single ones to services."""

    audit: AuditStore
    cards: CardStore
    customers: "Callable[[], CustomerStore]"  # imported when it is first asked for, like the mirror's
    digests: DigestStore
    erasures: ErasureStore
    facts: FactStore
    health: StorageHealth
    leases: Leases
    ledger: Ledger
    mirror: "Callable[[], MirrorStore]"
    notices: NoticeStore
    offers: OfferStore
    questions: QuestionStore
    slack_turns: SlackTurnStore
    subscriptions: SubscriptionStore
    upload_channels: UploadChannelStore
    uploads: UploadStore
