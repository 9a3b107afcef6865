"""How erasure asks each store what it keeps of a subject, and has it forget that.

All of these are called within one snapshot or one transaction of the database, on its own thread.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from bot.model.audit import AuditRow
from bot.model.erasure import Links, Plan, Removal, Subject
from bot.model.messages import Place, Posted

T = TypeVar("T")

GONE = "gone"
"""The kind of a message that is no longer in Slack: its row is the next to go."""


class Matcher(Protocol):
    """Recognises a subject in what is stored."""

    @property
    def subject(self) -> Subject: ...

    @property
    def private_channels(self) -> Collection[str]:
        """Return the direct messages between the bot and the person who is the subject."""
        ...

    def covers(self, domain: str) -> bool:
        """Return whether a domain, or whom a pattern names, is the subject."""
        ...

    def is_about(self, posted: Posted) -> bool:
        """Return whether the ledger says that a message is about the subject."""
        ...

    def is_shared(self, posted: Posted) -> bool:
        """Return whether a message is about others too."""
        ...

    def is_person(self, user: str | None) -> bool:
        """Return whether the subject is this Slack user."""
        ...

    def occurs_in(self, *values: Any) -> bool:
        """Return whether any text in these JSON values, keys included, names the subject.

        Never for a conversation: its id is looked for only where there are ids.
        """
        ...


class Linked(Protocol):
    """The rows of one store, and how they are linked to those of others."""

    def find(self, matcher: Matcher, known: Links) -> Links:
        """Return the links in the rows that are about the subject, or that belong to the links `known` so far."""
        ...

    def find_busy(self, known: Links) -> Links:
        """Return the links of rows that the bot is working on, directly or through the `known` busy links."""
        ...


class ErasableStore(Linked, Protocol):
    """A store of copies: rows about messages, conversations, customers or people."""

    @property
    def name(self) -> str: ...

    @property
    def tables(self) -> Sequence[str]:
        """Return the tables from which it forgets."""
        ...

    def plan(self, matcher: Matcher, known: Links, busy: Links) -> Plan:
        """Return which of the `known` rows it has to forget, and which it can't forget yet because they are `busy`."""
        ...

    def forget(self, rows: Collection[Any], removal: Removal) -> None:
        """Forget the rows of a plan, except those that the bot began to work on since the plan was made."""
        ...

    def forget_before(self, moment: datetime) -> int:
        """Forget older rows, and return how many. Stores whose rows don't age do nothing."""
        ...


class ErasableMessages(Linked, Protocol):
    """The ledger: its rows are forgotten only after their messages are gone from Slack."""

    @property
    def tables(self) -> Sequence[str]: ...

    def plan(self, matcher: Matcher, known: Links, busy: Links) -> Mapping[int, Posted]:
        """Return the messages to remove, by their ids in the ledger."""
        ...

    def posted_before(self, moment: datetime) -> Mapping[int, Posted]:
        """Return older messages with content of conversations or recordings, or that are gone from Slack."""
        ...

    def mark_gone(self, id: int, posted: Posted) -> bool:  # noqa: A002
        """Record that a message is no longer in Slack; False if another run has forgotten it in the meantime."""
        ...

    def link(self, id: int, posted: Posted, subject: Subject) -> None:  # noqa: A002
        """Record that a message is about the subject: once all else is forgotten, nothing else leads to it."""
        ...

    def forget(self, messages: Mapping[int, Posted]) -> frozenset[Place]:
        """Forget those of these messages that are marked as gone, and return where they were."""
        ...


class Erasables(Protocol):
    """Every store that keeps something about a subject."""

    @property
    def messages(self) -> ErasableMessages: ...

    @property
    def copies(self) -> Sequence[ErasableStore]: ...

    def record(self, row: AuditRow) -> None:
        """Append a row to the audit."""
        ...

    def remember(self, subject: Subject, at: datetime) -> None:
        """Record, in a form that doesn't name it, that a subject was erased: a restored backup may bring it back."""
        ...

    def forget_subjects(self, before: datetime) -> None:
        """Forget which subjects were erased before that."""
        ...


class ErasureStore(Protocol):
    """The database as erasure uses it."""

    async def read(self, work: Callable[[Erasables], T]) -> T:
        """Return the result of `work`, which sees all stores as they are at one moment."""
        ...

    async def write(self, work: Callable[[Erasables], T]) -> T:
        """Return the result of `work`, once all that it wrote is there for good; if it raises, nothing is written."""
        ...

    async def forget_words(self) -> None:
        """Leave no word of copies that were forgotten in the list by which parts of words are found."""
        ...

    async def compacts_fast(self) -> bool:
        """Return whether `compact` takes no more than a second or two, in which all others have to wait."""
        ...

    async def compact(self) -> bool:
        """Leave no byte of what was removed, as far as that is in our hands; False if others are in the way."""
        ...
