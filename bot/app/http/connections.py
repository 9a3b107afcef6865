"""Accepts connections, never more than the process can afford.

asyncio's own server accepts a hundred in one turn of the loop before anybody can count them, and without a free
descriptor it logs a line for each of the hundred, again and again (CPython 3.11, `asyncio/selector_events.py`,
`_accept_connection`).
"""

import asyncio
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp.web_protocol import RequestHandler

MOST_CONNECTIONS = 256
"""Far fewer than a process may have open: its own connections need descriptors too."""
BACKLOG = 1024
"""How many may wait in the kernel to be accepted: enough for a burst, so that no first packet is dropped."""
ACCEPT_AGAIN = 1.0
"""Seconds to wait if the process has no free descriptor."""


class Connections:
    """`answer` returns the protocol of a new connection; `refused` gets the reason why one wasn't accepted."""

    def __init__(self, answer: Callable[[], RequestHandler], refused: Callable[[str], None]) -> None:
        self._answer = answer
        self._refused = refused
        self._most = min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4)
        self._open: dict[RequestHandler, None] = {}
        """The one that has been idle the longest comes first."""
        self._busy: set[asyncio.BaseProtocol] = set()
        """Those with a request that is being answered."""
        self._changed = asyncio.Event()
        """There may be room for another one."""
        self._connecting: set[asyncio.Task[None]] = set()
        self._listening: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []

    async def listen(self, host: str, port: int) -> int:
        """Accept connections to each address of `host`, and return the port, also if 0 asked for a free one.

        Raises OSError.
        """
        loop = asyncio.get_running_loop()
        infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(infos):
            listening = socket.create_server(address, family=family, backlog=BACKLOG)
            listening.setblocking(False)
            self._listening.append(listening)
        self._accepting = [asyncio.create_task(self._accept(listening)) for listening in self._listening]
        return int(self._listening[0].getsockname()[1])

    async def close(self) -> None:
        """Accept no more."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, *self._connecting, return_exceptions=True)
        for listening in self._listening:
            listening.close()
        self._accepting, self._listening = [], []

    @contextmanager
    def answering(self, connection: RequestHandler) -> Iterator[None]:
        """Keep the connection from being closed to make room for another one."""
        self._busy.add(connection)
        try:
            yield
        finally:
            self._busy.discard(connection)
            if connection in self._open:
                del self._open[connection]
                self._open[connection] = None
            self._changed.set()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                # Not the loop's `sock_accept`: cancelled at the wrong moment, it loses an accepted connection.
                accepted, _ = listening.accept()
            except BlockingIOError:
                await _readable(listening)
                continue
            except ConnectionError:  # the client has gone again
                continue
            except OSError as exc:
                self._refused(f"connections: {exc.strerror}")
                await asyncio.sleep(ACCEPT_AGAIN)
                continue
            try:
                while not self._has_room():
                    self._changed.clear()
                    await self._changed.wait()
            except BaseException:
                accepted.close()
                raise
            # Side by side: it takes several turns of the event loop, and a busy one has few of them in a second.
            task = loop.create_task(self._connect(accepted))
            self._connecting.add(task)
            task.add_done_callback(self._connected)

    async def _connect(self, accepted: socket.socket) -> None:
        try:
            _, connection = await asyncio.get_running_loop().connect_accepted_socket(self._answer, accepted)
        except BaseException as exc:
            accepted.close()
            if not isinstance(exc, OSError):
                raise
        else:
            self._open[connection] = None

    def _connected(self, task: asyncio.Task[None]) -> None:
        self._connecting.discard(task)
        self._changed.set()

    def _has_room(self) -> bool:
        """Return whether there is room for another one, after closing the one that has been idle the longest if needed.

        So nobody can keep others out with many connections, or with a request that arrives byte by byte: aiohttp
        limits neither their number nor how long the first line of a request may take.
        """
        for connection in [connection for connection in self._open if not connection.connected]:
            del self._open[connection]
        if len(self._open) + len(self._connecting) < self._most:
            return True
        idle = next((connection for connection in self._open if connection not in self._busy), None)
        if idle is None:
            return False
        del self._open[idle]
        transport = idle.transport
        idle.force_close()
        if transport is not None:
            transport.abort()  # or data that its client never reads would keep it open
        return True


async def _readable(listening: socket.socket) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listening, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(listening)
