"""Reading calls and meetings from the embedded Kickscale: known behaviour, and a switch for each open question."""

from typing import Any

import httpx
import pytest

from bot.sandbox.kickscale import ById, DomainForm, EmbeddedKickscale, Envelope, Oversize, Variant
from tests.clock import ManualClock
from tests.unit.sandbox.asking import client_of, ids, stranger_to


@pytest.fixture
async def kickscale(kickscale: EmbeddedKickscale) -> EmbeddedKickscale:
    """With three calls of November, one internal, and a meeting."""
    for day, domains in ((10, ["acme.com"]), (11, ["acme.com", "globex.example"]), (12, ["initech.example"])):
        kickscale.add_call(
            {"id": f"c{day}", "date": f"2026-11-{day}T09:00:00Z", "customerDomains": domains, "name": f"Call {day}"}
        )
    kickscale.add_call({"id": "inside", "date": "2026-11-11T08:00:00Z", "customerDomains": []}, internal=True)
    kickscale.add_meeting({"id": "m1", "date": "2026-11-10T09:00:00Z", "customerDomains": ["acme.com"]})
    return kickscale


# ---- credentials ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"api-key": "sandbox-api-key"},
        {"client-id": "sandbox-client-id"},
        {"api-key": "wrong", "client-id": "sandbox-client-id"},
        {"api-key": "sandbox-api-key", "client-id": "wrong"},
    ],
)
@pytest.mark.parametrize("path", ["/calls", "/meetings/m1", "/calls?page=wrong", "/users"])
async def test_both_headers_are_needed_everywhere(
    kickscale: EmbeddedKickscale, headers: dict[str, str], path: str
) -> None:
    """One of them is not enough, and that is checked before anything else."""
    async with stranger_to(kickscale, headers) as client:
        refused = await client.get(path)
    assert refused.status_code == 403
    assert refused.json() == {"statusCode": 403, "message": "Forbidden resource", "error": "Forbidden"}


async def test_a_key_that_is_replaced_is_refused(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """As one that is over a year old."""
    assert (await client.get("/calls")).status_code == 200
    kickscale.api_key = "the next one"
    assert (await client.get("/calls")).status_code == 403


# ---- lists ---------------------------------------------------------------------------------------------------------


async def test_a_list_has_only_external_ones_newest_first(client: httpx.AsyncClient) -> None:
    """Internal ones are left out in silence; calls and meetings are apart."""
    response = await client.get("/calls")
    assert ids(response) == ["c12", "c11", "c10"]
    assert response.json()["meta"] == {"total": 3, "page": 0, "pageSize": 20}
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert ids(await client.get("/meetings")) == ["m1"]


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [("internal", ["inside"]), ("internal,external", ["c10", "inside", "c11", "c12"]), ("external", None)],
)
async def test_scopes_say_which(client: httpx.AsyncClient, scopes: str, expected: list[str] | None) -> None:
    """A list joined by commas."""
    response = await client.get("/calls", params={"scopes": scopes, "sortingOrder": "ascending"})
    assert ids(response) == (expected or ["c10", "c11", "c12"])


async def test_pages_count_from_zero_and_a_short_one_is_the_last(client: httpx.AsyncClient) -> None:
    """Past the end there is nothing, and no error."""
    pages = [ids(await client.get("/calls", params={"page": page, "pageSize": 2})) for page in range(3)]
    assert pages == [["c12", "c11"], ["c10"], []]


@pytest.mark.parametrize(
    ("oversize", "status", "received"),
    [(Oversize.CAP, 200, 100), (Oversize.HONOUR, 200, 123), (Oversize.REJECT, 400, 0)],
)
async def test_pages_are_of_20_and_above_100_a_switch_decides(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, oversize: Oversize, status: int, received: int
) -> None:
    """Capped, honoured or refused."""
    for number in range(120):
        kickscale.add_call({"id": f"x{number}", "date": "2026-11-01T09:00:00Z"})
    assert len(ids(await client.get("/calls"))) == 20
    assert len(ids(await client.get("/calls", params={"pageSize": 100}))) == 100
    kickscale.variant.oversize = oversize
    response = await client.get("/calls", params={"pageSize": 101 if status == 400 else 500})
    assert response.status_code == status
    assert status == 400 or len(ids(response)) == received


