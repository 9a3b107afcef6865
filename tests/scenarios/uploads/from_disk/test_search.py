"""Which files are found, and which are skipped."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from tests.scenarios.cli.processes import run
from tests.scenarios.uploads.from_disk.steps import OPERATION, environment, plan, recording
from tests.unit.uploads.recordings.synthesis import box, fragmented_mp4, mp4, wav


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


def test_files_that_are_no_recordings_are_reported_as_such(tmp_path: Path) -> None:
    """An empty file, or a pipe that nobody writes to; Kickscale decides how large a recording may be."""
    recording(tmp_path, "2026-11-20 10.00 empty.wav", 1).write_bytes(b"")
    os.truncate(recording(tmp_path, "2026-11-20 10.00 large.wav", 1), 2**30)
    os.mkfifo(tmp_path / "pipe.wav")
    empty, pipe = plan(*sorted(tmp_path.iterdir())).problems
    assert empty.endswith("empty.wav is empty.")
    assert "not a regular file" in pipe
