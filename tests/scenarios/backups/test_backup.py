"""`kickscale-bot backup` and `restore`, beside a running bot and after it."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.databases import ON_FILE
from tests.scenarios.cli.processes import answered, process, ready, run, services, stop
from tests.scenarios.erasure.traces import environment, found, in_bytes, own, rows
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, World, call, start_bot, world

HOUR = timedelta(hours=1)

pytestmark = ON_FILE


async def test_a_running_bot_is_backed_up_and_put_back(tmp_path: Path) -> None:
    """What was there is there again; a restore waits for the bot's end, and keeps the database that it replaces."""
    async with services() as (slack, _, environment):
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            await answered(slack, "/kickscale digest add acme.com")
            code, out, err = await run(tmp_path, "backup", "copy.db", **environment)
            assert (code, err) == (0, "")
            assert out.startswith("Copied the database to copy.db: 0.")
            assert "1 digest, 0 uploads" in out
            code, out, err = await run(tmp_path, "backup", "copy.db", **environment)
            assert (code, "exists already" in err) == (1, True)
            await answered(slack, "/kickscale digest remove acme.com")
            await answered(slack, "/kickscale digest add example.org")
            code, out, err = await run(tmp_path, "restore", "copy.db", "--yes", **environment)
            assert (code, out) == (1, "")
            assert "which another process has open. Stop the bot" in err
            await answered(slack, "/kickscale digest list")
            await stop(bot)
        code, out, err = await run(tmp_path, "restore", "copy.db", "--dry-run", **environment)
        assert (code, err, "Dry run: nothing was restored." in out) == (0, "", True)
        code, out, err = await run(tmp_path, "restore", "copy.db", "--yes", **environment)
        assert (code, err) == (0, ""), out
        (aside,) = tmp_path.glob("kickscale-bot.db.replaced-*")
        assert str(aside) in out
        assert aside.stat().st_mode & 0o777 == 0o600
        code, out, err = await run(tmp_path, "audit", "export", "--kind", "changed", **environment)
        changes = [(row["what"], row["by"]) for row in map(json.loads, out.splitlines())]
        assert changes[-1] == ("restore", "command line")
        assert (await run(tmp_path, "audit", "verify", **environment))[0] == 0
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            await answered(slack, "/kickscale digest list")
            listed = slack.text(slack.ephemerals(SALES, ROBIN)[-1], ROBIN)
            assert ("acme.com" in listed, "example.org" in listed) == (True, False), listed
            await stop(bot)


async def test_a_backup_from_before_an_upgrade_is_restored_as_it_was(tmp_path: Path) -> None:
    """So that the version before can use it again, if nothing was erased since."""
    async with services() as (_, _, environment):
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            await stop(bot)
        database = tmp_path / "kickscale-bot.db"
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("drop table erased_subjects")
            connection.execute("delete from _sqlite_migrations where name = 'erased_subjects'")
        await run(tmp_path, "backup", "copy.db", **environment)
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            await stop(bot)
        code, out, err = await run(tmp_path, "restore", "copy.db", "--yes", **environment)
        assert (code, err) == (0, ""), out
        with closing(sqlite3.connect(database)) as connection:
            steps = connection.execute("select name from _sqlite_migrations").fetchall()
            tables = connection.execute("select name from sqlite_schema").fetchall()
        assert ("customers",) in steps
        assert ("erased_subjects",) not in {*steps, *tables}


async def test_a_restore_asks_first(tmp_path: Path) -> None:
    """If nobody answers, that counts as no."""
    async with services() as (_, _, environment):
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            await stop(bot)
        await run(tmp_path, "backup", "copy.db", **environment)
        code, out, err = await run(tmp_path, "restore", "copy.db", **environment)
        assert (code, "Restore it to" in out, "Aborted" in err) == (1, True, True)
        assert sorted(tmp_path.glob("*db")) == [tmp_path / "copy.db", tmp_path / "kickscale-bot.db"]


