"""`--json`: one object on stdout, as docs/scripts.md describes it, for results and for errors."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import pytest

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from tests.databases import ON_FILE
from tests.rooms import ROOT
from tests.scenarios.cli.processes import answered, process, ready, run, services, stop
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import environment_of, kickscale_settings

DOCUMENTED = {
    name: json.loads(text)
    for name, text in re.findall(
        r"^```json (\S[^\n]*)\n(.*?)^```", (ROOT / "docs/scripts.md").read_text(), re.MULTILINE | re.DOTALL
    )
}
COUNTS = {"messages", "rows", "details", "totals"}
"""Objects whose keys depend on what there is."""
ENTRY = "digests[]"
"""A subscription, whose keys depend on its kind."""


def check_shape(found: Any, documented: Any, where: str = "") -> None:
    """Check that this has the documented keys and types, and no others."""
    if found is None:  # `erased`, after a dry run
        assert where == "erased"
    elif isinstance(documented, dict):
        assert isinstance(found, dict), where
        if where.rpartition(".")[2] in COUNTS:
            return
        assert found.keys() == documented.keys() or where == ENTRY, where
        for key in documented:
            check_shape(found[key], documented[key], f"{where}.{key}".lstrip("."))
    elif isinstance(documented, list):
        assert isinstance(found, list), where
        for item in found:
            check_shape(item, documented[0] if documented else "", f"{where}[]")
    else:
        assert type(found) is type(documented), where


async def asked(
    name: str, folder: Path, *arguments: str, code: int = 0, environment: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """Run a command with --json, and return the object, which has the documented shape of `name`."""
    result, out, err = await run(folder, *arguments, "--json", **environment)
    assert result == code, out + err
    assert "Traceback" not in err
    document: dict[str, Any] = json.loads(out)
    check_shape(document, DOCUMENTED[name])
    assert document["ok"] == (code == 0)
    return document


async def test_every_command_prints_what_is_documented(tmp_path: Path) -> None:
    """Results of commands about what a bot has posted and stored."""
    async with services() as (slack, _, environment):
        async with process(tmp_path, "run", **environment) as bot:
            await ready(bot)
            for line in ("calls acme.com", "digest add acme.com empty", "digest add *"):
                await answered(slack, f"/kickscale {line}")
            await stop(bot)
        await asked("doctor", tmp_path, "doctor", environment=environment)
        previewed = await asked("digest --dry-run", tmp_path, "digest", "--dry-run", environment=environment)
        assert [preview["id"] for preview in previewed["digests"]] == ["d1", "d2"]
        for already in (False, True):
            posted = await asked("digest --run", tmp_path, "digest", "--run", "d1", environment=environment)
            assert (posted["state"], posted["already"]) == ("posted", already)
        exported = await asked("digest export", tmp_path, "digest", "export")
        assert [entry["domains"] for entry in exported["digests"]] == [["acme.com"], ["*"]]
        (tmp_path / "digests.yaml").write_text(json.dumps({"digests": exported["digests"]}))
        imported = await asked("digest import", tmp_path, "digest", "import", "digests.yaml")
        assert (imported["changes"], imported["unchanged"]) == ([], 2)
        (tmp_path / "digests.yaml").write_text("digests:\n- channel: nowhere\n")
        refused = await asked("digest import", tmp_path, "digest", "import", "digests.yaml", code=1)
        assert len(refused["problems"]) == 3
        verified = await asked("audit verify", tmp_path, "audit", "verify")
        assert verified["rows"] == sum(head["last"] for head in verified["heads"])
        audited = await asked("audit export", tmp_path, "audit", "export")
        assert len(audited["rows"]) == verified["rows"]
        for option in ("--dry-run", "--yes"):
            erased = await asked("erase", tmp_path, "erase", "--domain", "acme.com", option, environment=environment)
            assert sum(erased["found"]["messages"].values()) == 2, "a digest and who added it"
            assert erased["dry_run"] == (option == "--dry-run")
        assert erased["erased"]["messages"] == 2
        verified = await asked("audit verify", tmp_path, "audit", "verify", "--head", "asked:9:" + 64 * "0", code=1)
        assert [problem["text"] for problem in verified["problems"]] != []


async def test_an_upload_is_reported(tmp_path: Path) -> None:
    """What would be sent, what was, what was there already, what is wrong, and what lacks a date."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "notes.txt").write_text("no recording")
    for name, seconds in (("2026-11-20 14.30 Pricing.wav", 3), ("Demo.wav", 4)):
        (tmp_path / "new" / name).write_bytes(wav(seconds))
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = environment_of(kickscale_settings(kickscale))

        async def upload(*arguments: str, code: int = 0) -> dict[str, Any]:
            return await asked("upload", tmp_path, "upload", *arguments, code=code, environment=settings)

        refused = await upload("new", "--dry-run", code=1)
        (problem,) = refused["problems"]
        assert "Demo.wav: date: neither the name nor the file's tags give the day and time. Give it in" in problem
        (tmp_path / "new" / "Demo.wav").rename(tmp_path / "new" / "2026-11-21 10.00 Demo.wav")
        planned = await upload("new", "--dry-run")
        assert planned["totals"] == {"planned": 2, "bytes_sent": 0, "seconds": 0.0}
        sent = await upload("new", "--agreed", "Lea")
        size = sum(recording["bytes"] for recording in sent["recordings"])
        assert {**sent["totals"], "seconds": 0} == {"uploaded": 2, "bytes_sent": size, "seconds": 0}
        assert [skipped["path"] for skipped in sent["skipped"]] == ["new/notes.txt"]
        assert len({recording["call"] for recording in sent["recordings"]}) == len(kickscale.uploads) == 2
        (tmp_path / "new" / "2026-11-22 10.00 Last.wav").write_bytes(wav(5))
        code, out, _ = await run(tmp_path, "upload", "new", "--agreed", "Lea", **settings)
        total = r"3 recordings: 1 uploaded \(\d+ kB in \d+ s, [\d.]+ [kM]B/s\), 2 already in Kickscale\."
        assert (code, bool(re.fullmatch(total, out.splitlines()[-1]))) == (0, True), out
        assert (await upload("new", "--agreed", "Lea"))["totals"] == {"there": 3, "bytes_sent": 0, "seconds": 0.0}


