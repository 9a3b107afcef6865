"""A thread of the database: what is asked for at the same moment is done together, all writes in one transaction.

To put a transaction on disk takes far longer than the rest of it, and so does to wake a thread and the event loop. On
SQLite it does everything, on PostgreSQL only the writing.

What is urgent waits for no more than one of the others: the transaction ends after that, and what is left of it follows
in another one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from bot.storage.transaction import Transaction, Work

T = TypeVar("T")


class Session(Protocol):
    """A connection to the database, which is only used on its thread."""

    @property
    def tx(self) -> Transaction:
        """Return what its transactions do. Outside of one, where that is possible, each statement is one of its own."""
        ...

    def begin(self) -> None:
        """Begin a transaction that may write. Until its end, nobody else writes. If this raises, none has begun."""
        ...

    def commit(self) -> None:
        """Return once all that was written is on disk."""
        ...

    def roll_back(self) -> None:
        """Undo what the transaction wrote, if there is one."""
        ...

    def is_in_transaction(self) -> bool: ...

    def translate(self, exc: BaseException) -> BaseException:
        """Return what an error means for the bot's admin: a StorageFailed, or the error itself. May block."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Request:
    work: Work[Any]
    answer: "asyncio.Future[Any]"
    writes: bool
    then: Callable[[Any], None] | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: Any = None
    error: BaseException | None = None


class Worker:
    """Must be made in the event loop that uses it."""

    def __init__(self, session: Session, thread: ThreadPoolExecutor) -> None:
        self._session = session
        self._thread = thread
        self._loop = asyncio.get_running_loop()
        self._asked: list[_Request] = []
        """What was asked for since the thread last began anything."""
        self._urgent: deque[_Request] = deque()
        """What the thread is to do before all else: the event loop appends it, and the thread takes it away."""
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    async def run(
        self,
        work: Work[T],
        *,
        writes: bool = False,
        urgent: bool = False,
        then: Callable[[T], None] | None = None,
    ) -> T:
        """Return what `work` returns. With `writes` it is in a transaction, which is on disk when this returns.

        If `work` raises, nothing of it is written. If the disk fails, everything fails that shares the transaction.
        What is `urgent`, and writes, doesn't wait for others, and shares its transaction only with what is as urgent.
        `then` is called with the result too, also if the caller was cancelled in the meantime.
        """
        if self._closed:
            raise RuntimeError("the database is closed")
        request = _Request(work, self._loop.create_future(), writes, then)
        if urgent:
            self._urgent.append(request)
            self._thread.submit(self._serve_urgent)  # it may be waiting for this event loop, which may take a while
        else:
            self._ask(request)
        result: T = await request.answer
        return result

    def _ask(self, request: _Request) -> None:
        self._asked.append(request)
        if self._idle.is_set():
            self._idle.clear()
            # Not at once: what else is asked for in this turn of the event loop goes along.
            self._loop.call_soon(self._begin)

    async def close(self) -> None:
        """Finish what was begun, and close the database. Closing it twice does no harm."""
        if self._closed:
            return
        self._closed = True
        await self._idle.wait()
        await self._loop.run_in_executor(self._thread, self._session.close)
        self._thread.shutdown(wait=False)

    def _begin(self) -> None:
        """Have the thread do all that was asked for by now, except for those who were cancelled in the meantime."""
        requests = [request for request in self._asked if not request.answer.cancelled()]
        self._asked.clear()
        if requests:
            self._thread.submit(self._serve, requests)
        else:
            self._idle.set()

    def _serve(self, requests: Sequence[_Request]) -> None:
        # What only reads comes first, and doesn't wait for the disk. Nobody can tell the order, since nobody had an
        # answer when the others asked.
        reads = [request for request in requests if not request.writes]
        writes = [request for request in requests if request.writes]
        read = []
        for request in reads:
            self._serve_urgent()
            read.append(_attempt(self._session.tx, request.work))
        if reads:
            self._reply(reads, read, is_last=not writes)
        while writes:
            self._serve_urgent()
            outcomes = _write(self._session, writes, lambda: bool(self._urgent))
            done, writes = writes[: len(outcomes)], writes[len(outcomes) :]
            self._reply(done, outcomes, is_last=not writes)

    def _serve_urgent(self) -> None:
        requests = []
        while self._urgent:
            requests.append(self._urgent.popleft())
        if requests := [request for request in requests if not request.answer.cancelled()]:
            self._reply(requests, _write(self._session, requests))

    def _reply(self, requests: Sequence[_Request], outcomes: Sequence[_Outcome], *, is_last: bool = False) -> None:
        """Have the event loop reply to these requests. After the last ones, it begins what was asked for meanwhile."""
        # Translated here, since looking for the cause blocks; and once for all that failed together.
        failed = {id(outcome.error): outcome.error for outcome in outcomes if outcome.error is not None}
        errors = {key: self._session.translate(error) for key, error in failed.items()}
        replies = deque(zip(requests, outcomes, strict=True))
        self._loop.call_soon_threadsafe(self._answer_next, replies, errors, is_last)

    def _answer_next(
        self, replies: deque[tuple[_Request, _Outcome]], errors: Mapping[int, BaseException], is_last: bool
    ) -> None:
        """Answer one of them in each turn of the event loop: if all went on in the same turn, that would take long."""
        request, outcome = replies.popleft()
        try:
            _answer(request, outcome, errors)
        finally:
            # Not at once: those who have their answer now often ask for the next thing in their next turn.
            if replies:
                self._loop.call_soon(self._answer_next, replies, errors, is_last)
            elif is_last:
                self._loop.call_soon(self._begin)


