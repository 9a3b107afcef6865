"""How lists are asked for, and one conversation by its id, as an OpenAPI document says."""

from typing import Any

import pytest

from bot.kickscale.binding.bind import DEFAULT, ById, DomainFilter, Field, Form, Source, Upload, UploadStyle, bind
from tests.unit.kickscale.binding.documents import document, query, with_paths

# ---- the domain filter ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "name", "form"),
    [
        (query("customerDomain"), "customerDomain", Form.SINGLE),
        (query("customer_domain"), "customer_domain", Form.SINGLE),
        (query("companyDomain"), "companyDomain", Form.SINGLE),
        (query("accountDomain"), "accountDomain", Form.SINGLE),
        (query("domain"), "domain", Form.SINGLE),
        (query("customerdomains", "array"), "customerdomains", Form.REPEATED),
        (query("customerDomains", "array", explode=True), "customerDomains", Form.REPEATED),
        (query("customerDomains", "array", explode=False), "customerDomains", Form.COMMA),
        (query("customerDomains", "array", style="form", explode=False), "customerDomains", Form.COMMA),
        (query("customerDomains", "array", style="pipeDelimited", explode=False), "customerDomains", Form.SINGLE),
        (query("customerDomains", description="A comma-separated list."), "customerDomains", Form.COMMA),
        (query("customerDomains", description="Values separated by commas"), "customerDomains", Form.COMMA),
        (query("customerDomains[]", "array"), "customerDomains[]", Form.REPEATED),
        (
            {"name": "d_domain", "in": "query", "schema": {"oneOf": [{"type": "string"}, {"type": "array"}]}},
            "d_domain",
            Form.REPEATED,
        ),
        (
            {"name": "domains", "in": "query", "schema": {"type": ["array", "null"]}},
            "domains",
            Form.REPEATED,
        ),
    ],
)
def test_the_domain_filter_is_bound_by_name_and_form(parameter: dict[str, Any], name: str, form: Form) -> None:
    """Its name speaks of a domain; its schema or description says how it takes several."""
    assert bind(document([parameter])).calls.domain_filter == DomainFilter(name, form, Source.DOCUMENT)


@pytest.mark.parametrize(
    "misleading",
    [
        query("excludeDomain"),
        query("internalDomains", "array"),
        query("sortByDomain"),
        query("hasCustomerDomain", "boolean"),
        query("notCustomerDomain"),
        query("ownerDomain"),
        {"name": "domain", "in": "header", "schema": {"type": "string"}},
        {"name": "customerDomain", "in": "path", "schema": {"type": "string"}},
    ],
)
def test_neighbours_of_the_domain_filter_mislead_nobody(misleading: dict[str, Any]) -> None:
    """What excludes, sorts or counts, or is no query parameter, is not the filter."""
    assert bind(document([misleading])).calls.domain_filter == DomainFilter("", source=Source.DOCUMENT)
    both = bind(document([misleading, query("clientDomains", "array")]))
    assert both.calls.domain_filter.name == "clientDomains"


def test_the_customers_domain_wins_over_other_domains_and_the_deprecated_one_loses() -> None:
    """Of several candidates the plainest is taken."""
    several = [
        query("emailDomain"),
        query("domain"),
        query("customerDomain", deprecated=True),
        query("customerDomains"),
    ]
    assert bind(document(several)).calls.domain_filter.name == "customerDomains"


def test_without_a_domain_parameter_there_is_no_filter_and_a_remark_says_so() -> None:
    """The client then filters here."""
    binding = bind(document([query("page", "number")]))
    assert binding.calls.domain_filter.name == ""
    assert any("GET /calls has no parameter for the customer domain" in note for note in binding.notes)
    assert any("none, filtered by the bot [document]" in note for note in binding.notes)


def test_each_kind_is_bound_on_its_own() -> None:
    """Calls and meetings may name their filters differently, and a missing list keeps its default."""
    calls, meetings = {"get": {"parameters": [query("a_domain")]}}, {"get": {"parameters": [query("b_domain")]}}
    binding = bind(with_paths({"/calls": calls, "/meetings": meetings}))
    assert binding.calls.domain_filter.name == "a_domain"
    assert binding.meetings.domain_filter.name == "b_domain"
    alone = bind(with_paths({"/calls": calls}))
    assert alone.meetings == DEFAULT.meetings
    assert any("no GET /meetings" in remark for remark in alone.remarks)


def test_parameters_follow_references_and_the_paths_own() -> None:
    """A parameter may stand on the path item, behind a pointer with `~1`, and have its schema elsewhere."""
    from_document = bind(
        with_paths(
            {
                "/calls": {
                    "parameters": [{"$ref": "#/components/parameters/a~1b~0c"}],
                    "get": {"parameters": [{"$ref": "#/components/parameters/Page"}]},
                }
            },
            components={
                "parameters": {
                    "a/b~c": {
                        "name": "customerDomains",
                        "in": "query",
                        "schema": {"$ref": "#/components/schemas/List"},
                    },
                    "Page": query("page", "number"),
                },
                "schemas": {"List": {"allOf": [{"$ref": "#/components/schemas/Base"}]}, "Base": {"type": "array"}},
            },
        )
    )
    assert from_document.calls.domain_filter == DomainFilter("customerDomains", Form.REPEATED, Source.DOCUMENT)


