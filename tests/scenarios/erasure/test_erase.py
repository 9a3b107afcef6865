"""`kickscale-bot erase`, and what is erased for its age: no trace stays in the database's bytes or in Slack."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot import ids
from bot.cli.main import main
from bot.model.erasure import About, Subject
from bot.sandbox.slack import Message
from tests.clock import MONDAY_MORNING
from tests.databases import ON_FILE, read_everything, read_tables, run_sql
from tests.scenarios.cli.processes import PATIENCE, process, run
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, ROBIN, SALES, World, call, environment_of, service_settings, start_bot, world

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GUESTS = "acme-project"
ACMES = ("acme.com", "zebra", "giraffe", "quagga", "okapi")
"""Words that only conversations of acme.com have: in names, summaries, transcripts and recordings."""
OTHERS = ("example.org", "otter", "heron", "badger")
CALLS = 12
"""More than a digest has in its first message."""


# ---- what there is to erase ----------------------------------------------------------------------------------------


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """The bot after some days with acme.com and example.org, with everything that it posts about either."""
    async with world(tmp_path) as made:
        await live_through(made)
        yield made


async def live_through(here: World) -> None:
    for channel in (SALES, "general"):
        await here.type("/kickscale uploads on", channel=channel)
    for domain, channel in (("acme.com", SALES), ("example.org", "general")):
        await here.type(f"/kickscale digest add {domain} at 8:30 tz UTC empty", channel=channel)
        await here.type(f"/kickscale digest add {domain} at 8:30 tz UTC", channel=GUESTS)
        await here.type(f"/kickscale digest add {domain} live", LEA, channel="deals")
    await here.run_digests_at(MONDAY_MORNING + DAY)  # nothing happened
    add_calls(here, MONDAY_MORNING + 2 * DAY)
    await here.run_digests_at(MONDAY_MORNING + 2 * DAY)
    await look(here)
    for domain in ("acme.com", "example.org"):
        answer = await here.ask(f"/kickscale calls {domain}")
        await here.click(answer, "Share in channel")
        await here.click(answer, "Details")
        view = here.slack.open_view(ROBIN)
        assert view is not None
        await here.click(view, "Transcript")
        while view := here.slack.open_view(ROBIN):
            await here.slack.close(ROBIN, view)
    await upload(here, "Quagga.wav", wav(62), "with acme.com", SALES)
    await upload(here, "Badger.wav", wav(63), "with example.org", "general")
    await here.share("Okapi acme.com.wav", wav(64))  # offered, and nobody says yes or no
    await here.type("/kickscale digest add acme.com at 9:00 tz UTC", LEA, channel="deals")
    here.kickscale.faults.add("/calls", status=403, times=100_000)
    for hours in (0, 1, 5):
        await here.run_digests_at(MONDAY_MORNING + 3 * DAY + hours * HOUR)
    here.kickscale.faults.clear()
    deals = here.slack.state.channel("deals")
    here.slack.state.channels[deals.id] = replace(deals, is_archived=True)
    here.kickscale.add_call(call(80, MONDAY_MORNING + 4 * DAY - HOUR, name="Zebra 80", summary="Giraffe 80"))
    await here.run_digests_at(MONDAY_MORNING + 4 * DAY + HOUR)
    here.slack.state.channels[deals.id] = deals


def add_calls(here: World, before: datetime) -> None:
    said = [{"speaker": "Robin Rep", "text": "The okapi is ours.", "start": 1}]
    for number in range(CALLS):
        at = before - HOUR - timedelta(minutes=number)
        here.kickscale.add_call(call(number, at, name=f"Zebra {number}", summary=f"Giraffe {number}.", transcript=said))
    for number in (90, 91):
        fields = {"name": f"Otter {number}", "summary": f"Heron {number}.", "customerDomains": ["example.org"]}
        transcript = [{"speaker": "Robin Rep", "text": "The badger is theirs.", "start": 1}]
        here.kickscale.add_call(call(number, before - HOUR, **fields, transcript=transcript))


async def upload(here: World, name: str, content: bytes, text: str, channel: str) -> None:
    shared = await here.share(name, content, text=text, channel=channel)
    await here.click(here.thread(shared)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    await here.pass_time(120)
    assert "has been analysed" in here.text(here.thread(shared)[1])


async def look(here: World) -> None:
    """Look for news; a busy channel gets two at a time."""
    await here.bot.services.live.poll()
    await here.settle()
    for _ in range(CALLS // 2):
        await here.pass_time(5)


# ---- looking for traces --------------------------------------------------------------------------------------------


def own(here: World) -> list[Message]:
    """Return every message of the bot in Slack."""
    state = here.slack.state
    return [message for messages in state.messages.values() for message in messages if message.user == state.bot_user]


def in_slack(here: World) -> str:
    """Return the content of everything that the bot posted."""
    messages = [[message.text, message.blocks, message.attachments, message.metadata] for message in own(here)]
    files = [[file.name, file.title, (file.content or b"").decode("latin-1")] for file in bot_files(here)]
    return json.dumps([messages, files], ensure_ascii=False).casefold()


def bot_files(here: World) -> list[Any]:
    state = here.slack.state
    return [file for file in state.files.values() if file.user == state.bot_user]


async def in_bytes(here: World) -> str:
    return (await read_everything(here.settings)).casefold()


def found(text: str, needles: tuple[str, ...]) -> set[str]:
    return {needle for needle in needles if needle in text}


def rows(here: World, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return run_sql(here.settings, sql, *values)


def about_others(here: World) -> set[tuple[str, str]]:
    """Return the places of the bot's messages that are about others."""
    return {
        (message.channel, message.ts)
        for message in own(here)
        if found(
            json.dumps(
                [message.text, message.blocks, [here.slack.state.files[id_].title for id_ in message.files]]
            ).casefold(),
            OTHERS,
        )
    }


