"""However many connect, and however slowly they send: nobody is kept out, and the memory is bounded."""

import asyncio
import gc
import socket
import tracemalloc
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.app.http.bodies import MOST_BODIES, MOST_HELD
from bot.app.http.connections import MOST_CONNECTIONS
from bot.app.http.kickscale_webhook import LARGEST_WEBHOOK
from bot.app.http.operator_pages import Checks
from tests.unit.app.http.doors import COMMAND, WEBHOOK_SECRET, connected, now, serving, signed, signed_webhook


async def test_many_open_connections_keep_nobody_out() -> None:
    """The connection that has been idle the longest is closed, even in the middle of a slow request; one that is being
    answered stays open."""
    go_on = asyncio.Event()

    async def ready() -> Checks:
        await go_on.wait()
        return {}

    async with serving(ready=ready) as (server, client):
        asked = asyncio.create_task(client.get("/readyz"))
        slow = []
        for _ in range(MOST_CONNECTIONS):
            slow.append(await connected(server))
            slow[-1][1].write(b"POST /slack/events HTTP/1.1\r\nX-Slow: ")
        async with aiohttp.ClientSession(server.url) as other, other.get("/healthz") as response:
            assert response.status == 200
        assert await slow[0][0].read() == b""
        assert not slow[-1][0].at_eof()
        go_on.set()
        async with await asked as response:
            assert response.status == 200
        for _, writer in slow:
            writer.close()


async def test_slow_bodies_keep_nobody_out() -> None:
    """The oldest unfinished body makes room for one that arrives at once."""
    body = urlencode(COMMAND).encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed(b"", now()).items())
    head = f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n{lines}\r\nx".encode()
    async with serving() as (server, client):
        slow = []
        for _ in range(MOST_BODIES):
            slow.append(await connected(server))
            slow[-1][1].write(head)
        async with client.get("/healthz") as response:  # by now all of them are being read
            assert response.status == 200
        async with client.post("/slack/events", data=body, headers=signed(body, now())) as response:
            assert response.status == 200
        answer = await slow[0][0].readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 1\r\n" in answer
        slow[1][1].write(b"x" * 999)
        assert (await slow[1][0].readline()).startswith(b"HTTP/1.1 401")
        for _, writer in slow:
            writer.close()


async def test_the_memory_of_unfinished_bodies_is_bounded() -> None:
    """The largest body makes room; an older small one is read to its end, and nothing stays in memory."""
    size = LARGEST_WEBHOOK
    headers = signed_webhook(b"", str(int(now())))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST /kickscale/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n{lines}\r\n".encode()
    small = urlencode(COMMAND).encode()
    gc.collect()
    gc.disable()  # garbage that needs a full collection would stay
    tracemalloc.start()
    try:
        async with serving(webhook_secret=WEBHOOK_SECRET) as (server, _):
            early_reader, early = await connected(server)
            lines = "".join(f"{name}: {value}\r\n" for name, value in signed(small, now()).items())
            early.write(
                f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: {len(small)}\r\n{lines}\r\n".encode()
            )
            attackers = []
            for _ in range(MOST_HELD // size + 2):
                attackers.append(await connected(server))
                attackers[-1][1].write(head + b"x" * (size - 1))
            answers = [asyncio.create_task(reader.readline()) for reader, _ in attackers]
            done, _ = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
            assert {answer.result().split()[1] for answer in done} == {b"503"}
            early.write(small)
            assert (await early_reader.readline()).split()[1] == b"200"
            for answer in answers:
                answer.cancel()
            for _, writer in [*attackers, (early_reader, early)]:
                writer.transport.abort()
        left = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert left < size / 2


def is_open(connection: socket.socket) -> bool:
    """Return whether the other end has neither closed it nor sent anything."""
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


async def test_the_limit_holds_for_a_burst_of_connections(caplog: pytest.LogCaptureFixture) -> None:
    """However many arrive in one turn of the loop, each is closed once, and a command among them is answered."""
    body = urlencode(COMMAND).encode()
    async with serving() as (server, client):
        port = int(server.url.rpartition(":")[2])
        silent = [socket.socket() for _ in range(3 * MOST_CONNECTIONS)]
        for connection in silent:  # all of them wait to be accepted before the loop runs again
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", port))
        async with client.post("/slack/events", data=body, headers=signed(body, now())) as response:
            assert response.status == 200
        kept = sum(map(is_open, silent))
        for connection in silent:
            connection.close()
    assert 0 < kept < MOST_CONNECTIONS
    assert not caplog.messages
