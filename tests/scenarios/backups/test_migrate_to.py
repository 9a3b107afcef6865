"""`kickscale-bot migrate-to`: a bot continues on PostgreSQL where it stopped on the file."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.config.settings import Settings
from bot.storage.postgres import PostgresDatabase
from tests.postgres import SHARED
from tests.scenarios.cli.processes import answered, process, ready, run, services, stop
from tests.scenarios.erasure.traces import environment
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, World, call, start_bot, world

HOUR = timedelta(hours=1)
ROW = re.compile(r"^  (\w+) +([\d,]+)  ([0-9a-f]{16})$", re.MULTILINE)
SLEEP = "begin perform pg_sleep(600); return new; end"
CHANGE = "begin new.record = '{}'; return new; end"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return SHARED.of(tmp_path)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A bot on a file, with something in every capability's tables."""
    async with world(tmp_path, database_path=str(tmp_path / "bot.db"), database_url="", mirror_days=30) as here:
        here.add_calls(25, summary="The price of Gastzugänge is open.")
        await here.type("/kickscale uploads on")
        await here.type("/kickscale digest add acme.com 9:00")
        await here.type("/kickscale digest add acme.com live")
        await here.clock.advance(2 * 3600)
        here.kickscale.add_call(call(99, here.clock.now() - HOUR, transcript=[{"text": "A zebra.", "speaker": "Jane"}]))
        await here.look_for_news()
        await here.share("First.wav", wav(5))
        await here.catch_up()
        await here.learn_customers()
        yield here


async def move(here: World, url: str, folder: Path) -> str:
    """Copy the database of a bot that has stopped, and start it on PostgreSQL; return what the command printed."""
    code, out, err = await migrate(here, url, folder)
    assert code == 0, err
    here.settings = Settings.explicit(**{**here.settings.model_dump(exclude_unset=True), "database_url": url})
    here.bot = await start_bot(here.settings, here.clock)
    return out


async def migrate(here: World, url: str, folder: Path) -> tuple[int | None, str, str]:
    return await run(folder, "migrate-to", url, **environment(here))