def environment(here: World) -> dict[str, str]:
    return {
        **environment_of(service_settings(here.slack, here.kickscale)),
        "DATABASE_PATH": str(here.settings.database_path),
        "DATABASE_URL": here.settings.database_url.get_secret_value(),
    }


async def erase(here: World, *arguments: str) -> tuple[int | None, str, str]:
    """Run the command while the bot runs; return its exit code, output and errors."""
    return await run(Path(here.settings.database_path).parent, "erase", *arguments, **environment(here))


async def begin_and_kill(here: World, method: str) -> None:
    """Erase acme.com in a process that is killed once a call has taken effect, before it gets the answer."""
    here.slack.faults.add(method, hang=True, late=True)
    seen = calls_of(here, method)
    folder = Path(here.settings.database_path).parent
    async with process(folder, "erase", "--domain", "acme.com", "--yes", **environment(here)):
        await here.slack.wait_for(lambda: calls_of(here, method) > seen, PATIENCE)


def calls_of(here: World, method: str) -> int:
    return sum(made.method == method for made in here.slack.calls)


# ---- by customer ---------------------------------------------------------------------------------------------------


async def test_no_trace_of_a_customer_stays(here: World) -> None:
    """Neither in the database's bytes nor in Slack; all that is about others is there, and so is the audit."""
    booked = {(channel, ts) for channel, ts in rows(here, "select channel, ts from messages where file = ''")}
    files = {file for (file,) in rows(here, "select file from messages where file != ''")}
    assert {(message.channel, message.ts) for message in own(here) if not message.files} == booked
    assert {file.id for file in bot_files(here)} == files
    assert found(in_slack(here), ACMES) == set(ACMES)
    assert found(await in_bytes(here), ACMES) >= {"acme.com", "quagga"}
    others, count = about_others(here), len(own(here))

    code, out, _ = await erase(here, "--domain", "acme.com", "--dry-run")
    assert (code, "Dry run: nothing was erased." in out, len(own(here))) == (0, True, count), out

    for method in ("chat.delete", "files.delete"):
        await begin_and_kill(here, method)
    assert count > len(own(here)) > len(others)

    code, out, wrong = await erase(here, "--domain", "acme.com", "--yes")
    assert (code, wrong) == (0, ""), out
    assert found(in_slack(here), ACMES) == set()
    assert found(await in_bytes(here), ACMES) == set()
    assert about_others(here) == others
    assert found(in_slack(here), OTHERS) == set(OTHERS)
    assert found(await in_bytes(here), OTHERS) >= {"example.org", "badger"}
    assert f"Erased {count - len(own(here))} message" in out

    (messages, copies) = rows(here, "select what, by, conversations, count from audit where kind = 'erased'")
    assert (messages[:2], copies[0]) == (("domain messages", "command line"), "domain copies")
    assert {f"c{number}" for number in range(CALLS)} <= set(json.loads(messages[2]))
    assert messages[3] == count - len(own(here))
    assert (await here.bot.database.audit.check(())).flaws == ()

    # What was posted once is not posted again, and the bot continues with the rest.
    here.kickscale.add_call(call(95, MONDAY_MORNING + 5 * DAY, name="Otter 95", customerDomains=["example.org"]))
    await here.type("/kickscale digest add acme.com live", LEA, channel="deals")
    count = len(own(here))
    await here.run_digests_at(MONDAY_MORNING + 6 * DAY)
    await look(here)
    assert len(own(here)) > count
    assert found(in_slack(here), ("zebra", "giraffe", "quagga")) == set()
    source = rows(here, "select name, fields, sha256 != '', source != '' from uploads where name = ''")
    assert source == [("", "{}", 1, 1)]


