"""Every error as a sentence with a remedy."""

import json
from typing import get_args

import pytest

from bot import errors
from bot.errors import BotError
from bot.render.errors import error_message
from bot.render.kit.views import as_view
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, check_view, shown


def _every(kind: type[BotError]) -> list[type[BotError]]:
    return [error for child in kind.__subclasses__() for error in (child, *_every(child))]


REASONS = {
    errors.CommandError: errors.CommandError("calls x", "word", {"word": "x"}),
    errors.AccessDenied: errors.AccessDenied("guest"),
    errors.ConfigError: errors.ConfigError("PORT", "set a number"),
    errors.NoDatabase: errors.NoDatabase("DATABASE_PATH", "set where the bot's database is"),
    errors.GoneError: errors.GoneError("call", "c-1"),
    errors.RangeTooWide: errors.RangeTooWide(12_345, 10_000),
    errors.RecordingRefused: errors.RecordingRefused("gone", "call.mp3"),
    errors.KickscaleRejected: errors.KickscaleRejected(400, "startDate must be a date"),
}


@pytest.mark.parametrize("kind", _every(BotError))
def test_every_error_has_its_own_sentence(kind: type[BotError]) -> None:
    """None of them gets the text for unexpected errors."""
    message = error_message(TEXTS, REASONS.get(kind) or kind(), "ab12cd34")
    check_message(message)
    check_view(as_view(TEXTS, message))
    assert not message["text"].startswith(TEXTS("errors.unexpected"))
    assert message["blocks"][0]["block_id"] == "error"


@pytest.mark.parametrize("cause", get_args(errors.DatabaseCause))
def test_a_database_failure_has_a_sentence_with_a_remedy(cause: errors.DatabaseCause) -> None:
    """In Slack it shows no path of the machine, but in the log it does."""
    error = errors.StorageFailed(cause, "/srv/bot.db")
    message = error_message(TEXTS, error, "ab12cd34")
    check_message(message)
    said = shown(message)
    assert message["text"].startswith(TEXTS(f"errors.storage.{cause}"))
    assert "ab12cd34" in said
    assert ("admin" in said, "/srv" in said, "/srv/bot.db" in str(error), "/srv" in error.what) == (
        True,
        False,
        True,
        False,
    )


def test_a_command_error_says_what_to_type() -> None:
    """What was typed, which part wasn't understood, and a button for what may be meant; without one, an example."""
    error = errors.CommandError(
        "calls <!here> lst-week",
        "word",
        {"word": "lst-week"},
        suggestions=(errors.Suggestion("calls last-week", "calls last-week"),),
        example="/kickscale calls acme.com last-week",
    )
    assert shown(error_message(TEXTS, error, "ab12cd34")) == (
        "⚠️ I didn't understand “lst-week”. Use a customer (e.g. `acme.com`), dates (e.g. `last-week`) or a filter."
        " To look for words, put them in quotes.\n"
        "Did you mean:\n"
        "[calls last-week]\n"
        "You typed: `/kickscale calls &lt;!here&gt; lst-week`"
    )
    error.suggestions = ()
    example = "For example: `/kickscale calls acme.com last-week`"
    assert shown(error_message(TEXTS, error, "ab12cd34")).endswith(f"\n{example}")


def test_an_unexpected_error_is_never_quoted() -> None:
    """Its text may hold anything. The reference finds it in the log."""
    payload = error_message(TEXTS, ValueError("api-key=verysecret"), "ab12cd34")
    assert "verysecret" not in json.dumps(payload)
    assert "`ab12cd34`" in shown(payload)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.CredentialsRefused(), "rejected my API key"),
        (errors.CredentialsRefused("no `seat`"), "denied access: `no \u02cbseat\u02cb`."),
        (errors.KickscaleRateLimited(240), "try again in 4 min"),
        (errors.KickscaleUnavailable(503), "error 503"),
        (errors.KickscaleRejected(400, "bad `date`"), "400: `bad \u02cbdate\u02cb`"),
        (
            errors.RangeTooWide(12_345, 10_000),
            "That's 12,345 conversations, and I can read at most 10,000 for one answer.",
        ),
        (errors.RangeTooWide(None, 10_000), "more than 10,000 conversations"),
        (errors.NotInChannel("not_in_channel"), "`/invite`"),
        (errors.SlackDenied("missing_scope"), "`missing_scope`"),
        (errors.GoneError("meeting", "m-1"), "I can't find meeting `m-1`"),
        (errors.GoneError("unheard of"), "no longer available"),
        (errors.RecordingRefused("gone", "<call>.mp3"), "*&lt;call&gt;.mp3* is no longer in Slack"),
        (
            errors.RecordingRefused("too_large", "call.mp3", {"limit": "2000000000"}),
            "larger than the 2.0 GB limit",
        ),
        (
            errors.RecordingRefused("format", "call.mp3", {"limit": "mp3, *wav*"}),
            "Supported formats: mp3, \u2217wav\u2217.",
        ),
        (errors.RecordingRefused("unheard of"), "*Untitled recording* can't be uploaded"),
        (errors.UploadOutcomeUnknown(), "I don't know whether it arrived"),
        (errors.AccessDenied("unheard of"), "Slack couldn't tell me who you are"),
    ],
)
def test_an_error_names_its_cause(error: BotError, said: str) -> None:
    """And a remedy."""
    assert said in error_message(TEXTS, error, "ab12cd34")["text"]


@pytest.mark.parametrize(
    ("error", "has_reference"),
    [
        (errors.CommandError("x", "command", {"word": "x"}), False),
        (errors.AccessDenied("guest"), False),
        (errors.NotInChannel(), False),
        (errors.SlackError("is_archived"), False),
        (errors.SlackError("strange"), True),
        (errors.KickscaleTimeout(), True),
        (errors.SlackUnavailable(), True),
        (RuntimeError(), True),
    ],
)
def test_a_reference_is_shown_if_somebody_has_to_look_into_it(error: BaseException, has_reference: bool) -> None:
    """Not for what people can remedy themselves."""
    assert ("ab12cd34" in shown(error_message(TEXTS, error, "ab12cd34"))) is has_reference
