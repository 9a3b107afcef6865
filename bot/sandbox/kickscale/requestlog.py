"""The requests that the server got, and how many at the same time."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from aiohttp import web


@dataclass(slots=True)
class Received:
    """One request. Its headers are stored without the values of the credentials."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    """Names in lower case; the values of `api-key` and `client-id` are `…`."""
    connection: int
    """The client's port: requests with the same one shared a connection."""
    at: datetime
    """On the injected clock."""
    began: int
    """Its position in the order in which requests began and ended."""
    ended: int | None = None
    status: int | None = None
    """None while it is under way, and if it was never answered."""

    @property
    def parameters(self) -> dict[str, str]:
        """The last value of each name in the query."""
        return dict(self.query)


@dataclass(slots=True)
class RequestLog:
    entries: list[Received] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count, repr=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Received]:
        return iter(self.entries)

    def __getitem__(self, index: int) -> Received:
        return self.entries[index]

    def on(self, path: str, method: str = "*") -> "RequestLog":
        """Return the requests to a path so far. `*` in it matches anything."""
        return RequestLog(
            [request for request in self if fnmatchcase(request.path, path) and fnmatchcase(request.method, method)]
        )

    async def until(self, condition: Callable[["RequestLog"], bool]) -> None:
        """Return once `condition` is true. It is checked when a request begins, hangs, has sent a recording or ends."""
        while not condition(self):
            self._news.clear()
            await self._news.wait()

    def clear(self) -> None:
        """Forget everything so far."""
        self.entries.clear()

    @property
    def waves(self) -> int:
        """How many sequential round trips these took: the longest chain of requests that each began after the one
        before was answered.

        Requests that are sent at the same time may still be answered one after another if an answer takes no time. If
        this number matters, set `EmbeddedKickscale.latency` to about 20 ms.
        """
        waves, last = 0, -1
        for ended, began in sorted((request.ended, request.began) for request in self if request.ended is not None):
            if began > last:
                waves, last = waves + 1, ended
        return waves

    @property
    def most_at_once(self) -> int:
        """The largest number of requests that were under way at the same time."""
        changes = [(request.began, 1) for request in self]
        changes += [(request.ended, -1) for request in self if request.ended is not None]
        return max(itertools.accumulate(change for _, change in sorted(changes)), default=0)

    @property
    def connections(self) -> int:
        """How many connections were used."""
        return len({request.connection for request in self})

    def begin(self, request: web.Request, at: datetime) -> Received:
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers |= {name: "…" for name in ("api-key", "client-id") if name in headers}
        peer = request.transport.get_extra_info("peername") if request.transport else None
        entry = Received(
            request.method,
            request.path,
            tuple(request.query.items()),
            headers,
            connection=peer[1] if peer else 0,
            at=at,
            began=next(self._order),
        )
        self.entries.append(entry)
        self.wake()
        return entry

    def end(self, entry: Received, status: int | None) -> None:
        entry.ended, entry.status = next(self._order), status
        self.wake()

    def wake(self) -> None:
        """Check the conditions in `until` again."""
        self._news.set()
