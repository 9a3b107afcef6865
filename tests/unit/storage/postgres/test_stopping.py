"""What a queue leaves behind."""

import asyncio

from bot.storage.postgres import PostgresDatabase
from bot.storage.postgres.connection import PostgresConnection
from tests.clock import ManualClock


async def test_a_queue_that_is_stopped_while_it_connects_leaves_nothing(connection: PostgresConnection) -> None:
    """Otherwise the process may never end: what connects ignores that it is cancelled."""
    asked, answered = asyncio.Event(), asyncio.Event()

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await answered.wait()
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        database = PostgresDatabase(connection, f"postgresql://bot@127.0.0.1:{port}/nowhere")
        queue = database.make_queue(ManualClock(), "here")
        await queue.start()
        await asked.wait()
        connecting = [task for task in asyncio.all_tasks() if "pool" in task.get_name()]
        assert connecting
        stopping = asyncio.create_task(queue.stop())
        await asyncio.sleep(0)
        answered.set()
        await stopping
        assert all(task.done() for task in connecting)