async def test_a_recording_without_a_date_is_pointed_out(tmp_path: Path) -> None:
    """Even if Kickscale doesn't require one: otherwise the call is filed under the day of the upload."""
    (tmp_path / "Demo.wav").write_bytes(wav(4))
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        async with aiohttp.ClientSession() as session, session.get(f"{kickscale.base_url}/swagger-json") as response:
            document = await response.text()
        assert '"required": ["name", "date"]' in document
        kickscale.faults.add(
            "/swagger-json", body=document.replace('"required": ["name", "date"]', '"required": ["name"]')
        )
        code, _, err = await run(
            tmp_path,
            *("upload", "Demo.wav", "--dry-run"),
            KICKSCALE_API_KEY=kickscale.api_key,
            KICKSCALE_CLIENT_ID=kickscale.client_id,
            KICKSCALE_BASE_URL=kickscale.base_url,
        )
    assert code == 0
    assert "Without a date, since neither the name nor the file's tags give the day and time: Demo.wav. Give" in err
    assert "--field date=2026-11-20T14:30" in err


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        (("upload", "."), {}, 1, "KICKSCALE_API_KEY is not set"),
        (("upload", "none.wav"), {}, 2, "none.wav"),
        (("upload", "."), {"KICKSCALE_API_KEY": "1", "KICKSCALE_CLIENT_ID": "1"}, 2, "--agreed NAME is missing"),
        (("erase", "--domain", "acme.com"), {}, 2, "give --yes or --dry-run"),
        (("erase", "--domain", "acme.com", "--yes"), {}, 1, "SLACK_BOT_TOKEN is not set"),
        (("erase", "--nosuch"), {}, 2, "--nosuch"),
        (("digest",), {}, 2, "Nothing to do"),
        (("digest", "--dry-run"), {"PORT": "x"}, 1, "PORT must be a number"),
        pytest.param(("digest", "export"), {}, 1, "there is no database there", marks=ON_FILE),
        (("audit", "verify"), {"DATABASE_PATH": "."}, 1, "isn't a file"),
        (("audit", "export", "--kind", "nosuch"), {}, 2, "isn't one of asked"),
        (("nosuch",), {}, 2, "nosuch"),
    ],
)
async def test_an_error_is_an_object_too(
    tmp_path: Path, arguments: tuple[str, ...], environment: Mapping[str, str], code: int, said: str
) -> None:
    """With the sentence that is printed without --json, and the same exit code."""
    document = await asked("error", tmp_path, *arguments, code=code, environment=environment)
    assert said in document["error"]
    plain, _, err = await run(tmp_path, *arguments, **environment)
    assert plain == code or "give --yes" in said
    assert said in err or "give --yes" in said
