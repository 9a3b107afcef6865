"""What is old is forgotten."""

from pathlib import Path

from tests.databases import ON_FILE
from tests.scenarios.erasure.traces import DAY, HOUR, found, in_bytes, in_slack, own, rows
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import SALES, start_bot, world


async def test_old_things_are_forgotten(tmp_path: Path) -> None:
    """Messages and copies each after their time, and not before; what isn't old stays."""
    async with world(tmp_path, messages_kept_days="30", copies_kept_days="10") as here:
        here.add_calls(1)
        await here.type("/kickscale uploads on")
        shared = await here.share("Quagga.wav", wav(62), text="with acme.com")
        await here.click(here.thread(shared)[0], "Upload to Kickscale")
        await here.submit_upload_form()
        await here.pass_time(120)
        answer = await here.ask("/kickscale calls acme.com today")
        await here.click(answer, "Share in channel")
        began = here.clock.now()

        for days, has_copies, has_messages in ((9.9, True, True), (11.1, False, True), (30.1, False, False)):
            await here.clock.advance((began + days * DAY - here.clock.now()).total_seconds())
            await here.bot.prune()
            for table in ("questions", "offers", "jobs"):
                assert bool(rows(here, f"select 1 from {table}")) == has_copies, (table, days)  # noqa: S608
            ((name, fields, sha256),) = rows(here, "select name, fields, sha256 from uploads")
            assert (name != "", fields != "{}", sha256 != "") == (has_copies, has_copies, True)
            assert bool(found(in_slack(here), ("call 0", "quagga"))) == has_messages
            assert bool(found(await in_bytes(here), ("acme.com",))) == has_messages
            assert ("quagga" in await in_bytes(here)) == has_copies
        noted = dict(rows(here, "select what, sum(count) from audit where kind = 'erased' group by what"))
        assert noted.keys() == {"age copies", "age messages"}
        assert noted["age messages"] == 3  # the offer, the upload, and what was shared


async def test_messages_that_name_a_recording_are_forgotten_too(tmp_path: Path) -> None:
    """Even if nothing came of it: it was offered, declined, failed, or was there already."""
    async with world(tmp_path, messages_kept_days="30", copies_kept_days="10") as here:
        await here.type("/kickscale uploads on")
        await here.share("Okapi of Jane Doe.wav", wav(4))
        declined = await here.share("Zebra of Jane Doe.wav", wav(5))
        await here.click(here.thread(declined)[0], "Dismiss")
        failing = await here.share("Giraffe of Jane Doe.wav", wav(6))
        here.kickscale.faults.add("/calls*", status=400, times=10)
        await here.click(here.thread(failing)[0], "Upload to Kickscale")
        await here.submit_upload_form(**{"s:customerDomains": ""})
        await here.pass_time(60)
        assert found(in_slack(here), ("okapi", "zebra", "giraffe")) == {"okapi", "zebra", "giraffe"}
        await here.clock.advance((29 * DAY).total_seconds())
        await here.bot.prune()
        assert len(own(here)) == 5
        await here.clock.advance((2 * DAY).total_seconds())
        await here.bot.prune()
        assert [here.text(message) for message in own(here)] == here.announcements(SALES), "it names no recording"
        assert [kind for (kind,) in rows(here, "select kind from messages")] == ["announcement"]


@ON_FILE
async def test_a_large_database_is_compacted_at_night(tmp_path: Path) -> None:
    """Everybody has to wait for that. What was erased is gone from the tables before."""
    async with world(tmp_path, copies_kept_days="10") as here:
        here.add_calls(1)
        await here.ask("/kickscale calls acme.com")
        await here.bot.database.facts.set("filler", "x" * 101_000_000, here.clock.now())
        await here.bot.database.facts.set("filler", None, here.clock.now())
        await here.clock.advance((11 * DAY).total_seconds())
        await here.bot.prune()
        assert rows(here, "select * from questions") == []
        ((free,),) = rows(here, "pragma freelist_count")
        assert free > 0
        await here.clock.advance((17 * HOUR).total_seconds())
        await here.bot.prune()
        assert rows(here, "pragma freelist_count") == [(0,)]


async def test_one_of_two_bots_erases_what_is_old(tmp_path: Path) -> None:
    """The one that began continues to do it, and the other doesn't."""
    async with world(tmp_path, messages_kept_days="1") as here:
        here.add_calls(1)
        await here.click(await here.ask("/kickscale calls acme.com today"), "Share in channel")
        other = await start_bot(here.settings, here.clock)
        try:
            await here.clock.advance(23 * 3600)
            await here.bot.prune()
            await here.clock.advance(2 * 3600)
            await other.prune()
            assert len(own(here)) == 1
            await here.bot.prune()
            assert own(here) == []
        finally:
            await other.stop()
