"""Recordings from the disk: what is found and checked, and that each is sent once."""

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
from typing import Any, Literal
from unicodedata import normalize
from zoneinfo import ZoneInfo

import click
import pytest

from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.kickscale.binding.operations import Field, Source, Upload
from bot.kickscale.uploading.fields import wire
from bot.model.uploads import Attestation, Progress, UploadState
from bot.model.uploads import Upload as Recorded
from bot.sandbox.kickscale import EmbeddedKickscale, Stage, UploadForm
from bot.uploads.from_disk.bar import Bar
from bot.uploads.from_disk.plan import Plan
from bot.uploads.from_disk.planner import Planner
from bot.uploads.transfer.finding import range_of_call
from tests.clock import MONDAY_MORNING
from tests.databases import new_database_environment, open_database_in, table_names
from tests.scenarios.cli.processes import process, run
from tests.unit.uploads.recordings.synthesis import box, fragmented_mp4, mp4, wav
from tests.world import environment_of, kickscale_settings

OPERATION = Upload(
    "/calls",
    fields=(
        Field("name", required=True),
        Field("date", required=True, format="date-time"),
        Field("duration", type="integer"),
        Field("customerDomains", type="array"),
        Field("externalCallId"),
    ),
    source=Source.DOCUMENT,
)


def plan(*paths: Path, operation: Upload = OPERATION, **common: str) -> Plan:
    planner = Planner(operation, ZoneInfo("Europe/Berlin"), MONDAY_MORNING, common)
    return asyncio.run(planner.plan(paths))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "2026-11-20 14.30 Pricing.wav").write_bytes(wav(3))
    (recordings / "notes.txt").write_text("no recording")
    return recordings


def test_a_folder_gives_its_recordings_and_their_details(folder: Path) -> None:
    """Name, moment (in the zone of the settings) and length; anything else is skipped, and listed."""
    result = plan(folder)
    (recording,) = result.recordings
    assert recording.fields == {"name": "Pricing", "date": "2026-11-20T13:30:00Z", "duration": "3"}
    assert not result.problems
    assert [path.name for path in result.skipped] == ["notes.txt"]


def test_skipped_links_in_a_folder_are_reported(folder: Path, tmp_path: Path) -> None:
    """They may lead elsewhere or nowhere, so they are skipped, and the reason is printed."""
    (tmp_path / "others").mkdir()
    (folder / "linked").symlink_to(tmp_path / "others")
    (folder / "broken.wav").symlink_to(tmp_path / "gone.wav")
    os.mkfifo(folder / "pipe.wav")
    result = plan(folder)
    assert {path.name: why.partition(";")[0] for path, why in result.skipped.items()} == {
        "linked": "a link to a folder",
        "broken.wav": "a broken link",
        "pipe.wav": "not a regular file",
        "notes.txt": "not an audio or video file",
    }
    assert len(result.recordings) == 1


@pytest.mark.parametrize(
    ("place", "skipped", "why"),
    [
        (".Trash-1000/files/x.wav", ".Trash-1000", "a recycle bin"),
        ("#recycle/x.wav", "#recycle", "a recycle bin"),
        ("$RECYCLE.BIN/S-1-5-21/x.wav", "$RECYCLE.BIN", "a recycle bin"),
        ("calls/@Recycle/x.wav", "calls/@Recycle", "a recycle bin"),
        ("@eaDir/x.wav/SYNO.wav", "@eaDir", "a system folder"),
        ("__MACOSX/x.wav", "__MACOSX", "a system folder"),
        (".AppleDouble/x.wav", ".AppleDouble", "a hidden folder"),
        ("calls/.old/2025/x.wav", "calls/.old", "a hidden folder"),
        ("x.wav.part", "x.wav.part", "an unfinished download"),
        ("x.wav.CRDOWNLOAD", "x.wav.CRDOWNLOAD", "an unfinished download"),
        ("x.wav.download/x.wav", "x.wav.download", "an unfinished download"),
    ],
)
def test_deleted_and_unfinished_files_are_skipped(folder: Path, place: str, skipped: str, why: str) -> None:
    """This is printed once, whatever the folder contains; a person who names it explicitly gets it uploaded."""
    for path in (folder / place, folder / f"{place}2.wav"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav(4))
    if (folder / skipped).is_file():
        (folder / f"{place}2.wav").unlink()
    result = plan(folder)
    assert ([planned.path.name for planned in result.recordings], result.problems) == (
        ["2026-11-20 14.30 Pricing.wav"],
        [],
    )
    assert {path: reason for path, reason in result.skipped.items() if path.suffix != ".txt"} == {folder / skipped: why}
    named = plan(folder / skipped, date="2026-11-20")
    assert {planned.path for planned in named.recordings} >= {folder / place}


