"""Runs that send recordings: each is sent once, however often a run is repeated or interrupted."""

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

import click
import pytest

from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.model.uploads import Attestation, Progress, UploadState
from bot.model.uploads import Upload as Recorded
from bot.sandbox.kickscale import EmbeddedKickscale, Stage
from bot.uploads.from_disk.bar import Bar
from bot.uploads.transfer.finding import range_of_call
from tests.clock import MONDAY_MORNING
from tests.databases import new_database_environment, open_database_in, table_names
from tests.scenarios.cli.processes import process, run
from tests.scenarios.uploads.from_disk.steps import environment, recording
from tests.unit.uploads.recordings.synthesis import wav


async def test_recordings_are_sent_once(folder: Path) -> None:
    """Nothing is sent without the attestation, nor by a dry run, nor again by a second run."""
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = environment(kickscale)

        async def upload(*arguments: str) -> tuple[int | None, str, str]:
            return await run(folder.parent, "upload", "recordings", *arguments, **settings)

        code, _, err = await upload()
        assert code == 2
        assert "--agreed NAME is missing" in err
        code, _, err = await upload("--dry-run", "--field", "name=Foo", "--field", "name=Bar")
        assert (code, "--field name is given twice" in err) == (2, True)
        code, out, _ = await upload("--dry-run")
        assert (code, "1 recording to upload" in out, "name=Pricing" in out) == (0, True, True)
        assert not kickscale.uploads
        for _ in range(2):
            code, out, _ = await upload("--agreed", "Lea")
            assert (code, "in Kickscale as call" in out) == (0, True)
        _, out, _ = await run(folder.parent, "audit", "export")
        (row,) = (json.loads(line) for line in out.splitlines())
        assert (row["kind"], row["what"], row["by"]) == ("attested", "upload 1", "command line")
        (received,) = kickscale.uploads
        assert received.file_name == "2026-11-20 14.30 Pricing.wav"
        assert received.size == len(wav(3))


async def test_a_refusal_is_reported_in_the_apis_own_words(folder: Path) -> None:
    """The exit code is 1, and the run can be repeated after that was corrected."""
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        kickscale.faults.add("/calls/upload", status=422, message="User has no paid seat")
        settings = environment(kickscale)
        code, out, _ = await run(folder.parent, "upload", "recordings", "--agreed", "Lea", **settings)
        assert (code, "User has no paid seat" in out) == (1, True)
        code, out, _ = await run(folder.parent, "upload", "recordings", "--agreed", "Lea", **settings)
        assert (code, len(kickscale.uploads)) == (0, 1)


async def test_a_run_that_waits_says_so(folder: Path) -> None:
    """Even if nobody sees a bar: it may wait for hours, and would seem to hang."""
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        kickscale.faults.add("/calls/upload", status=429)
        code, _, err = await run(folder.parent, "upload", "recordings", "--agreed", "Lea", **environment(kickscale))
    assert code == 0
    assert err.count("2026-11-20 14.30 Pricing.wav hasn't been uploaded yet") == 1


def test_each_step_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    """One line when a recording reaches another step, and none for each look at its progress."""
    upload = Recorded(1, "sha256:0", "R&D *a*.wav", 10, {}, "key", Attestation("Lea", MONDAY_MORNING), MONDAY_MORNING)
    steps = [
        Progress(size=10, step="checking"),
        Progress(size=10, step="sending", sent=1),
        Progress(size=10, step="sending", sent=2),
        Progress(size=10, step="asking", again_at=MONDAY_MORNING),
        Progress(size=10, step="asking", again_at=MONDAY_MORNING + timedelta(minutes=1)),
        Progress(size=10, step="checking", again_at=MONDAY_MORNING),
        Progress(size=10, step="retrying", why="unavailable", again_at=MONDAY_MORNING),
    ]
    with click.progressbar(length=10) as line:
        bar = Bar(line, 10)
        for step in steps:
            bar.tick(upload, partial(replace, step))
    printed = capsys.readouterr().err.splitlines()
    words = ("Checking", "Uploading", "I'm checking", "is waiting for another upload", "hasn't been uploaded yet")
    assert all(word in one for word, one in zip(words, printed, strict=True))
    assert all("R&D" in one and "try again soon" in one for one in printed[2:])


