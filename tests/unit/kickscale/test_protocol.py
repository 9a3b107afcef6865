"""Requests as they are built and answers as they are read, without any I/O."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

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
    KickscaleUnreadable,
)
from bot.kickscale import protocol
from bot.kickscale.binding.operations import ById, DomainFilter, Form
from bot.model.conversation import Scope

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "meta", "total", "id", "message"]), inner, max_size=4)
    ),
    max_leaves=8,
)


# ---- asking --------------------------------------------------------------------------------------------------------


def test_instants_are_sent_in_utc_and_to_the_second() -> None:
    """The start rounded down and the end up, so that nothing between them is lost."""
    berlin = timezone(timedelta(hours=1))
    params = dict(
        protocol.list_params(
            2,
            start=datetime(2026, 3, 1, 13, 30, 45, 999_999, tzinfo=berlin),
            end=datetime(2026, 3, 1, 13, 30, 45, 1, tzinfo=berlin),
        )
    )
    assert params["startDate"] == "2026-03-01T12:30:45Z"
    assert params["endDate"] == "2026-03-01T12:30:46Z"
    assert params["page"] == "2"
    assert params["scopes"] == "external"


@pytest.mark.parametrize(
    ("scope", "sent"), [(Scope.EXTERNAL, "external"), (Scope.INTERNAL, "internal"), (Scope.ALL, "internal,external")]
)
def test_every_scope_is_asked_for_by_name(scope: Scope, sent: str) -> None:
    """The API's default leaves internal ones out without a word."""
    assert dict(protocol.list_params(0, scope=scope))["scopes"] == sent


@pytest.mark.parametrize(
    ("domain_filter", "domains", "expected"),
    [
        (DomainFilter("d"), ["a.com"], ((("d", "a.com"),),)),
        (DomainFilter("d"), ["a.com", "b.com", "a.com"], ((("d", "a.com"),), (("d", "b.com"),))),
        (DomainFilter("d", Form.REPEATED), ["a.com", "b.com"], ((("d", "a.com"), ("d", "b.com")),)),
        (DomainFilter("d", Form.COMMA), ["a.com", "b.com"], ((("d", "a.com,b.com"),),)),
        (DomainFilter("d", Form.COMMA), ["xn--bcher-kva.de"], ((("d", "xn--bcher-kva.de,bücher.de"),),)),
        (DomainFilter("d"), [], ((),)),
        (DomainFilter("d"), ["*"], ((),)),
        (DomainFilter("d"), ["a.com", "*.b.com"], ((),)),
        (DomainFilter(""), ["a.com"], ((),)),
    ],
)
def test_domains_narrow_a_list_in_the_form_that_the_filter_takes(
    domain_filter: DomainFilter, domains: list[str], expected: tuple[protocol.Params, ...]
) -> None:
    """One narrowing for each request; an empty one where a pattern or no filter means all."""
    assert protocol.narrowings(domain_filter, domains) == expected


@given(st.text())
def test_no_id_leads_anywhere_else(id_: str) -> None:
    """It is one segment of the path, or one value of the query, or refused."""
    try:
        path, params = protocol.by_id(ById("/v1/calls/{callId}"), id_, transcript=False)
    except ValueError:
        return
    address = urlsplit(protocol.url("https://api.example.com", path, params))
    assert address.netloc == "api.example.com"
    before, _, last = address.path.rpartition("/")
    assert (before, unquote(last)) == ("/v1/calls", id_)
    assert last not in (".", "..")
    assert parse_qsl(address.query) == [("expand", "user_client_augmentation")]
    path, params = protocol.by_id(ById("/calls", "callId"), id_, transcript=True)
    address = urlsplit(protocol.url("https://api.example.com/gateway/", path, params))
    assert address.path == "/gateway/calls"
    assert parse_qsl(address.query, keep_blank_values=True)[-1] == ("callId", id_)


# ---- answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "items", "total"),
    [
        ([1, 2], [1, 2], None),
        ({"data": [1], "meta": {"total": 7}}, [1], 7),
        ({"data": [1], "meta": {"total": "7"}}, [1], 7),
        ({"data": [1], "meta": {"total": 7.0}}, [1], 7),
        ({"data": [1], "meta": {"total": -1}}, [1], None),
        ({"data": [1], "meta": {"total": True}}, [1], None),
        ({"data": [1], "meta": {"total": float("nan")}}, [1], None),
        ({"data": [1], "meta": None}, [1], None),
        ({"data": [1]}, [1], None),
    ],
)
def test_a_page_is_an_object_with_data_or_a_bare_array(document: Any, items: list[Any], total: int | None) -> None:
    """With a total that is a count, or none."""
    page = protocol.read_page(document)
    assert (list(page.items), page.total) == (items, total)


@given(JSON)
def test_any_answer_is_read_or_unreadable(document: Any) -> None:
    """Nothing else is raised."""
    for read in (protocol.read_page, protocol.read_one):
        try:
            records = read(document)
        except KickscaleUnreadable:
            continue
        assert records.total is None or records.total >= 0


@given(st.binary())
def test_any_body_is_json_or_unreadable(body: bytes) -> None:
    """And any error's body has words, or none."""
    with contextlib.suppress(KickscaleUnreadable):
        protocol.decode(body)
    assert protocol.words(body).isprintable()


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
    error = protocol.error(status, {}, b"", NOW)
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
    """A date is measured on the server's own clock where it tells it."""
    assert protocol.retry_after(headers, NOW) == seconds


@given(st.text(st.characters(codec="latin-1")), st.text(st.characters(codec="latin-1")))
def test_no_retry_after_raises(value: str, date: str) -> None:
    """Whatever a server sends."""
    seconds = protocol.retry_after({"retry-after": value, "date": date}, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("body", "words"),
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
def test_the_words_of_an_error_are_the_apis_own(body: bytes, words: str) -> None:
    """One, several, plain, HTML or none; clipped, on one line, never JSON."""
    assert protocol.words(body) == words


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
def test_a_rejection_tells_which_parameter_it_is_about(message: str, refuses: bool, unknown: bool) -> None:
    """And whether the parameter or its value is refused."""
    rejected = KickscaleRejected(400, message)
    assert protocol.refuses(rejected, "customerDomain") is refuses
    assert protocol.is_unknown_parameter(rejected) is unknown
    assert not protocol.refuses(KickscaleRejected(409, message), "customerDomain")