NAMES = (
    "acme.com-2026-11-24.wav",
    "call-acme.com-discovery.wav",
    "www.acme.com-discovery.wav",
    "acme.com.2026.wav",
    "acme.com.docx.wav",
    "acme.com.mpeg",
    "bu\u0308cher.de call.wav",
)


async def test_a_customer_is_found_in_the_names_of_recordings(tmp_path: Path) -> None:
    """Whatever is beside the domain, even if the offer was forgotten; others are not found."""
    others = ("notacme.com.wav", "acme.company-call.wav", "eu.acme.com-call.wav")
    async with world(tmp_path, copies_kept_days="10") as here:
        await here.type("/kickscale uploads on")
        for _ in range(2):
            await here.clock.advance((11 * DAY).total_seconds())
            await here.bot.prune()
            for name in (*NAMES, *others):
                await here.share(name, wav(5))
        code, out, left = await erase(here, "--domain", "acme.com", "--domain", "bücher.de", "--yes")
        assert (code, left) == (0, ""), out
        offers = [message for message in own(here) if message.thread_ts]
        assert [here.text(message).splitlines()[1].split(" · ")[0] for message in offers] == [*others] * 2
        assert found(await in_bytes(here), NAMES) == set()


async def test_what_was_erased_right_after_it_was_shared_does_not_come_back(tmp_path: Path) -> None:
    """Slack reports a shared file twice, and the bot looks into the second report after ten seconds."""
    async with world(tmp_path) as here:
        await here.type("/kickscale uploads on")
        await here.share("acme.com.wav", wav(5))
        await here.share("otter.wav", wav(6))
        outcome = await here.run_to_end(here.bot.services.erasure.erase(Subject(About.DOMAIN, ("acme.com",)), "test"))
        assert (outcome.left(), outcome.deleted) == ([], 1)
        await here.pass_time(15)
        assert found(in_slack(here), ("acme.com", "otter")) == {"otter"}
        assert "acme.com" not in repr([rows(here, "select * from jobs"), rows(here, "select * from offers")])


# ---- by conversation -----------------------------------------------------------------------------------------------


async def test_no_subscription_keeps_a_customer_that_it_had_before(tmp_path: Path) -> None:
    """Even if others were added since, or a wider pattern took the customer in."""
    async with world(tmp_path) as here:
        await here.type("/kickscale digest add acme.com live")
        await here.type("/kickscale digest add example.org live")
        await here.pass_time(DAY.total_seconds())
        for index, wanted in enumerate(("*", "example.org, www.acme.com, example.com")):
            await here.click(await here.ask("/kickscale digest list"), "Change", index=index)
            form = here.slack.open_view(ROBIN)
            assert form is not None
            await here.slack.submit(ROBIN, form, {ids.DIGEST_DOMAINS: wanted})
            await here.settle()
        assert "acme.com" in repr(rows(here, "select since_of from subscriptions where id = 'd1'"))
        code, _, left = await erase(here, "--domain", "acme.com", "--yes")
        assert (code, left) == (0, "")
        assert "acme" not in repr(rows(here, "select * from subscriptions"))
        known = await here.bot.database.subscriptions.every()
        assert [(subscription.domains, list(subscription.since_of)) for subscription in known] == [
            (("*",), ["*"]),
            (("example.org", "example.com"), ["example.com"]),
        ]


