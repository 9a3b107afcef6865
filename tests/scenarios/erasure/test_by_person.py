"""No trace of a person stays, except in the audit."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from tests.clock import MONDAY_MORNING
from tests.databases import read_tables
from tests.scenarios.erasure.traces import DAY, GUESTS, HOUR, add_calls, erase, found, in_bytes, in_slack, own, rows
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, ROBIN, world


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