def test_an_operations_parameter_wins_over_the_paths() -> None:
    """The operation overrides what the path item declares under the same name."""
    item = {
        "parameters": [query("customerDomain", "array")],
        "get": {"parameters": [query("customerDomain", "string")]},
    }
    assert bind(with_paths({"/calls": item})).calls.domain_filter.form is Form.SINGLE


@pytest.mark.parametrize("path", ["/api/calls", "/v1/calls", "/api/v2.1/calls", "/public/calls/"])
def test_a_prefix_moves_the_list_and_what_is_below_it(path: str) -> None:
    """The list's path is bound too; `/admin/calls` or `/users/calls` is another list."""
    path_of_one = f"{path.rstrip('/')}/{{callId}}"
    paths: dict[str, Any] = {
        "/admin/calls": {"get": {}},
        "/users/{id}/calls": {"get": {}},
        path: {"get": {}},
        path_of_one: {"get": {}},
    }
    calls = bind(with_paths(paths)).calls
    assert calls.list_path == path.rstrip("/")
    assert calls.by_id == ById(path_of_one, source=Source.DOCUMENT)


def test_swagger_2_is_read_too() -> None:
    """Its types stand in the parameter, its base path in front, its file in a form field."""
    listing = {"name": "domain", "in": "query", "type": "array", "collectionFormat": "multi"}
    form = [
        {"name": "file", "in": "formData", "type": "file", "required": True},
        {"name": "title", "in": "formData", "type": "string"},
    ]
    binding = bind(
        {
            "swagger": "2.0",
            "basePath": "/api/",
            "paths": {"/calls": {"get": {"parameters": [listing]}, "post": {"parameters": form}}},
        }
    )
    assert binding.calls.list_path == "/api/calls"
    assert binding.calls.domain_filter == DomainFilter("domain", Form.REPEATED, Source.DOCUMENT)
    assert binding.upload == Upload(
        "/api/calls", UploadStyle.MULTIPART, "file", fields=(Field("title"),), source=Source.DOCUMENT
    )
    joined = {**listing, "collectionFormat": "csv"}
    assert bind(
        {"swagger": "2.0", "paths": {"/calls": {"get": {"parameters": [joined]}}}}
    ).calls.domain_filter.form == (Form.COMMA)


# ---- one by id -----------------------------------------------------------------------------------------------------


NEIGHBOURS: dict[str, Any] = {
    "/calls/search": {"get": {}},
    "/calls/{id}/attachments": {"get": {}},
    "/calls/{id}/attachments/{attachmentId}": {"get": {}},
    "/calls/export/{id}": {"get": {}},
    "/calls/by-domain": {"get": {}},
    "/users/{id}": {"get": {}},
    "/callsheets/{id}": {"get": {}},
}


@pytest.mark.parametrize("name", ["id", "callId", "call_id", "conversationId", "uuid", "call", "key"])
def test_one_by_id_is_a_path_with_one_parameter_below_the_collection(name: str) -> None:
    """Similar operations, at any level and in any order, are not mistaken for it."""
    path = f"/calls/{{{name}}}"
    before = bind(document([], **NEIGHBOURS, **{path: {"get": {}}}))
    after = bind(document([], **{path: {"get": {}}}, **NEIGHBOURS))
    assert before.calls.by_id == after.calls.by_id == ById(path, source=Source.DOCUMENT)


@pytest.mark.parametrize("name", ["id", "ids", "callId", "call_id", "callIds", "call-id"])
def test_else_it_is_the_lists_parameter_that_names_an_id(name: str) -> None:
    """Not somebody else's id."""
    others = [query("clientId"), query("userId"), query("externalCallId"), query("dealId")]
    binding = bind(document([*others, query(name)], **NEIGHBOURS))
    assert binding.calls.by_id == ById("/calls", name, Source.DOCUMENT)


def test_the_path_is_preferred_and_one_by_something_else_is_not_taken_for_it() -> None:
    """`/calls/{externalCallId}` or `/calls/{domain}` asks for something else."""
    by_path = bind(document([query("id")], **{"/calls/{id}": {"get": {}}}))
    assert by_path.calls.by_id == ById("/calls/{id}", source=Source.DOCUMENT)
    other = bind(document([query("id")], **{"/calls/{externalCallId}": {"get": {}}}))
    assert other.calls.by_id == ById("/calls", "id", Source.DOCUMENT)
    neither = bind(document([], **{"/calls/{domain}": {"get": {}}, "/calls/{id}": {"delete": {}}}))
    assert neither.calls.by_id == ById("/calls/{id}")
    assert any("a single record" in remark for remark in neither.remarks)