async def test_no_trace_of_a_conversation_stays(tmp_path: Path) -> None:
    """What Slack won't delete is blanked; what the bot can't blank either is reported, and the next run does it."""
    async with world(tmp_path) as here:
        await here.type("/kickscale digest add acme.com live")
        await here.clock.advance(2 * 3600)
        said = [{"speaker": "Robin Rep", "text": "The okapi is ours.", "start": 1}]
        here.kickscale.add_call(call(1, here.clock.now() - HOUR, name="Zebra", summary="Giraffe.", transcript=said))
        here.kickscale.add_call(call(2, here.clock.now() - HOUR, name="Otter", summary="Heron."))
        await here.bot.services.live.poll()
        await here.settle()
        answer = await here.ask("/kickscale call c1", "jana.vogt")
        await here.click(answer, "Im Channel teilen", "jana.vogt")
        for user in (ROBIN, LEA):
            await here.click(await here.ask("/kickscale call c1", user), "Transcript", user)
        (removed,) = here.slack.direct_messages(LEA)[0].files
        here.slack.state.bury(here.slack.state.files[removed])  # by Lea; the message stays
        await here.click(await here.ask("/kickscale calls acme.com today"), "Share in channel")
        assert found(in_slack(here), ("zebra", "giraffe", "okapi", "otter")) == {"zebra", "giraffe", "okapi", "otter"}

        here.slack.faults.add("chat.delete", error="cant_delete_message", times=2)
        here.slack.faults.add("chat.update", error="edit_window_closed")
        here.slack.faults.add("files.delete", status=429, retry_after=1)
        code, out, left = await erase(here, "--conversation", "c1", "--yes")
        assert (code, "from Slack (cant_delete_message)" in left) == (1, True), left
        assert "including 1 that also mentions others" in out
        assert "(1 blanked, because Slack wouldn't delete them)" in out
        assert "Diese Nachricht wurde gelöscht." in [post.text for post in here.slack.posts(SALES)], "as it was shared"

        code, out, left = await erase(here, "--conversation", "c1", "--yes")
        assert (code, left, "Erased 1 message " in out) == (0, "", True)
        assert found(in_slack(here), ("zebra", "giraffe", "okapi")) == set()
        assert found(await in_bytes(here), ("zebra", "giraffe")) == set()
        assert found(in_slack(here), ("otter", "heron")) == {"otter", "heron"}
        assert rows(here, "select * from message_conversations where conversation = 'c1'") == []

        here.kickscale.change("c1", {"outcome": "Zebra again"})
        count = len(own(here))
        await here.clock.advance(600)
        await here.bot.services.live.poll()
        await here.settle()
        assert (len(own(here)), found(in_slack(here), ("zebra",))) == (count, set())


@pytest.mark.parametrize("way", ["command", "mention", "message"])
async def test_whoever_asks_while_it_erases_is_answered(tmp_path: Path, way: str) -> None:
    """What names the customer is being answered: that is listed, and another run finds what comes of it."""
    acme = Subject(About.DOMAIN, ("acme.com",))
    async with world(tmp_path) as here:
        here.add_calls(1)
        here.kickscale.faults.add("/calls", hang=True)
        match way:
            case "command":
                await here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
            case "mention":
                await here.slack.mention(ROBIN, SALES, "calls acme.com")
            case _:
                await here.slack.write(ROBIN, "calls acme.com")
        await here.kickscale.requests.until(lambda _: here.kickscale.hanging > 0)
        outcome = await here.run_to_end(here.bot.services.erasure.erase(acme, "test"))
        assert [what.partition(" ")[0] for what in outcome.under_way] == ["answer" if way == "message" else way]
        here.kickscale.release()
        await here.settle()
        answers = [*here.slack.ephemerals(SALES, ROBIN), *here.slack.direct_messages(ROBIN)]
        assert "1 call with acme.com" in here.text(answers[-1])
        assert not (await here.run_to_end(here.bot.services.erasure.erase(acme, "test"))).under_way


async def test_two_runs_at_the_same_time_both_succeed(tmp_path: Path) -> None:
    """Neither misses what the other has removed and forgotten in the meantime."""
    async with world(tmp_path) as here:
        here.add_calls(1, summary="Giraffe.")
        for _ in range(3):
            await here.click(await here.ask("/kickscale call c0"), "Share in channel")
        here.slack.faults.add("chat.delete", status=429, retry_after=4)
        slow = asyncio.create_task(erase(here, "--conversation", "c0", "--yes"))
        await here.slack.wait_for(lambda: calls_of(here, "chat.delete"), PATIENCE)
        for code, out, left in (await erase(here, "--conversation", "c0", "--yes"), await slow):
            assert (code, left, "Erased " in out) == (0, "", True), out
        assert (own(here), rows(here, "select * from messages")) == ([], [])


