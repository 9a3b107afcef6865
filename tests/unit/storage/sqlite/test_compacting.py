"""Nothing that was removed is left in the bytes of the database."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.copies import copy, find


async def test_no_byte_remains_while_a_bot_writes(database: Database, path: Path) -> None:
    """Neither in the file nor in the log beside it, while another process reads and writes all the time."""
    other = await Database.open(path)
    for number in range(50):
        await database.facts.set(f"name {number}", f"zebra {number}" * 100, NOW)
        await other.facts.set(f"name {number}", None, NOW)
    assert b"zebra" in await bytes_of(path)
    written = asyncio.Event()

    async def write() -> None:
        while not written.is_set():
            await other.facts.set("other", "otter", NOW)

    writing = asyncio.create_task(write())
    assert await database.compact()
    written.set()
    await writing
    found = await bytes_of(path)
    assert (b"zebra" in found, b"otter" in found) == (False, True)
    await other.close()


async def test_no_word_remains_of_what_became_too_old(database: Database, path: Path) -> None:
    """Not even in the index's own bytes, where a removed word otherwise stays until others are written."""
    await database.mirror.merge([copy("old", "zebrafinken", starts_at=NOW - timedelta(days=1))], None, NOW)
    await database.mirror.merge([copy("new", "quaggas, kept badgers")], None, NOW)
    await database.mirror.merge([copy("new", "kept badgers")], None, NOW + timedelta(minutes=1))
    await database.mirror.trim(NOW.date())
    assert await database.compact()
    found = await bytes_of(path)
    assert [word in found for word in (b"zebra", b"quagga", b"badgers")] == [False, False, True]
    assert await find(database.mirror, "adger") == ["new"]


async def bytes_of(path: Path) -> bytes:
    """The file and those beside it, read by another process: closing them in this one would drop its locks."""
    files = map(str, path.parent.glob(f"{path.name}*"))
    reading = await asyncio.create_subprocess_exec("cat", *files, stdout=asyncio.subprocess.PIPE)
    return (await reading.communicate())[0]
