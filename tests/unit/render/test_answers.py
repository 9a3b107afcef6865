"""The smaller answers: recording, transcript, help, status, waiting."""

from datetime import timedelta

import pytest

from bot.commands.registry import COMMANDS, topics
from bot.errors import GoneError, KickscaleTimeout
from bot.model.commands import Command, HelpCommand, ListCommand, StatusCommand
from bot.model.conversation import Participant, Utterance
from bot.render.commands.help import help_message, not_yet_message
from bot.render.commands.waiting import waiting_message
from bot.render.conversations.recording import recording_view
from bot.render.conversations.transcript import file_name, transcript_promised_view, transcript_text
from bot.render.kit.views import loading_view
from bot.render.operations.status import Status, status_message
from tests.clock import MONDAY_MORNING
from tests.unit.render.samples import TEXTS, conversation
from tests.unit.render.slack_rules import buttons, check_message, check_view, shown

EVERYTHING: set[type[Command]] = {made for syntax in COMMANDS for made in syntax.makes}


def test_a_recording_link_says_how_long_it_works() -> None:
    """Two days from the click, for one person."""
    payload = recording_view(TEXTS, conversation(), asked_at=MONDAY_MORNING)
    check_view(payload)
    ends = int((MONDAY_MORNING + timedelta(days=2)).timestamp())
    assert f"until <!date^{ends}^{{date_short_pretty}} at {{time}}|25 Nov 2026, 08:30 UTC>." in shown(payload)
    assert "Shown to you alone" in shown(payload)
    assert buttons(payload)["Open the recording"]["url"] == "https://recordings.example.com/1?sig=abc"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"recording_url": ""}, "recording"),
        ({"recording_url": "ftp://recordings.example.com/1"}, "recording"),
        ({"recording_url": "https://recordings.example.com/" + "x" * 3_000}, "recording"),
    ],
)
def test_without_a_usable_link_there_is_an_error(changes: dict[str, str], what: str) -> None:
    """No recording, no web address, or one that is too long."""
    with pytest.raises(GoneError) as raised:
        recording_view(TEXTS, conversation(**changes), asked_at=MONDAY_MORNING)
    assert raised.value.what == what


def test_a_transcript_has_a_line_for_each_utterance() -> None:
    """With speaker and time, below name, date and participants."""
    said = conversation(
        participants=(Participant("Robin Rep"), Participant("", "kim@acme.com")),
        transcript=(
            Utterance("Hello <there> & all", "Robin Rep", 83.9),
            Utterance("Two\nlines", "", None),
            Utterance("  "),
            Utterance("Bye", "Kim", 3_661),
        ),
    )
    assert transcript_text(TEXTS, said) == (
        "Acme: pricing\n"
        "18 Nov 2026, 09:30 UTC\n"
        "Participants: Robin Rep, kim@acme.com\n"
        "\n"
        "[00:01:23] Robin Rep: Hello <there> & all\n"
        "Unknown speaker: Two lines\n"
        "[01:01:01] Kim: Bye\n"
    )


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Acme: pricing", "transcript-2026-11-18-acme-pricing.txt"),
        ("../../etc/passwd", "transcript-2026-11-18-etc-passwd.txt"),
        ("Größe? Ø", "transcript-2026-11-18-größe-ø.txt"),
        ("\u202e\x00", "transcript-2026-11-18.txt"),
    ],
)
def test_a_file_name_is_letters_and_hyphens(name: str, file: str) -> None:
    """Nothing that a file system or a shell would misread."""
    assert file_name(conversation(name=name)) == file


def test_help_lists_what_works() -> None:
    """Every topic, but no command that doesn't work yet."""
    payload = help_message(TEXTS, "", {ListCommand, HelpCommand})
    check_message(payload)
    text = shown(payload)
    assert "`/kickscale calls [DOMAIN …] [RANGE] [FILTER …]`" in text
    assert "/kickscale help dates" in text
    assert "/kickscale digest" not in text
    assert "/kickscale status" not in text


@pytest.mark.parametrize("topic", topics())
def test_every_topic_has_its_help(topic: str) -> None:
    """A command that doesn't work yet says so."""
    payload = help_message(TEXTS, topic, EVERYTHING)
    check_message(payload)
    assert "does not work yet" not in shown(payload)
    without = shown(help_message(TEXTS, topic, set[type[Command]]()))
    assert ("does not work yet" in without) is (topic in {syntax.name for syntax in COMMANDS})


def test_a_command_that_does_not_work_yet_says_so() -> None:
    """It was understood."""
    assert shown(not_yet_message(TEXTS, "digest")) == (
        "`/kickscale digest` is understood, but does not work yet. `/kickscale help` lists what does."
    )
    assert "digest" in help_message(TEXTS, "digest", {StatusCommand})["text"]


def test_status_has_a_line_for_each_part() -> None:
    """Slack, Kickscale, the API, the database, the queues, the key and the time zone."""
    state = Status(
        "0.1.0",
        "socket",
        "UTC",
        "document",
        bound_at=MONDAY_MORNING,
        asked_at=MONDAY_MORNING,
        queues={"share": 2, "transcript": 0},
        key_days_left=30,
    )
    at = f"<!date^{int(MONDAY_MORNING.timestamp())}^{{date_short_pretty}} at {{time}}|23 Nov 2026, 08:30 UTC>"
    payload = status_message(TEXTS, state)
    check_message(payload)
    assert shown(payload) == (
        "*Kickscale bot 0.1.0*\n"
        "Slack: connected in Socket Mode\n"
        f"Kickscale: answers (asked {at})\n"
        f"API: bound to Kickscale's own OpenAPI document, read {at}\n"
        "Database: works\n"
        "share: 2 waiting\n"
        "API key: 30 days left\n"
        "Time zone where Slack gives none: UTC"
    )


def test_status_says_what_does_not_work() -> None:
    """With the same remedy as an error would."""
    state = Status(
        "0.1.0", "http", "UTC", "default", kickscale_error=KickscaleTimeout(), is_database_ok=False, key_days_left=-3
    )
    text = shown(status_message(TEXTS, state))
    assert "Kickscale did not answer in time." in text
    assert "Database: does not answer." in text
    assert "API key: over a year old" in text


def test_waiting_messages_are_valid() -> None:
    """In a message, and in a modal that isn't filled yet."""
    check_message(waiting_message(TEXTS))
    check_view(loading_view(TEXTS))
    check_view(transcript_promised_view(TEXTS))
    assert shown(loading_view(TEXTS)) == "Looking…"
