"""Lists of recordings as CSV files."""

from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from bot.clock import SystemClock
from bot.sandbox.kickscale import EmbeddedKickscale
from tests.scenarios.cli.processes import run
from tests.scenarios.uploads.from_disk.steps import environment, plan, recording


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


async def test_one_mistake_in_a_list_keeps_all_of_it_from_being_sent(folder: Path) -> None:
    """The mistake is reported with its line, and the recording before it isn't sent either."""
    (folder.parent / "list.csv").write_text("file,date\nrecordings/2026-11-20 14.30 Pricing.wav,\nnone.wav,soon\n")
    async with EmbeddedKickscale(SystemClock(), populated=False) as kickscale:
        code, _, err = await run(folder.parent, "upload", "list.csv", "--agreed", "Lea", **environment(kickscale))
        assert (code, "line 3" in err, "Nothing sent: fix 1 problem first." in err) == (1, True, True)
        assert not kickscale.uploads