def _answer(request: _Request, outcome: _Outcome, errors: Mapping[int, BaseException]) -> None:
    if not request.answer.cancelled():
        if outcome.error is None:
            request.answer.set_result(outcome.result)
        else:
            request.answer.set_exception(errors[id(outcome.error)])
    if outcome.error is None and request.then is not None:
        request.then(outcome.result)  # the caller goes on before whatever this begins


def transact(session: Session, work: Work[T]) -> T:
    """Return what `work` returns, once all that it wrote is on disk; if it raises, nothing is written."""
    session.begin()
    try:
        result = work(session.tx)
        session.commit()
    except BaseException:
        session.roll_back()
        raise
    return result


def _write(
    session: Session, requests: Sequence[_Request], is_enough: Callable[[], bool] = lambda: False
) -> Sequence[_Outcome]:
    """Do these in one transaction, one after another until it `is_enough`, and return the outcomes of those done.

    One that raises writes nothing, and the others aren't affected.
    """
    if len(requests) == 1:
        return [_run(partial(transact, session, requests[0].work))]

    def write(_tx: Transaction) -> Sequence[_Outcome]:
        outcomes = []
        for request in requests:
            outcomes.append(_write_apart(session, request.work))
            if is_enough():
                break
        return outcomes

    whole = _run(partial(transact, session, write))
    return whole.result if whole.error is None else [whole] * len(requests)


def _write_apart(session: Session, work: Work[Any]) -> _Outcome:
    session.tx.execute("SAVEPOINT apart")
    outcome = _attempt(session.tx, work)
    if outcome.error is not None:
        # The database itself has undone everything, as SQLite does if the disk is full, or the connection is broken.
        if not session.is_in_transaction():
            raise outcome.error
        session.tx.execute("ROLLBACK TO SAVEPOINT apart")
    session.tx.execute("RELEASE SAVEPOINT apart")
    return outcome


def _attempt(tx: Transaction, work: Work[Any]) -> _Outcome:
    return _run(partial(work, tx))


def _run(work: Callable[[], Any]) -> _Outcome:
    try:
        return _Outcome(work())
    except BaseException as exc:  # noqa: BLE001 whoever asked for it gets it
        return _Outcome(error=exc)
