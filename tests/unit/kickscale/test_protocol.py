"""Requests as they are built and answers as they are read, without any I/O."""

import contextlib
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import KickscaleUnreadable
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


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"id": 123456789012345678901234567890}', {"id": 123456789012345678901234567890}),
        (b"[1e400, -Infinity, 0.1, -0.0]", [math.inf, -math.inf, 0.1, -0.0]),
        (b'{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
        (b'"half \\ud83d"', "half \ud83d"),
        (b'"\xed\xa0\x80"', "\ud800"),
        (b'\xef\xbb\xbf["acme.com"]', ["acme.com"]),
        ('["Bücher.de"]'.encode("utf-16"), ["Bücher.de"]),
        (b" \n", None),
    ],
)
def test_what_pythons_parser_reads_is_read_exactly(body: bytes, expected: Any) -> None:
    """A faster one may round large numbers, or refuse what a service in another language sends."""
    assert protocol.decode(body) == expected


def test_nesting_is_read_as_deep_as_python_can() -> None:
    """And is unreadable beyond."""
    assert protocol.decode(b"[" * 500 + b"]" * 500)
    with pytest.raises(KickscaleUnreadable):
        protocol.decode(b"[" * 100_000)


@given(st.binary())
def test_any_body_is_json_or_unreadable(body: bytes) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(KickscaleUnreadable):
        protocol.decode(body)