@pytest.mark.parametrize(
    ("start", "end", "end_inclusive", "expected"),
    [
        ("2026-11-11T09:00:00Z", None, True, ["c12", "c11"]),
        ("2026-11-11T09:00:01Z", None, True, ["c12"]),
        (None, "2026-11-11T09:00:00Z", True, ["c11", "c10"]),
        (None, "2026-11-11T09:00:00Z", False, ["c10"]),
        ("2026-11-11T10:00:00+01:00", "2026-11-11T09:00:00.000Z", True, ["c11"]),
        ("2026-11-11", "2026-11-12", False, ["c11"]),
        ("2026-11-12", "2026-11-11", False, []),
    ],
)
async def test_a_range_is_over_the_start_of_the_conversation(
    clock: ManualClock, start: str | None, end: str | None, end_inclusive: bool, expected: list[str]
) -> None:
    """`startDate` belongs to it; whether `endDate` does is a switch."""
    variant = Variant(end_inclusive=end_inclusive)
    async with EmbeddedKickscale(clock, variant=variant, populated=False) as kickscale, client_of(kickscale) as client:
        for day in (10, 11, 12):
            kickscale.add_call({"id": f"c{day}", "date": f"2026-11-{day}T09:00:00Z"})
        params = {"startDate": start, "endDate": end}
        response = await client.get("/calls", params={name: value for name, value in params.items() if value})
        assert ids(response) == expected


