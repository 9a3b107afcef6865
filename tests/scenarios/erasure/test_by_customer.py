"""No trace of a customer stays."""

import json
from pathlib import Path

from bot.model.erasure import About, Subject
from tests.clock import MONDAY_MORNING
from tests.scenarios.cli.processes import PATIENCE, process
from tests.scenarios.erasure.traces import (
    CALLS,
    DAY,
    bot_files,
    calls_of,
    environment,
    erase,
    found,
    in_bytes,
    in_slack,
    look,
    own,
    rows,
)
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, World, call, world

ACMES = ("acme.com", "zebra", "giraffe", "quagga", "okapi")
"""Words that only conversations of acme.com have: in names, summaries, transcripts and recordings."""
OTHERS = ("example.org", "otter", "heron", "badger")


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


async def begin_and_kill(here: World, method: str) -> None:
    """Erase acme.com in a process that is killed once a call has taken effect, before it gets the answer."""
    here.slack.faults.add(method, hang=True, late=True)
    seen = calls_of(here, method)
    folder = Path(here.settings.database_path).parent
    async with process(folder, "erase", "--domain", "acme.com", "--yes", **environment(here)):
        await here.slack.wait_for(lambda: calls_of(here, method) > seen, PATIENCE)


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
