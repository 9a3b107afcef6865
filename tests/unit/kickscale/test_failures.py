"""What error responses mean."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleUnavailable,
)
from bot.kickscale import failures
from bot.kickscale.failures import is_unknown_parameter, read_failure, retry_after, words

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@given(st.binary())
def test_words_of_any_body_are_printable(body: bytes) -> None:
    """Or there are none."""
    assert words(body).isprintable()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, None),
        (204, None),
        (301, KickscaleRedirected),
        (304, KickscaleRedirected),
        (400, KickscaleRejected),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, KickscaleRejected),
        (429, KickscaleRateLimited),
        (451, KickscaleRejected),
        (500, KickscaleUnavailable),
        (503, KickscaleUnavailable),
        (599, KickscaleUnavailable),
        (999, KickscaleUnavailable),
    ],
)
def test_every_status_has_its_error(status: int, expected: type[KickscaleError] | None) -> None:
    """And a success has none."""
    error = read_failure(status, {}, b"", NOW)
    assert error is None if expected is None else type(error) is expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT", "date": "Sun, 01 Mar 2026 12:00:20 GMT"}, 10.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """A date is compared with the server's own clock, if the response has its time."""
    assert retry_after(headers, NOW) == seconds


@given(st.text(st.characters(codec="latin-1")), st.text(st.characters(codec="latin-1")))
def test_no_retry_after_raises(value: str, date: str) -> None:
    """Whatever a server sends."""
    seconds = retry_after({"retry-after": value, "date": date}, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"statusCode": 403, "message": "Forbidden resource", "error": "Forbidden"}', "Forbidden resource"),
        (b'{"message": ["a", {"message": "b"}, 5]}', "a; b"),
        (b'{"message": {"detail": "why"}}', "why"),
        (b'{"error": "Forbidden"}', "Forbidden"),
        (b'"just a string"', "just a string"),
        (b'{"statusCode": 500}', ""),
        (b'{"broken": ', ""),
        (b"[1, 2]", ""),
        (b"plain\r\n  words\x00", "plain words"),
        (b"a < b", "a < b"),
        (b"<!DOCTYPE html><html><script>x<y</script><p>Bad&nbsp;gateway</p></html>", "Bad gateway"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 600, "x" * 499 + "…"),
    ],
)
def test_the_words_of_an_error_are_the_apis_own(body: bytes, expected: str) -> None:
    """One, several, plain, HTML or none; clipped, on one line, never JSON."""
    assert words(body) == expected


@pytest.mark.parametrize(
    ("message", "refuses", "unknown"),
    [
        ("property customerDomain should not exist", True, True),
        ("Unknown parameter: customerdomain", True, True),
        ("customerDomain must be a string", True, False),
        ("property customerDomains should not exist", False, True),
        ("", False, False),
    ],
)
def test_a_rejection_says_which_parameter_it_is_about(message: str, refuses: bool, unknown: bool) -> None:
    """And whether the parameter or its value is refused."""
    rejected = KickscaleRejected(400, message)
    assert failures.refuses(rejected, "customerDomain") is refuses
    assert is_unknown_parameter(rejected) is unknown
    assert not failures.refuses(KickscaleRejected(409, message), "customerDomain")
