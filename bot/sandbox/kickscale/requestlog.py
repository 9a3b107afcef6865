"""What was asked of the server, and how much of it at once."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from aiohttp import web


@dataclass(slots=True)
class Received:
    """One request. Its headers are kept without the values of the credentials."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    """Names in lower case; `api-key` and `client-id` read `…`."""
    connection: int
    """The client's port: requests with the same one shared a connection."""
    at: datetime
    """On the injected clock."""
    began: int
    """A place in the order in which requests began and ended."""
    ended: int | None = None
    status: int | None = None
    """None while it is under way, and for one that was never answered."""

    @property
    def parameters(self) -> dict[str, str]:
        """The query, the last value of each name."""
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
        """The requests to a path so far; `*` in it is anything."""
        return RequestLog([each for each in self if fnmatchcase(each.path, path) and fnmatchcase(each.method, method)])

    async def until(self, so: Callable[["RequestLog"], bool]) -> None:
        """Return once `so` is true: asked when a request has come, hangs, has brought a recording, or has ended."""
        while not so(self):
            self._news.clear()
            await self._news.wait()

    def clear(self) -> None:
        """Forget everything so far."""
        self.entries.clear()

    @property
    def waves(self) -> int:
        """How many round trips one after another these took at least: the longest chain in which each request
        began after the one before had its answer.

        Requests that a client sends at once may still be answered in turn where an answer takes no time: set
        `EmbeddedKickscale.latency` to some 20 ms where this number matters.
        """
        waves, last = 0, -1
        for ended, began in sorted((each.ended, each.began) for each in self if each.ended is not None):
            if began > last:
                waves, last = waves + 1, ended
        return waves

    @property
    def most_at_once(self) -> int:
        """The largest number of requests that were under way together."""
        changes = [(each.began, 1) for each in self]
        changes += [(each.ended, -1) for each in self if each.ended is not None]
        return max(itertools.accumulate(change for _, change in sorted(changes)), default=0)

    @property
    def connections(self) -> int:
        """Over how many connections these came."""
        return len({each.connection for each in self})

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
        """Let those in `until` look again."""
        self._news.set()