def test_a_download_is_unfinished_as_long_as_a_file_beside_it_says_so(folder: Path) -> None:
    """aria2 writes into the file itself."""
    recording(folder, "2026-11-20 15.00 loading.wav", 3)
    (folder / "2026-11-20 15.00 loading.wav.aria2").write_bytes(b"x")
    assert len(plan(folder).recordings) == 1


def test_a_folder_that_cannot_be_read_is_a_problem(folder: Path) -> None:
    """Its path is longer than the system allows, so nobody knows what it contains."""
    parent = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=parent)
        child = os.open("x" * 250, os.O_RDONLY, dir_fd=parent)
        os.close(parent)
        parent = child
    os.close(parent)
    (problem,) = plan(folder).problems
    assert "can't be read (File name too long)" in problem


def test_a_name_that_is_not_text_is_reported(folder: Path) -> None:
    """It can be neither stored nor sent: skipped in a folder, but a problem if named explicitly, or in details."""
    latin = recording(folder, os.fsdecode(b"2026-11-20 15.00 Gespr\xe4ch.wav"), 4)
    assert "rename it" in plan(folder).skipped[latin]
    assert "isn't UTF-8 text. Rename it" in plan(latin).problems[0]
    assert plan(folder, name=latin.name).problems[0] == "--field name: the value isn't UTF-8 text"


async def test_other_files_are_sent_beside_a_name_that_is_not_text(folder: Path) -> None:
    """A folder may have any name; but without a name that is text, nobody has confirmed anything."""
    recording(folder, os.fsdecode(b"2026-11-20 15.00 Gespr\xe4ch.wav"), 4)
    recording(folder / os.fsdecode(b"\xe4lter"), "2026-11-20 16.00 Renewal.wav", 5)
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        arguments = ("upload", "recordings", "--agreed")
        code, _, err = await run(folder.parent, *arguments, os.fsdecode(b"L\xe4a"), **environment(kickscale))
        assert (code, "--agreed NAME isn't UTF-8 text" in err) == (2, True)
        code, out, err = await run(folder.parent, *arguments, "Lea", **environment(kickscale))
        assert (code, out.count("in Kickscale as call"), "its name isn't UTF-8 text" in err) == (0, 2, True)
        assert len(kickscale.uploads) == 2


def test_the_direction_of_a_call_is_read_from_its_name(folder: Path) -> None:
    """As call recorders write it, with the moment and its zone."""
    recording(folder, "20261119_113922.459-0400_in_+436601234567_Anna.wav", 4)
    direction = Field("direction", enum=("inbound", "outbound"))
    result = plan(folder, operation=replace(OPERATION, fields=(*OPERATION.fields, direction)))
    (fields,) = [recording.fields for recording in result.recordings if "Anna" in recording.fields["name"]]
    assert (fields["direction"], fields["date"]) == ("inbound", "2026-11-19T15:39:22Z")


@pytest.mark.parametrize(
    "file",
    [
        mp4(5, media=100_000)[:90_000],
        mp4(5, media=1_000)[:1_040],
        mp4(5, media=100_000)[:-30],
        mp4(5, is_indexed_first=True)[:100],
        box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"free") + b"\0\0\0\0mdat" + bytes(200_000),
        box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"mdat") + bytes(200_000),
    ],
)
def test_a_film_that_was_cut_off_is_reported(folder: Path, file: bytes) -> None:
    """Without its whole index, nothing can play it."""
    (folder / "2026-11-20 16.00 cut.mp4").write_bytes(file)
    (problem,) = plan(folder).problems
    assert "cut.mp4 can't be played" in problem