async def test_a_recording_whose_answer_was_lost_is_sent_once(tmp_path: Path) -> None:
    """Its call is looked for on the day that was given for it, with or without a zone, and not only on today."""
    dates = ("2026-03-01", "2026-03-01T10:00:00+02:00")
    await asyncio.gather(*(send_and_lose_the_answer(tmp_path / str(number), date) for number, date in enumerate(dates)))


async def send_and_lose_the_answer(folder: Path, date: str) -> None:
    """A run waits some seconds before it looks for the call, so several are made at once."""
    recording(folder, "Pricing.wav", 3)
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        kickscale.faults.add("/calls/upload", stage=Stage.STORED, broken=True)
        arguments = ("upload", "Pricing.wav", "--field", f"date={date}", "--agreed", "Lea")
        code, out, err = await run(folder, *arguments, **environment(kickscale), **new_database_environment())
        assert (code, "in Kickscale as call" in out) == (0, True), err
        assert len(kickscale.uploads) == 1


@pytest.mark.parametrize(
    ("value", "first"),
    [
        ("2026-03-01", "2026-02-28"),
        ("2026-03-01 10:00", "2026-02-28"),
        ("2026-03-01T00:30:00+02:00", "2026-02-27"),
        ("0001-01-01", "2026-11-22"),
        ("9999-12-31", "2026-11-22"),
    ],
)
def test_a_call_is_looked_for_on_the_day_that_it_carries(value: str, first: str) -> None:
    """Even if its moment was given without a zone."""
    attestation = Attestation("Lea", MONDAY_MORNING)
    upload = Recorded(1, "sha256:0", "a.wav", 1, {"date": value}, "key", attestation, MONDAY_MORNING)
    start, end = range_of_call(upload, MONDAY_MORNING)
    assert start.astimezone(UTC).date().isoformat() == first
    assert end == MONDAY_MORNING + timedelta(days=1)


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(signal.SIGINT, id="interrupted"),
        pytest.param(signal.SIGKILL, id="killed", marks=pytest.mark.soak),
    ],
)
async def test_an_interrupted_run_continues_where_it_was(folder: Path, ending: signal.Signals) -> None:
    """In the middle of the second recording: the same command again sends that one and the third, each once.

    After a kill it first waits until the recording would have turned up in the list of calls. The second one is more
    than the buffers between the two processes hold: all of it given, it might be there after an interruption too.
    """
    for name, seconds in (("2026-11-21 10.00 long.wav", 2_400), ("2026-11-22 10.00 short.wav", 7)):
        (folder / name).write_bytes(wav(seconds))
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        arguments = ("upload", "recordings", "--agreed", "Lea")
        settings = {**environment(kickscale), "UPLOAD_CONCURRENCY": "1"}
        kickscale.faults.add("/calls/upload", stage=Stage.MIDDLE, after=200_000, hang=True)
        async with process(folder.parent, *arguments, **settings) as interrupted:
            await kickscale.requests.until(lambda _: kickscale.hanging > 0)
            interrupted.send_signal(ending)
            _, err = await interrupted.communicate()
        assert b"Traceback" not in err
        assert len(kickscale.uploads) == 1
        async with process(folder.parent, *arguments, **settings) as repeated:
            out, err = await asyncio.wait_for(repeated.communicate(), 300)
        assert (repeated.returncode, out.count(b"in Kickscale as call")) == (0, 3), err
        assert len({upload.sha256 for upload in kickscale.uploads}) == len(kickscale.uploads) == 3


