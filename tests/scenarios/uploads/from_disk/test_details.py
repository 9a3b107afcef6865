"""What is said of recordings in their names and in options."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.kickscale.binding.operations import Field
from bot.kickscale.uploading.fields import wire
from bot.sandbox.kickscale import EmbeddedKickscale, UploadForm
from tests.scenarios.cli.processes import run
from tests.scenarios.uploads.from_disk.steps import OPERATION, environment, plan, recording


def test_the_direction_of_a_call_is_read_from_its_name(folder: Path) -> None:
    """As call recorders write it, with the moment and its zone."""
    recording(folder, "20261119_113922.459-0400_in_+436601234567_Anna.wav", 4)
    direction = Field("direction", enum=("inbound", "outbound"))
    result = plan(folder, operation=replace(OPERATION, fields=(*OPERATION.fields, direction)))
    (fields,) = [recording.fields for recording in result.recordings if "Anna" in recording.fields["name"]]
    assert (fields["direction"], fields["date"]) == ("inbound", "2026-11-19T15:39:22Z")


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