@pytest.mark.parametrize(
    "file",
    [
        mp4(5, media=100_000),
        mp4(5, is_indexed_first=True)[:-200],
        mp4(5, media=100_000) + box(b"free", bytes(500))[:-30],
        fragmented_mp4(5)[:-200],
        box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"mdat", bytes(70_000)) + mp4(5)[24:],
    ],
)
def test_a_film_that_can_be_played_is_accepted(folder: Path, file: bytes) -> None:
    """So is the beginning of one whose index precedes the media."""
    (folder / "2026-11-20 16.00 whole.mp4").write_bytes(file)
    result = plan(folder)
    assert (len(result.recordings), result.problems) == (2, [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_gives_details(folder: Path, delimiter: str) -> None:
    """One column for each field, in any case. A list overrules the file, and may use a spreadsheet's delimiter."""
    rows = [("File", "NAME", "customerDomains"), ("recordings/2026-11-20 14.30 Pricing.wav", "Renewal", "acme.com")]
    listed = folder.parent / "list.csv"
    listed.write_text("\ufeff" + "\n".join(delimiter.join(row) for row in rows), "utf-8")
    (recording,) = plan(listed).recordings
    assert recording.fields["name"] == "Renewal"
    assert recording.fields["customerDomains"] == "acme.com"
    assert recording.fields["duration"] == "3"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name\nPricing\n", "needs a column named file"),
        ("file,colour\nx.wav,red\n", "colour isn't one of the possible details: customerDomains, date, duration, name"),
        ("file,externalCallId\nx.wav,1\n", "externalCallId is set by the bot"),
        ("file,name\nnone.wav,Pricing\n", "line 2: "),
        ("file,name\nrecordings/notes.txt,Pricing\n", "notes.txt isn't an audio or video file"),
        ("file,date\nrecordings/2026-11-20 14.30 Pricing.wav,11/01/2026\n", "date: Enter a date"),
        (
            "file,duration\nrecordings/2026-11-20 14.30 Pricing.wav,long\n",
            "duration: Enter a length with a unit",
        ),
        ("file,duration\nrecordings/2026-11-20 14.30 Pricing.wav,42\n", "e.g. 42:10, 1:02:03 or 42 min"),
        (
            "sep=;\nfile;name;;\nrecordings/2026-11-20 14.30 Pricing.wav;x;lost;\n",
            "line 3: a value is in a column without",
        ),
        ("file;name\n", "the list doesn't contain any recordings"),
        ("file\nrecordings/2026-11-20 14.30 Pricing.wav,more\n", "line 2: more values than columns"),
        ("file;name\n;Pricing\n", "line 2: the column file is empty"),
        ("file,name,Name\nx.wav,Pricing,Renewal\n", "Name is given twice"),
        ("file,name,name\nx.wav,Pricing,Renewal\n", "name is given twice"),
        ("file,file\nx.wav,y.wav\n", "file isn't one of"),
        ('file\n"recordings\n', "unexpected end of data"),
        ("file\n" + 2 * "recordings/2026-11-20 14.30 Pricing.wav\n", "is listed twice"),
    ],
)
def test_a_list_is_checked_whole(folder: Path, text: str, problem: str) -> None:
    """Each mistake is reported with its line, and a single one keeps everything from being sent."""
    listed = folder.parent / "list.csv"
    listed.write_text(text)
    (sentence,) = plan(listed).problems
    assert problem in sentence
    assert str(listed) in sentence


def test_a_list_may_have_empty_rows_and_spaces(folder: Path) -> None:
    """As spreadsheets and people write it."""
    listed = folder.parent / "list.csv"
    listed.write_text(' "file", "name"\nrecordings/2026-11-20 14.30 Pricing.wav, "Pricing, again"\n,\n,,,\n')
    result = plan(listed)
    assert ([planned.fields["name"] for planned in result.recordings], result.problems) == (["Pricing, again"], [])


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({"max_bytes": 1_000}, "Pricing.wav is larger than the 1.0 kB limit"),
        (
            {"formats": ("mp3", "m4a")},
            "Kickscale doesn't support the format of 2026-11-20 14.30 Pricing.wav. Supported formats: mp3, m4a.",
        ),
    ],
)
def test_unaccepted_recordings_are_reported_before_anything_is_sent(
    folder: Path, limits: dict[str, Any], problem: str
) -> None:
    """As its document says; files that aren't recordings are skipped as always."""
    result = plan(folder, operation=replace(OPERATION, **limits))
    (sentence,) = result.problems
    assert problem in sentence
    assert len(result.skipped) == 1


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        (UploadForm.NONE, "I can't find an upload endpoint"),
        (UploadForm.URL, "Kickscale fetches recordings from a web address"),
    ],
)
async def test_an_api_that_fetches_recordings_is_reported(folder: Path, form: UploadForm, problem: str) -> None:
    """Already in the dry run, and once instead of for each recording."""
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        kickscale.variant.upload = form
        code, out, err = await run(folder.parent, "upload", "recordings", "--dry-run", **environment(kickscale))
    assert (code, err.count(problem), out) == (1, 1, "")