async def interrupted(folder: Path, kickscale: EmbeddedKickscale, *arguments: str) -> Mapping[str, str]:
    """Ctrl-C in the middle of the first recording that is longer than the buffers; the settings of that run."""
    settings = {**environment(kickscale), "UPLOAD_CONCURRENCY": "1"}
    kickscale.faults.add("/calls/upload", stage=Stage.MIDDLE, after=200_000, hang=True)
    async with process(folder, "upload", *arguments, **settings) as started:
        await kickscale.requests.until(lambda _: kickscale.hanging > 0)
        started.send_signal(signal.SIGINT)
        await started.communicate()
    return settings


async def test_a_run_sends_only_what_it_was_given(tmp_path: Path) -> None:
    """Files of another run wait until they are named again: it may have been stopped because of a wrong folder."""
    recording(tmp_path / "wrong", "2026-11-20 10.00 long.wav", 2_400)
    recording(tmp_path / "wrong", "2026-11-21 10.00 secret.wav", 5)
    recording(tmp_path / "right", "2026-11-22 10.00 right.wav", 7)
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = await interrupted(tmp_path, kickscale, "wrong", "--agreed", "Lea")
        for given in ("right", "wrong"):
            code, out, err = await run(tmp_path, "upload", given, "--agreed", "Lea", **settings)
            assert (code, "in Kickscale as call" in out) == (0, True), err
            names = {upload.file_name.split()[-1] for upload in kickscale.uploads}
            assert names == ({"right.wav"} if given == "right" else {"right.wav", "long.wav", "secret.wav"})


async def test_a_resumed_run_sends_what_it_was_given(tmp_path: Path) -> None:
    """Details and attestation are those of the last run: the first may have been interrupted because of wrong ones."""
    recording(tmp_path / "rec", "2026-11-20 10.00 long.wav", 2_400)
    recording(tmp_path / "rec", "2026-11-21 10.00 short.wav", 7)
    wrong, right = (("--field", f"customerDomains={domain}") for domain in ("wrong.com", "right.com"))
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = await interrupted(tmp_path, kickscale, "rec", "--agreed", "Lea", *wrong)
        code, _, err = await run(tmp_path, "upload", "rec", "--agreed", "Robin", *right, **settings)
        assert code == 0, err
        assert [upload.fields["customerDomains"] for upload in kickscale.uploads] == ["right.com", "right.com"]
    database = await open_database_in(tmp_path, "kickscale-bot.db")
    uploads = await database.uploads.in_state(UploadState.SENT)
    await database.close()
    assert [upload.attestation.by for upload in uploads] == ["Robin", "Robin"]
    _, exported, _ = await run(tmp_path, "audit", "export", "--kind", "attested")
    assert sorted(json.loads(line)["what"] for line in exported.splitlines()) == 2 * ["upload 1"] + 2 * ["upload 2"]


async def test_details_stay_if_an_attempt_may_have_arrived(folder: Path) -> None:
    """If the last run gave others, that is printed."""
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        kickscale.faults.add("/calls/upload", stage=Stage.STORED, hang=True)
        settings = environment(kickscale)
        given = ("upload", "recordings", "--agreed", "Lea")
        async with process(folder.parent, *given, "--field", "customerDomains=wrong.com", **settings) as started:
            await kickscale.requests.until(lambda _: kickscale.hanging > 0)
            started.send_signal(signal.SIGINT)
            await started.communicate()
        _, _, err = await run(folder.parent, *given, "--field", "customerDomains=right.com", **settings)
        assert "consent stay as they were" in err
        (received,) = kickscale.uploads
        assert received.fields["customerDomains"] == "wrong.com"


async def test_a_dry_run_makes_no_database(folder: Path) -> None:
    """Neither the file nor, in a database of PostgreSQL that no bot has used, its tables."""
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = {**environment(kickscale), **new_database_environment()}
        code, out, err = await run(folder.parent, "upload", "recordings", "--dry-run", **settings)
    assert (code, "1 recording to upload." in out) == (0, True), err
    url = settings.get("DATABASE_URL", "")
    assert not (table_names(Settings.explicit(database_url=url)) if url else list(folder.parent.glob("*.db*")))