@contextmanager
def trigger(url: str, table: str, body: str) -> Iterator[psycopg.Connection]:
    """Have PostgreSQL do this with each row that is written to a table."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create function meddle() returns trigger language plpgsql as $$ {body} $$")
        connection.execute(f"create trigger meddle before insert on {table} for each row execute function meddle()")
        try:
            yield connection
        finally:
            connection.execute("drop function meddle cascade")


async def test_a_bot_goes_on_with_a_copy(here: World, url: str, tmp_path: Path) -> None:
    """Buttons of old answers, digests, cards, search and the audit; and new rows get numbers of their own."""
    listed = await here.ask("/kickscale calls acme.com last-7-days")
    posts = len(here.posts("sales-acme"))
    await here.run_to_end(here.bot.stop())
    out = await move(here, url, tmp_path)
    counts = {table: int(rows.replace(",", "")) for table, rows, _ in ROW.findall(out)}
    assert {"subscriptions": 2, "upload_channels": 1, "mirror": 26, "offers": 1}.items() <= counts.items()
    assert len(counts) == 28, counts
    await here.click(listed, "Older")
    assert "Call 11" in here.text(here.slack.ephemerals("sales-acme", ROBIN)[-1])
    for word in ("gastzugaenge", "zebra"):
        assert f"with “{word}”" in here.text(await here.ask(f"/kickscale search {word}"))
    assert "acme.com" in here.text(await here.ask("/kickscale digest list"))
    await here.look_for_news(HOUR)
    assert len(here.posts("sales-acme")) == posts  # no card twice
    await here.share("Second.wav", wav(6))
    assert "Second.wav" in here.text(here.posts("sales-acme")[-1])
    await here.run_digests_at(here.clock.now() + timedelta(days=1))
    assert len(here.posts("sales-acme")) == posts + 2
    ours = {**environment(here), "DATABASE_URL": url}
    code, out, err = await run(tmp_path, "audit", "verify", **ours)
    assert (code, err) == (0, ""), out


async def test_a_copy_can_be_repeated_until_a_bot_has_used_it(here: World, url: str, tmp_path: Path) -> None:
    """The same file leads to the same rows; what a bot has written to PostgreSQL is never replaced."""
    await here.run_to_end(here.bot.stop())
    (_, first, _), (code, second, err) = [await migrate(here, url, tmp_path) for _ in range(2)]
    assert (code, ROW.findall(second)) == (0, ROW.findall(first)), err
    here.bot = await start_bot(here.settings, here.clock)
    await here.type("/kickscale digest add example.org")
    await here.run_to_end(here.bot.stop())
    out = await move(here, url, tmp_path)
    assert ROW.findall(out) != ROW.findall(first)
    await here.type("/kickscale digest add example.net")
    await here.run_to_end(here.bot.stop())
    code, out, err = await migrate(here, url, tmp_path)
    assert (code, out) == (1, "")
    assert "has data that this copy would replace" in err
    here.bot = await start_bot(here.settings, here.clock)


async def test_a_copy_that_is_killed_leaves_nothing_and_is_made_again(here: World, url: str, tmp_path: Path) -> None:
    """It is one transaction."""
    await here.run_to_end(here.bot.stop())
    await (await PostgresDatabase.open(url)).close()
    with trigger(url, "mirror_days", SLEEP) as connection:
        sleeping = "select pid from pg_stat_activity where wait_event = 'PgSleep'"
        async with process(tmp_path, "migrate-to", url, **environment(here)) as copying:
            while not (found := connection.execute(sleeping).fetchone()):
                assert copying.returncode is None
                await asyncio.sleep(0)
            copying.kill()
        connection.execute("select pg_terminate_backend(%s, 10000)", found)
        assert connection.execute("select count(*) from messages").fetchone() == (0,)
    out = await move(here, url, tmp_path)
    assert "read back, and is the same" in out


async def test_what_arrives_otherwise_is_not_kept(here: World, url: str, tmp_path: Path) -> None:
    """A database that changes what is written to it is no copy."""
    await here.run_to_end(here.bot.stop())
    await (await PostgresDatabase.open(url)).close()
    with trigger(url, "mirror_records", CHANGE) as connection:
        code, out, err = await migrate(here, url, tmp_path)
        assert (code, out) == (1, "")
        assert "has other rows in mirror_records than were written. Nothing was copied." in err
        assert connection.execute("select count(*) from messages").fetchone() == (0,)
    here.bot = await start_bot(here.settings, here.clock)


async def test_nothing_is_copied_beside_a_bot_or_over_its_data(url: str, tmp_path: Path) -> None:
    """The command says what is in the way, and never a password."""
    secret = url.replace("bot@", "bot:hunter2@")
    async with services() as (slack, _, environment):
        environment |= {"DATABASE_PATH": "kickscale-bot.db"}
        for arguments, says in (
            ((), "Name the database"),
            (("mysql://bot:hunter2@host/name",), "Name the database"),
            ((secret,), "but there is no database there"),
        ):
            code, out, err = await run(tmp_path, "migrate-to", *arguments, **environment)
            assert (code != 0, out, says in err, "hunter2" in err) == (True, "", True, False), err
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            await answered(slack, "/kickscale digest list")
            code, out, err = await run(tmp_path, "migrate-to", secret, **environment)
            assert (code, out, "which another process has open. Stop the bot" in err) == (1, "", True), err
            await stop(bot)
        nowhere = "postgresql://bot:hunter2@127.0.0.1:1/name"
        code, out, err = await run(tmp_path, "migrate-to", nowhere, **environment)
        assert (code, out, "name on 127.0.0.1:1, which can't be used" in err) == (1, "", True), err
        async with process(tmp_path, "run", **environment, DATABASE_URL=url) as bot:
            await ready(bot)
            await answered(slack, "/kickscale digest list")
            await stop(bot)
        # The address may also come from the setting.
        code, out, err = await run(tmp_path, "migrate-to", **environment, DATABASE_URL=secret)
        assert (code, out, "has data that this copy would replace" in err) == (1, "", True), err
        assert "hunter2" not in err