def test_common_details_have_to_be_fields(folder: Path) -> None:
    """`--field` is checked like a column."""
    assert "--field: colour isn't one of" in plan(folder, colour="red").problems[0]


def test_a_common_detail_may_be_in_any_case(folder: Path) -> None:
    """It is sent under the field's exact name, and checked like any other."""
    (recording,) = plan(folder, customerdomains="acme.com", NAME="Foo").recordings
    assert (recording.fields["customerDomains"], recording.fields["name"]) == ("acme.com", "Foo")
    assert not {"customerdomains", "NAME"} & set(recording.fields)
    (problem,) = plan(folder, Date="someday").problems
    assert "date: Enter a date" in problem
    assert plan(folder, name="Foo", NAME="Bar").problems == ["--field: NAME is given twice. Remove one of them."]


def test_a_detail_that_nobody_is_asked_for_is_checked_too(folder: Path) -> None:
    """Slack's form doesn't ask for the rep's id if it asks for the rep; here it can be given."""
    operation = replace(OPERATION, fields=(Field("userEmail"), Field("userId", type="integer")))
    (problem,) = plan(folder, operation=operation, userId="Lea").problems
    assert "userId: Enter a whole number" in problem


def test_a_recording_that_is_named_twice_is_sent_once(folder: Path) -> None:
    """By its folder and by its path, or by a link beside it; the details come from the list."""
    recording = folder / "2026-11-20 14.30 Pricing.wav"
    (folder / "again.wav").symlink_to(recording)
    result = plan(folder, recording)
    assert ([planned.path for planned in result.recordings], result.problems) == ([recording], [])
    listed = folder.parent / "list.csv"
    listed.write_text(f"file,name\n{recording},Renewal\n")
    for paths in ((listed, folder), (folder, listed)):
        result = plan(*paths)
        assert ([planned.fields["name"] for planned in result.recordings], result.problems) == (["Renewal"], [])


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-03-01", "2026-02-28T23:00:00Z"),
        ("2026-11-20 14:30", "2026-11-20T13:30:00Z"),
        ("20.11.2026 14:30", "2026-11-20T13:30:00Z"),
        ("20 Nov 2026", "2026-11-19T23:00:00Z"),
        ("2026-W47-5", "2026-11-19T23:00:00Z"),
        ("2026-11-20T14:30:00+05:00", "2026-11-20T09:30:00Z"),
    ],
)
def test_a_moment_that_is_given_is_in_the_zone_of_the_settings(folder: Path, given: str, sent: str) -> None:
    """With `--field` and in lists, as in file names; a moment that names its zone keeps it."""
    (by_field,) = plan(folder, date=given).recordings
    listed = folder.parent / "list.csv"
    listed.write_text(f"file,date\nrecordings/2026-11-20 14.30 Pricing.wav,{given}\n")
    (by_list,) = plan(listed).recordings
    assert by_field.fields["date"] == by_list.fields["date"] == sent


def test_a_day_that_is_given_stays_that_day(folder: Path) -> None:
    """Midnight here is the day before in UTC, and the field takes the day in UTC."""
    operation = replace(OPERATION, fields=(Field("date", format="date"),))
    (recording,) = plan(folder, operation=operation, date="2026-11-20").recordings
    assert wire(operation.fields[0], recording.fields["date"]) == "2026-11-20"


@pytest.mark.parametrize("given", ["2062-11-20", "1970-01-01", "0001-01-01"])
def test_an_impossible_moment_is_reported(folder: Path, given: str) -> None:
    """A slip of the finger would put the call where nobody looks for it."""
    (problem,) = plan(folder, date=given).problems
    assert "date: " in problem
    assert "is in the future or before 2001-01-02" in problem