async def test_owner_and_transcript_are_absent_unless_expanded(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """In lists and for one alike, each on its own."""
    kickscale.add_call({"id": "full", "date": "2026-11-20T09:00:00Z", "user": {"id": "u"}, "transcript": []})
    for path in ("/calls", "/calls/full"):
        cases: list[tuple[str, list[str]]] = [
            ("", []),
            ("user_client_augmentation", ["user"]),
            ("meeting_transcript", ["transcript"]),
            ("user_client_augmentation,meeting_transcript", ["transcript", "user"]),
        ]
        for expand, shown in cases:
            body: Any = (await client.get(path, params={"expand": expand} if expand else {})).json()
            one = body["data"][0] if "data" in body else body
            assert sorted(one.keys() & {"user", "transcript"}) == shown


@pytest.mark.parametrize(
    ("envelope", "keys"), [(Envelope.NO_TOTAL, {"page", "pageSize"}), (Envelope.TOTAL, {"total", "page", "pageSize"})]
)
async def test_a_list_comes_with_meta_and_perhaps_a_total(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, envelope: Envelope, keys: set[str]
) -> None:
    """The records are in `data`."""
    kickscale.variant.envelope = envelope
    body = (await client.get("/calls")).json()
    assert [call["id"] for call in body["data"]] == ["c12", "c11", "c10"]
    assert set(body["meta"]) == keys


@pytest.mark.parametrize(
    ("variant", "expected", "total"),
    [
        (Variant(envelope=Envelope.OWN_COUNT), ["c10", "c11"], 2),
        (Variant(page_cap=1), ["c10"], 3),
        (Variant(order_ignored=True), ["c12", "c11"], 3),
        (Variant(lists_twice=True), ["c10", "c10"], 6),
    ],
)
async def test_a_list_can_be_odd(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, variant: Variant, expected: list[str], total: int
) -> None:
    """The first two of three records, as each switch changes them."""
    kickscale.variant = variant
    answer = await client.get("/calls", params={"pageSize": 2, "sortingOrder": "ascending"})
    assert ids(answer) == expected
    assert answer.json()["meta"]["total"] == total


async def test_a_list_can_be_a_bare_array(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """As an earlier reading of the API saw it."""
    kickscale.variant.envelope = Envelope.BARE
    assert [call["id"] for call in (await client.get("/calls")).json()] == ["c12", "c11", "c10"]


# ---- the domain filter ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "query", "expected"),
    [
        (DomainForm.SINGLE, "?d=acme.com", ["c11", "c10"]),
        (DomainForm.SINGLE, "?d=acme.com,initech.example", []),
        (DomainForm.REPEATED, "?d=globex.example&d=initech.example", ["c12", "c11"]),
        (DomainForm.REPEATED, "?d=globex.example,initech.example", []),
        (DomainForm.COMMA, "?d=globex.example,initech.example", ["c12", "c11"]),
        (DomainForm.COMMA, "?d=acme", []),
        (DomainForm.COMMA, "?customerDomain=acme.com", ["c12", "c11", "c10"]),
    ],
)
async def test_the_domain_filter_takes_the_name_and_form_of_the_switches(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, form: DomainForm, query: str, expected: list[str]
) -> None:
    """Domains are compared whole; another name for the filter filters nothing."""
    kickscale.variant.domain_filter, kickscale.variant.domain_form = "d", form
    assert ids(await client.get(f"/calls{query}")) == expected


@pytest.mark.parametrize("form", [DomainForm.SINGLE, DomainForm.COMMA])
async def test_a_filter_that_takes_one_value_refuses_two(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, form: DomainForm
) -> None:
    """To NestJS they are an array, which is no string."""
    kickscale.variant.domain_form = form
    refused = await client.get("/calls?customerDomain=acme.com&customerDomain=globex.example")
    assert refused.json()["message"] == ["customerDomain must be a string"]


async def test_the_domain_filter_can_find_too_much(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Everything that ends with the domain."""
    kickscale.variant.domain_loose = True
    assert ids(await client.get("/calls?customerDomain=lobex.example")) == ["c11"]


async def test_the_domain_filter_can_be_ignored_or_missing(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """Then everybody's conversations come back, and a client has to look for itself."""
    kickscale.variant.domain_ignored = True
    assert ids(await client.get("/calls?customerDomain=acme.com")) == ["c12", "c11", "c10"]
    kickscale.variant.domain_filter = ""
    assert ids(await client.get("/calls?customerDomain=acme.com")) == ["c12", "c11", "c10"]


# ---- one by id -----------------------------------------------------------------------------------------------------


async def test_one_is_read_by_its_path(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Internal ones too; a call is no meeting; bare, or in `data`."""
    assert (await client.get("/calls/c10")).json()["name"] == "Call 10"
    assert (await client.get("/calls/inside")).status_code == 200
    assert (await client.get("/meetings/c10")).json()["message"] == "Meeting not found"
    kickscale.variant.one_in_data = True
    assert (await client.get("/calls/c10")).json()["data"]["id"] == "c10"


async def test_a_missing_record_differs_from_a_missing_route(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """Both are 404; the message differs, and repeats the address as it was asked."""
    missing = await client.get("/calls/nope")
    assert missing.status_code == 404
    assert missing.json() == {"statusCode": 404, "message": "Call not found", "error": "Not Found"}
    kickscale.variant.by_id = ById.QUERY
    assert (await client.get("/calls/c10?x=1")).json()["message"] == "Cannot GET /calls/c10?x=1"
    assert (await client.post("/meetings")).json()["message"] == "Cannot POST /meetings"
    assert (await client.get("/")).json()["message"] == "Cannot GET /"


async def test_one_can_be_a_filter_of_the_list(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """An unknown id is an empty page, and the list's own default leaves an internal one out."""
    kickscale.variant.by_id, kickscale.variant.id_name = ById.QUERY, "{kind}Id"
    assert ids(await client.get("/calls?callId=c10")) == ["c10"]
    assert ids(await client.get("/meetings?meetingId=m1")) == ["m1"]
    assert ids(await client.get("/calls?callId=nope")) == []
    assert ids(await client.get("/calls?callId=inside")) == []
    assert ids(await client.get("/calls?callId=inside&scopes=internal,external")) == ["inside"]


async def test_an_id_can_be_ignored(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """The newest answers for any id, or the whole list does: a client has to compare."""
    kickscale.variant.id_ignored = True
    assert (await client.get("/calls/c10")).json()["id"] == "c12"
    kickscale.variant.by_id = ById.QUERY
    assert ids(await client.get("/calls?id=c10")) == ["c12", "c11", "c10"]


async def test_an_id_may_hold_anything(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Escaped in the path it is one segment."""
    kickscale.add_call({"id": "a/b c?ü", "date": "2026-11-20T09:00:00Z"})
    assert (await client.get("/calls/a%2Fb%20c%3F%C3%BC")).json()["id"] == "a/b c?ü"


# ---- validation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("page=-1", ["page must not be less than 0"]),
        ("page=one", ["page must not be less than 0", "page must be an integer number"]),
        ("page=1&page=2", ["page must not be less than 0", "page must be an integer number"]),
        ("pageSize=0", ["pageSize must not be less than 1"]),
        ("sortingOrder=desc", ["sortingOrder must be one of the following values: ascending, descending"]),
        ("startDate=yesterday", ["startDate must be a valid ISO 8601 date string"]),
        ("endDate=2026-02-30", ["endDate must be a valid ISO 8601 date string"]),
        ("startDate=2026-11-11T10:00:00+01:00", ["startDate must be a valid ISO 8601 date string"]),
        ("scopes=all", ["each value in scopes must be one of the following values: internal, external"]),
        (
            "expand=user",
            ["each value in expand must be one of the following values: user_client_augmentation, meeting_transcript"],
        ),
    ],
)
async def test_a_wrong_value_is_refused_in_the_words_of_nestjs(
    client: httpx.AsyncClient, query: str, messages: list[str]
) -> None:
    """A list of sentences; a plus that is not escaped is a space."""
    refused = await client.get(f"/calls?{query}")
    assert refused.json() == {"statusCode": 400, "message": messages, "error": "Bad Request"}


async def test_all_mistakes_are_reported_together(client: httpx.AsyncClient) -> None:
    """One message each."""
    refused = await client.get("/meetings?page=-1&sortingOrder=x")
    assert len(refused.json()["message"]) == 2


async def test_an_unknown_parameter_is_ignored_or_refused(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """With the switch, so is the name that the domain filter used to have."""
    assert (await client.get("/calls?foo=1")).status_code == 200
    kickscale.variant.rejects_unknown = True
    kickscale.variant.domain_filter = "companyDomain"
    for path in ("/calls", "/calls/c10"):
        refused = await client.get(f"{path}?foo=1&customerDomain=acme.com")
        assert refused.json()["message"] == [
            "property foo should not exist",
            "property customerDomain should not exist",
        ]


# ---- records that tests bring --------------------------------------------------------------------------------------


async def test_any_json_is_served_untouched(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """It is in every range and for every domain if it has no valid date, or is no object."""
    weird: list[Any] = [None, 7, "text", ["list"], {"id": {"a": 1}, "date": 5}, {"name": "no id \ud83d", "date": None}]
    for call in weird:
        kickscale.add_call(call)
    expected = (await client.get("/calls?startDate=2026-11-12&customerDomain=initech.example")).json()["data"]
    assert all(call in expected for call in weird[:4])
    expected = (await client.get("/calls?startDate=2026-11-12")).json()["data"]
    assert all(call in expected for call in weird)
    assert (await client.get("/calls/")).json()["meta"]["total"] == 3 + len(weird)


async def test_a_domain_in_a_strange_shape_is_found(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """A single string, or objects."""
    kickscale.add_call({"id": "s", "date": "2026-11-20T09:00:00Z", "customerDomains": "odd.example"})
    kickscale.add_call({"id": "o", "date": "2026-11-21T09:00:00Z", "customerDomains": [{"domain": "odd.example"}]})
    assert ids(await client.get("/calls?customerDomain=odd.example")) == ["o", "s"]


async def test_a_record_changes_late_and_can_go(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """An edit moves `updatedAt` and nothing else that it does not name."""
    await clock.advance(3_600)
    kickscale.change("c10", {"outcome": "Won"})
    assert (await client.get("/calls/c10")).json() == {
        "id": "c10",
        "date": "2026-11-10T09:00:00Z",
        "customerDomains": ["acme.com"],
        "name": "Call 10",
        "outcome": "Won",
        "updatedAt": "2026-11-23T09:30:00.000Z",
    }
    kickscale.remove("c10")
    assert (await client.get("/calls/c10")).status_code == 404
    with pytest.raises(KeyError):
        kickscale.change("c10", {})
