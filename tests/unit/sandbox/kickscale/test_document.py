"""The OpenAPI document of the embedded Kickscale: true of what the server does, and sometimes not there at all."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.sandbox.kickscale import ById, DomainForm, EmbeddedKickscale, Envelope, Swagger, UploadForm
from tests.unit.sandbox.asking import stranger_to


@pytest.fixture
async def kickscale(kickscale: EmbeddedKickscale) -> EmbeddedKickscale:
    kickscale.add_call({"id": "c1", "date": "2026-11-20T09:00:00Z", "comments": ["a"]})
    return kickscale


async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    served: dict[str, Any] = (await client.get("/swagger-json")).raise_for_status().json()
    return served


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
        yield from (reference for value in node.values() for reference in references(value))
    elif isinstance(node, list):
        yield from (reference for value in node for reference in references(value))


@pytest.mark.parametrize("upload", UploadForm)
@pytest.mark.parametrize("by_id", ById)
async def test_every_reference_leads_somewhere(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, upload: UploadForm, by_id: ById
) -> None:
    """Whatever the switches; and there are references and `allOf`s to follow."""
    kickscale.variant.upload, kickscale.variant.by_id = upload, by_id
    served = await document(client)
    assert set(references(served)) <= {f"#/components/schemas/{name}" for name in served["components"]["schemas"]}
    assert '"allOf"' in json.dumps(served)
    assert served["paths"]["/calls"]["get"]["operationId"] == "CallsController_findAll"
    assert served["servers"] == []


async def test_every_read_in_it_is_answered_and_takes_its_parameters(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """Also when unknown parameters are refused."""
    kickscale.variant.rejects_unknown = True
    kickscale.add_meeting({"id": "c1"})
    samples = {"sortingOrder": "ascending", "scopes": "internal", "expand": "meeting_transcript", "page": "0"}
    samples |= {"startDate": "2026-11-01", "endDate": "2026-11-30", "pageSize": "5"}
    for path, item in (await document(client))["paths"].items():
        if "get" in item:
            query = [parameter["name"] for parameter in item["get"]["parameters"] if parameter["in"] == "query"]
            answer = await client.get(
                re.sub(r"\{.*?\}", "c1", path), params={name: samples.get(name, "x") for name in query}
            )
            assert answer.status_code == 200, (path, answer.text)


async def test_it_is_open_unless_guarded(kickscale: EmbeddedKickscale) -> None:
    """Then it wants the credentials as everything else does."""
    async with stranger_to(kickscale) as stranger:
        assert (await stranger.get("/swagger-json")).status_code == 200
        kickscale.variant.swagger_guarded = True
        assert (await stranger.get("/swagger-json")).status_code == 403


@pytest.mark.parametrize(
    ("form", "schema_type", "explode"),
    [(DomainForm.SINGLE, "string", None), (DomainForm.REPEATED, "array", None), (DomainForm.COMMA, "array", False)],
)
async def test_the_domain_filter_is_described_as_it_is(
    kickscale: EmbeddedKickscale,
    client: httpx.AsyncClient,
    form: DomainForm,
    schema_type: str,
    explode: bool | None,
) -> None:
    """Under its name, in its form; or not at all."""
    kickscale.variant.domain_filter, kickscale.variant.domain_form = "companyDomains", form
    for path in ("/calls", "/meetings"):
        parameters = {
            parameter["name"]: parameter for parameter in (await document(client))["paths"][path]["get"]["parameters"]
        }
        assert parameters["companyDomains"]["schema"]["type"] == schema_type
        assert parameters["companyDomains"].get("explode") is explode
    kickscale.variant.domain_filter = ""
    assert "domain" not in json.dumps((await document(client))["paths"]["/calls"]["get"]["parameters"]).lower()


async def test_the_read_by_id_is_described_as_it_is(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """A path with its own parameter's name, or a query parameter."""
    kickscale.variant.id_name = "{kind}Id"
    assert "/calls/{callId}" in (await document(client))["paths"]
    kickscale.variant.by_id = ById.QUERY
    paths = (await document(client))["paths"]
    assert not any(re.fullmatch(r"/calls/\{\w+\}", path) for path in paths)
    assert "callId" in [parameter["name"] for parameter in paths["/calls"]["get"]["parameters"]]
    assert "meetingId" in [parameter["name"] for parameter in paths["/meetings"]["get"]["parameters"]]


async def test_the_page_is_described_as_it_is(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """A bare array says so."""
    kickscale.variant.envelope = Envelope.BARE
    response = (await document(client))["paths"]["/calls"]["get"]["responses"]["200"]
    assert response["content"]["application/json"]["schema"]["type"] == "array"


@pytest.mark.parametrize(
    ("form", "media", "carrier"),
    [
        (UploadForm.MULTIPART, "multipart/form-data", "file"),
        (UploadForm.PRESIGNED, "application/json", "fileName"),
        (UploadForm.URL, "application/json", "recordingUrl"),
    ],
)
async def test_the_upload_is_described_in_its_form(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, form: UploadForm, media: str, carrier: str
) -> None:
    """Wherever it stands; what comes there without a recording is refused."""
    kickscale.variant.upload, kickscale.variant.upload_path = form, "/calls"
    served = await document(client)
    content = served["paths"]["/calls"]["post"]["requestBody"]["content"]
    assert list(content) == [media]
    assert carrier in served["components"]["schemas"]["UploadCallDto"]["allOf"][1]["properties"]
    refused = await client.post("/calls", json={})
    assert refused.status_code == 400


async def test_without_an_upload_there_is_none(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Neither in the document nor on the server; its neighbour stays."""
    kickscale.variant.upload = UploadForm.NONE
    posts = [path for path, item in (await document(client))["paths"].items() if "post" in item]
    assert posts == ["/calls/{id}/attachments"]
    assert (await client.post("/calls/upload")).status_code == 404


# ---- days on which there is no good document -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("swagger", "status", "begins"),
    [
        (Swagger.MISSING, 404, '{"message": "Cannot GET /swagger-json"'),
        (Swagger.HTML, 200, "<!DOCTYPE html>"),
        (Swagger.BROKEN, 200, '{"openapi"'),
        (Swagger.ARRAY, 200, "["),
    ],
)
async def test_the_document_can_be_missing_or_nonsense(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, swagger: Swagger, status: int, begins: str
) -> None:
    """While the lists answer as before."""
    kickscale.variant.swagger = swagger
    answer = await client.get("/swagger-json")
    assert answer.status_code == status
    assert answer.text.startswith(begins)
    assert (await client.get("/calls")).status_code == 200


async def test_the_document_can_be_huge(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """It has no length, and the client may disconnect at any time."""
    kickscale.variant.swagger = Swagger.HUGE
    async with client.stream("GET", "/swagger-json") as answer:
        assert "content-length" not in answer.headers
        received = 0
        async for chunk in answer.aiter_raw():
            received += len(chunk)
            if received > 2**22:
                break
    assert (await client.get("/calls")).status_code == 200


async def test_the_document_can_be_slow(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """It trickles, so that no wait for the next byte is ever long, until it is released."""
    kickscale.variant.swagger = Swagger.SLOW
    asked = asyncio.ensure_future(client.get("/swagger-json", timeout=2))
    await kickscale.requests.until(lambda log: len(log) == 1)
    await client.get("/calls")
    assert not asked.done()
    kickscale.release()
    assert (await asked).json()["openapi"] == "3.0.0"