async def test_a_dry_run_says_what_a_run_would_send(folder: Path) -> None:
    """Files with the same bytes are one recording, and recordings in Kickscale aren't sent again."""
    (folder / "2026-11-21 10.00 copy.wav").write_bytes(wav(3))
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = environment(kickscale)
        for arguments, count in ((("--dry-run",), 0), (("--agreed", "Lea"), 1)):
            code, out, err = await run(folder.parent, "upload", "recordings", *arguments, **settings)
            assert (code, len(kickscale.uploads)) == (0, count)
            assert "copy.wav: skipped (the same recording as" in err
            assert ("1 recording to upload." in out) == (not count)
        code, out, _ = await run(folder.parent, "upload", "recordings", "--dry-run", **settings)
        assert (code, "Pricing.wav: already in Kickscale as call" in out) == (0, True)
        assert out.endswith("Nothing to upload.\n")


async def test_a_file_that_changed_on_the_disk_is_not_sent(tmp_path: Path) -> None:
    """If even the size is the same, the hash keeps the upload from being completed."""
    recording(tmp_path / "rec", "2026-11-20 10.00 long.wav", 2_400)
    changes: dict[str, Callable[[Path], object]] = {
        "other": lambda path: path.write_bytes(wav(7)[:-1] + b"\1"),
        "longer": lambda path: path.write_bytes(wav(20)),
        "shorter": lambda path: os.truncate(path, 100),
        "gone": Path.unlink,
    }
    paths = {
        name: recording(tmp_path / "rec", f"2026-11-21 1{at}.00 {name}.wav", 7 + at) for at, name in enumerate(changes)
    }
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = {**environment(kickscale), "UPLOAD_CONCURRENCY": "1"}
        kickscale.faults.add("/calls/upload", stage=Stage.MIDDLE, after=200_000, hang=True)
        async with process(tmp_path, "upload", "rec", "--agreed", "Lea", **settings) as started:
            await kickscale.requests.until(lambda _: kickscale.hanging > 0)
            for name, change in changes.items():
                change(paths[name])
            kickscale.release()
            out, _ = await asyncio.wait_for(started.communicate(), 100)
        (received,) = kickscale.uploads
    assert received.file_name.endswith("long.wav")
    assert out.count(b"changed after it was checked") == 3, out
    assert out.count(b"no longer be found on disk") == 1, out
    assert b"Slack" not in out


async def test_a_recording_that_was_replaced_between_two_runs_is_its_own(tmp_path: Path) -> None:
    """The new one has its own key, and the old one is still sent once it is back."""
    path = recording(tmp_path / "rec", "2026-11-20 10.00 latest.wav", 2_400)
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = await interrupted(tmp_path, kickscale, "rec", "--agreed", "Lea")
        for seconds in (2_401, 2_400):
            path.write_bytes(wav(seconds))
            code, _, err = await run(tmp_path, "upload", "rec", "--agreed", "Lea", **settings)
            assert code == 0, err
        hashes = [hashlib.sha256(wav(seconds)).hexdigest() for seconds in (2_401, 2_400)]
        assert [upload.sha256 for upload in kickscale.uploads] == hashes
        assert [upload.fields["externalCallId"] for upload in kickscale.uploads] == [
            f"sha256-{sha256}" for sha256 in hashes
        ]


async def test_a_folder_may_move_between_two_runs(tmp_path: Path) -> None:
    """The same recordings are known wherever they are."""
    recording(tmp_path / "rec", "2026-11-20 10.00 long.wav", 2_400)
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        settings = await interrupted(tmp_path, kickscale, "rec", "--agreed", "Lea")
        (tmp_path / "rec").rename(tmp_path / "moved")
        code, out, err = await run(tmp_path, "upload", "moved", "--agreed", "Lea", **settings)
        assert (code, "in Kickscale as call" in out, len(kickscale.uploads)) == (0, True, 1), err
