"""Why an upload failed, as two columns of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.uploads import (
    ApiWords,
    Detail,
    Failure,
    Formats,
    Host,
    OtherRecording,
    Reference,
    SizeLimit,
    SlackCode,
    UploadState,
)

REASONS = ("rejected", "forbidden", "too_large", "format", "redirected", "undecided", "unexpected", "slack", "gone")


@pytest.mark.parametrize(
    ("reason", "words", "detail"),
    [
        ("rejected", "no seat", ApiWords("no seat")),
        ("forbidden", "", ApiWords("")),
        ("too_large", "2000000000", SizeLimit(2_000_000_000)),
        ("format", "mp3, wav", Formats("mp3, wav")),
        ("redirected", "example.com", Host("example.com")),
        ("undecided", "call.mp3", OtherRecording("call.mp3")),
        ("unexpected", "job-7", Reference("job-7")),
        ("slack", "missing_scope", SlackCode("missing_scope")),
        ("gone", "", None),
    ],
)
def test_the_reason_says_what_the_words_are(reason: str, words: str, detail: Detail | None) -> None:
    """Rows of earlier versions have the same reasons."""
    assert Failure.of(reason, words) == Failure(reason, detail)


@given(st.sampled_from(REASONS), st.text() | st.integers(0, 10**17).map(str))
def test_a_failure_survives_the_database(reason: str, words: str) -> None:
    """What is written can be read again."""
    failure = Failure.of(reason, words)
    assert Failure.of(failure.reason, failure.words) == failure


def test_only_the_words_of_the_api_may_be_confidential() -> None:
    """They may be about other conversations."""
    assert [reason for reason in REASONS if Failure.of(reason, "words").is_by_api] == ["rejected", "forbidden"]


@pytest.mark.parametrize("state", UploadState)
def test_every_state_has_one_meaning(state: UploadState) -> None:
    """It is under way, or asked about, or over, or waits for its analysis."""
    assert [
        state.is_under_way,
        state is UploadState.ASKING,
        state.is_over,
        state is UploadState.SENT,
    ].count(True) == 1
    assert state.is_in_kickscale or not state.has_call
    assert not (state.is_over and state.may_be_fetched)
