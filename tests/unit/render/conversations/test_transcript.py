"""A transcript as a file."""

import pytest

from bot.model.conversation import Participant, Utterance
from bot.render.conversations.transcript import file_name, transcript_text
from tests.unit.render.samples import TEXTS, conversation


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
        "Wed, 18 Nov 2026, 09:30 UTC\n"
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
    assert file_name(TEXTS, conversation(name=name)) == file