# ---- by person -----------------------------------------------------------------------------------------------------


async def test_no_trace_of_a_person_stays_except_in_the_audit(tmp_path: Path) -> None:
    """What others asked and shared stays, and so does the person's subscription: nobody hears of its problems."""
    async with world(tmp_path) as here:
        robin = here.slack.user(ROBIN).id
        here.add_calls(2)
        await here.type("/kickscale digest add acme.com at 8:30 tz UTC")
        await here.type("/kickscale digest add acme.com at 8:30 tz UTC", channel=GUESTS)
        await here.type("/kickscale uploads on auto")
        await here.submit_upload_form()
        await here.share("2026-11-23 09.31 Quagga.wav", wav(62))
        await here.pass_time(120)
        for user in (ROBIN, LEA):
            answer = await here.ask("/kickscale calls acme.com today", user)
            await here.click(answer, "Share in channel", user)
        await here.ask("/kickscale calls owner:@robin.rep", LEA)
        await here.run_digests_at(MONDAY_MORNING + DAY)
        assert here.slack.direct_messages(ROBIN), "a digest that guests may not see"
        assert [robin in json.dumps([message.text, message.blocks]) for message in own(here)].count(True) == 5

        count = len(own(here))
        code, out, _ = await erase(here, "--user", robin)
        assert (code, "Erase this permanently?" in out, len(own(here))) == (1, True, count), "nobody said yes"

        code, out, left = await erase(here, "--user", robin, "--yes")
        assert (code, left) == (0, ""), out
        assert here.slack.direct_messages(ROBIN) == []
        assert not any(robin in json.dumps([message.text, message.blocks]) for message in own(here))
        assert [here.slack.user(LEA).id in json.dumps([message.blocks]) for message in own(here)].count(True) == 1
        named = [name for name, rows_ in read_tables(here.settings).items() if robin in repr(rows_)]
        assert named == ["audit"]
        assert "robin.rep@example.com" not in await in_bytes(here)
        (mode,) = rows(here, "select mode, attested_by from upload_channels")
        assert mode == ("on", None)

        said = here.text(await here.ask("/kickscale digest list", LEA), LEA)
        assert ("acme.com" in said, "added by" in said) == (True, False)
        await here.run_digests_at(MONDAY_MORNING + 2 * DAY)
        assert here.slack.direct_messages(ROBIN) == []


async def test_no_direct_message_to_somebody_who_left_stays(tmp_path: Path) -> None:
    """Not even of a removed subscription, although Slack opens no direct message to them any more."""
    async with world(tmp_path) as here:
        await here.type("/kickscale digest add acme.com at 8:30 tz UTC", channel=GUESTS)
        await here.type("/kickscale digest add acme.com at 8:20 tz UTC", LEA, channel=GUESTS)
        add_calls(here, MONDAY_MORNING + DAY - 2 * HOUR)
        await here.run_digests_at(MONDAY_MORNING + DAY)
        await here.type("/kickscale digest remove d1", channel=GUESTS)
        others = here.slack.direct_messages(LEA)
        for name in (ROBIN, LEA):
            assert found(in_slack(here), ("zebra",)), "a digest that guests may not see"
            user = here.slack.user(name)
            here.slack.state.users[user.id] = replace(user, deleted=True)
            code, out, left = await erase(here, "--user", user.id, "--yes")
            assert (code, left, here.slack.direct_messages(name)) == (0, "", []), out
            assert here.slack.direct_messages(LEA) == (others if name == ROBIN else [])
        assert rows(here, "select key from messages") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say what to erase: --domain"),
        (["--domain", "acme.com", "--user", "U1X"], "Say what to erase: --domain"),
        (["--domain", "*"], "isn't a customer's domain"),
        (["--domain", "acme"], "isn't a customer's domain"),
        (["--conversation", "a b"], "can't contain spaces"),
        (["--user", "robin"], "isn't a Slack user ID"),
    ],
)
def test_what_to_erase_must_be_exact(arguments: list[str], said: str) -> None:
    """Otherwise nothing begins."""
    result = CliRunner().invoke(main, ["erase", *arguments])
    assert (result.exit_code, said in result.output) == (2, True), result.output


# ---- by age --------------------------------------------------------------------------------------------------------


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