async def live_through(here: World) -> None:
    """Let there be something about acme.com, its subdomain, example.org, Lea, and the call c9."""
    await here.type("/kickscale uploads on")
    for domain in ("acme.com", "eu.acme.com", "example.org", "example.net"):
        await here.type(f"/kickscale digest add {domain} live")
    await here.clock.advance(2 * 3600)
    for number, domain in enumerate(("acme.com", "eu.acme.com", "example.org")):
        at = here.clock.now() - HOUR
        here.kickscale.add_call(call(number, at, name=f"Call with {domain}", customerDomains=[domain]))
    here.kickscale.add_call(call(9, here.clock.now() - HOUR, name="The zebra call", customerDomains=["example.net"]))
    await here.bot.services.live.poll()
    await here.settle()
    await here.share("Quagga acme.com.wav", wav(5))
    await here.ask("/kickscale calls example.org", "lea.lead")


async def test_what_was_erased_since_the_backup_is_erased_from_it(tmp_path: Path) -> None:
    """Customers with their subdomains, people and conversations; all else is back, and stays in Slack."""
    async with world(tmp_path) as here:
        await live_through(here)
        lea = here.slack.user("lea.lead").id
        assert found(await in_bytes(here), ("acme.com", "zebra")) == {"acme.com", "zebra"}
        code, out, err = await run(tmp_path, "backup", "copy.db", **environment(here))
        assert (code, err) == (0, ""), out
        assert rows(here, "select count(*) from questions where user = ?", lea) == [(1,)]
        for subject in (("--domain", "*.acme.com"), ("--conversation", "c9"), ("--user", lea)):
            code, out, err = await run(tmp_path, "erase", *subject, "--yes", **environment(here))
            assert (code, err) == (0, ""), out
        assert found(await in_bytes(here), ("acme.com", "quagga", "zebra")) == set()
        left = len(own(here))
        await here.run_to_end(here.bot.stop())

        code, out, err = await run(tmp_path, "restore", "copy.db", "--yes", **environment(here))
        assert (code, err) == (0, ""), out
        assert "erase --domain '*.acme.com'" in out
        assert "erase --conversation c9" in out
        assert f"erase --user {lea}" in out
        here.bot = await start_bot(here.settings, here.clock)
        text = await in_bytes(here)
        assert found(text, ("acme.com", "quagga", "zebra", "example.org")) == {"example.org"}
        assert rows(here, "select domains from subscriptions order by id") == [
            ('["example.org"]',),
            ('["example.net"]',),
        ]
        assert rows(here, "select count(*) from questions where user = ?", lea) == [(0,)]
        assert rows(here, "select conversation from message_conversations") == [("c2",)]
        assert len(own(here)) == left
        assert (await here.bot.database.audit.check(())).flaws == ()


async def test_a_restore_without_slack_does_not_bring_back_what_was_erased(tmp_path: Path) -> None:
    """It restores nothing, and says what it needs. Without the present database, it says which erasures to repeat."""
    async with world(tmp_path) as here:
        await live_through(here)
        settings = environment(here)
        await run(tmp_path, "backup", "copy.db", **settings)
        await run(tmp_path, "erase", "--domain", "acme.com", "--yes", **settings)
        await here.run_to_end(here.bot.stop())
        for changes, says in (
            ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set"),
            ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Nothing was restored, since erasing needs Slack"),
        ):
            code, _, err = await run(tmp_path, "restore", "copy.db", "--yes", **{**settings, **changes})
            assert (code, says in err) == (1, True), err
            assert sorted(tmp_path.glob("*")) == [tmp_path / "bot.db", tmp_path / "copy.db"]
        code, out, _ = await run(tmp_path, "restore", "copy.db", "--yes", **{**settings, "DATABASE_PATH": "new.db"})
        assert (code, "Repeat those erasures." in out) == (0, True), out
        here.bot = await start_bot(here.settings, here.clock)