def environment(kickscale: EmbeddedKickscale) -> Mapping[str, str]:
    return environment_of(kickscale_settings(kickscale))


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


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_list_in_another_encoding_is_reported_with_the_remedy(tmp_path: Path, encoding: str) -> None:
    """A spreadsheet's own way to save one."""
    listed = tmp_path / "list.csv"
    listed.write_bytes("file;name\nx.wav;Müller\n".encode(encoding))
    (problem,) = plan(listed).problems
    assert "save it as “CSV UTF-8”" in problem


def test_a_list_may_say_its_delimiter(folder: Path) -> None:
    """Excel reads that line, and some programs write it."""
    listed = folder.parent / "list.csv"
    listed.write_text("sep=;\r\nfile;name\r\nrecordings/2026-11-20 14.30 Pricing.wav;a,b,c\r\n", newline="")
    assert [planned.fields["name"] for planned in plan(listed).recordings] == ["a,b,c"]


def test_a_list_finds_umlauts_however_they_are_written(tmp_path: Path) -> None:
    """Decomposed on the disk, as some systems do, and composed in the list; or the other way round."""
    listed = tmp_path / "list.csv"
    forms: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
    for on_disk, in_list in (forms, forms[::-1]):
        name = f"2026-11-20 10.00 Müller {on_disk}.wav"
        recording(tmp_path, normalize(on_disk, name), 3)
        listed.write_text(f"file\n{normalize(in_list, name)}\n")
        result = plan(listed)
        assert (len(result.recordings), result.problems) == (1, [])


def test_an_option_may_be_in_any_case(folder: Path) -> None:
    """As in the form; if there is no such option, the existing ones are listed."""
    operation = replace(OPERATION, fields=(*OPERATION.fields, Field("direction", enum=("inbound", "outbound"))))
    (planned,) = plan(folder, operation=operation, direction="Inbound").recordings
    assert planned.fields["direction"] == "inbound"
    assert plan(folder, operation=operation, direction="in").problems[0].endswith("Must be one of: inbound, outbound.")


@pytest.mark.parametrize(("given", "seconds"), [("42:10", "2530"), ("1:02:03", "3723"), ("42 min", "2520")])
def test_a_length_is_given_with_its_unit(folder: Path, given: str, seconds: str) -> None:
    """As in the form; a bare number is refused, since it may mean minutes or seconds."""
    assert plan(folder, duration=given).recordings[0].fields["duration"] == seconds


def test_files_that_are_no_recordings_are_reported_as_such(tmp_path: Path) -> None:
    """An empty file, or a pipe that nobody writes to; Kickscale decides how large a recording may be."""
    recording(tmp_path, "2026-11-20 10.00 empty.wav", 1).write_bytes(b"")
    os.truncate(recording(tmp_path, "2026-11-20 10.00 large.wav", 1), 2**30)
    os.mkfifo(tmp_path / "pipe.wav")
    empty, pipe = plan(*sorted(tmp_path.iterdir())).problems
    assert empty.endswith("empty.wav is empty.")
    assert "not a regular file" in pipe


async def interrupted(folder: Path, kickscale: EmbeddedKickscale, *arguments: str) -> Mapping[str, str]:
    """Ctrl-C in the middle of the first recording that is longer than the buffers; the settings of that run."""
    settings = {**environment(kickscale), "UPLOAD_CONCURRENCY": "1"}
    kickscale.faults.add("/calls/upload", stage=Stage.MIDDLE, after=200_000, hang=True)
    async with process(folder, "upload", *arguments, **settings) as started:
        await kickscale.requests.until(lambda _: kickscale.hanging > 0)
        started.send_signal(signal.SIGINT)
        await started.communicate()
    return settings


def recording(folder: Path, name: str, seconds: float) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(wav(seconds))
    return path


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


async def test_one_mistake_in_a_list_keeps_all_of_it_from_being_sent(folder: Path) -> None:
    """The mistake is reported with its line, and the recording before it isn't sent either."""
    (folder.parent / "list.csv").write_text("file,date\nrecordings/2026-11-20 14.30 Pricing.wav,\nnone.wav,soon\n")
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        code, _, err = await run(folder.parent, "upload", "list.csv", "--agreed", "Lea", **environment(kickscale))
        assert (code, "line 3" in err, "Nothing sent: fix 1 problem first." in err) == (1, True, True)
        assert not kickscale.uploads
