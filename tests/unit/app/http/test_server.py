"""How the server starts and stops."""

import asyncio
import errno
import logging
import socket

import pytest

from bot.app.http.bodies import READ_TIMEOUT, Bodies
from bot.app.http.operator_pages import Checks
from bot.app.http.refusals import Refusals
from bot.app.http.server import HttpServer
from bot.errors import ConfigError
from bot.observe.metrics import Metrics
from tests.unit.app.http.doors import connected, now, serving, signed


def bare_server(host: str = "127.0.0.1", port: int = 0) -> HttpServer:
    """A server that listens, and answers nothing."""
    return HttpServer(host, port, (), Bodies(), Refusals(Metrics()))


async def test_port_is_told() -> None:
    """Port 0 becomes the real one, in what `start` returns and in the address."""
    server = bare_server()
    port = await server.start()
    await server.stop()
    assert port > 0
    assert server.url == f"http://127.0.0.1:{port}"


async def test_port_in_use() -> None:
    """The error about a port that is in use names the setting."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = bare_server(port=port)
        with pytest.raises(ConfigError, match=f"PORT {port} is already in use"):
            await server.start()


async def test_host_of_another_machine() -> None:
    """An address that is not this machine's is told by the name of the setting."""
    # 192.0.2.0/24 is nobody's (RFC 5737).
    server = bare_server("192.0.2.1")
    with pytest.raises(ConfigError, match=r"HOST 192\.0\.2\.1"):
        await server.start()


async def test_stop_finishes_what_is_under_way() -> None:
    """A request from before the stop is answered, and one after it gets no connection."""
    started, go_on = asyncio.Event(), asyncio.Event()

    async def ready() -> Checks:
        started.set()
        await go_on.wait()
        return {}

    async with serving(ready=ready) as (server, client):
        asked = asyncio.create_task(client.get("/readyz"))
        await started.wait()
        stopping = asyncio.create_task(server.stop())
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
            except OSError as exc:
                assert exc.errno in (errno.ECONNREFUSED, errno.ECONNRESET)  # noqa: PT017
                break
            writer.close()
        go_on.set()
        async with await asked as response:
            assert response.status == 200
        await stopping


async def test_stop_does_not_wait_for_bodies() -> None:
    """Unfinished requests are repeated by their senders: a stop has ten seconds for everything."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed(b"", now()).items())
    async with serving() as (server, client):
        reader, writer = await connected(server)
        writer.write(f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n{lines}\r\nx".encode())
        async with client.get("/healthz") as response:  # by now the other one is being read
            assert response.status == 200
        begun = asyncio.get_running_loop().time()
        await server.stop()
        assert (await reader.readline()).split()[1] == b"503"
        assert asyncio.get_running_loop().time() - begun < READ_TIMEOUT / 2
        writer.close()


async def test_stop_twice() -> None:
    """To stop what has stopped, or never started, is no error."""
    server = bare_server()
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()


async def test_no_access_log(caplog: pytest.LogCaptureFixture) -> None:
    """No log repeats the path and the query of a request."""
    caplog.set_level(logging.DEBUG)
    async with serving() as (_, client), client.get("/healthz?private=1"):
        pass
    assert "private" not in caplog.text
