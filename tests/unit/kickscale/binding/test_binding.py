"""Binding: what the OpenAPI document says, what the default is, and what the settings overrule."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.api_overrides import FORMS, STYLES, read_api_overrides
from bot.kickscale.binding.bind import (
    DEFAULT,
    Binding,
    ById,
    DomainFilter,
    Field,
    Form,
    Reading,
    Source,
    Upload,
    UploadStyle,
    bind,
    from_json,
    to_json,
    with_overrides,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def overridden(binding: Binding, **settings: str) -> Binding:
    """With what these settings say put over it."""
    return with_overrides(binding, read_api_overrides(**settings))


def query(name: str, type: str = "string", **more: Any) -> dict[str, Any]:  # noqa: A002
    return {"name": name, "in": "query", "schema": {"type": type}, **more}


def document(calls: list[Any] | None = None, **paths: Any) -> dict[str, Any]:
    """Return a document with these parameters of `GET /calls`, and other paths by keyword."""
    listing = {"/calls": {"get": {"parameters": calls or []}}} if calls is not None else {}
    return {"openapi": "3.0.0", "paths": {**listing, **paths}}


def with_paths(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.0", "paths": paths, **more}


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


# ---- upload --------------------------------------------------------------------------------------------------------


def post(media: str, schema: Any, answer: Any = None, **more: Any) -> dict[str, Any]:
    responses = {"201": {"content": {"application/json": {"schema": answer}}}} if answer else {}
    return {"post": {"requestBody": {"content": {media: {"schema": schema}}}, "responses": responses, **more}}


FILE = {"type": "string", "format": "binary"}
MULTIPART = {
    "type": "object",
    "properties": {"recording": FILE, "title": {"type": "string"}},
    "required": ["recording"],
}
MISLEADING: dict[str, Any] = {
    "/calls/search": post("application/json", {"properties": {"url": {"type": "string"}}}),
    "/calls/{id}/attachments": post("multipart/form-data", MULTIPART),
    "/calls/attachments": post("multipart/form-data", MULTIPART),
    "/calls/{id}/comments": post("application/json", {"properties": {"recordingUrl": {"type": "string"}}}),
    "/meetings/upload": post("multipart/form-data", MULTIPART),
    "/files/upload": post("multipart/form-data", MULTIPART),
}


@pytest.mark.parametrize("path", ["/calls", "/calls/upload", "/calls/import", "/v1/calls/recordings"])
def test_a_multipart_upload_is_found_among_its_neighbours(path: str) -> None:
    """The file's field, the other fields, whether they are required, and their allowed values."""
    schema = {
        "allOf": [{"$ref": "#/components/schemas/File"}, {"$ref": "#/components/schemas/Details"}],
    }
    components = {
        "schemas": {
            "File": {"type": "object", "properties": {"recording": FILE, "cover": FILE}, "required": ["recording"]},
            "Details": {
                "type": "object",
                "properties": {
                    "title": {"type": "string", "description": "Shown as the name."},
                    "direction": {"$ref": "#/components/schemas/Direction"},
                    "date": {"type": "string", "format": "date-time"},
                    "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
                },
                "required": ["date"],
            },
            "Direction": {"type": "string", "enum": ["inbound", "outbound"]},
        }
    }
    text = "Audio or video: MP3, wav or .mp4. The file may have a maximum size of 1.5 GB."
    operation = post("multipart/form-data; charset=utf-8", schema, description=text)
    binding = bind(with_paths({**MISLEADING, path: operation}, components=components))
    assert binding.upload == Upload(
        path,
        UploadStyle.MULTIPART,
        "recording",
        fields=(
            Field("cover", format="binary"),
            Field("title", description="Shown as the name."),
            Field("direction", enum=("inbound", "outbound")),
            Field("date", required=True, format="date-time"),
            Field("tags", type="array", enum=("a", "b")),
        ),
        formats=("mp3", "wav", "mp4"),
        max_bytes=1_500_000_000,
        source=Source.DOCUMENT,
    )


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ({"properties": {"uploadUrl": {"type": "string"}, "id": {"type": "string"}}}, "uploadUrl"),
        ({"properties": {"data": {"properties": {"presigned_url": {"type": "string"}}}}}, "data.presigned_url"),
        ({"properties": {"url": {"type": "string"}}}, "url"),
    ],
)
def test_a_presigned_upload_is_known_by_what_it_returns(answer: Any, where: str) -> None:
    """JSON in, an address to send the bytes to out."""
    asked = {"properties": {"fileName": {"type": "string"}}, "required": ["fileName"]}
    upload = bind(with_paths({**MISLEADING, "/calls/upload": post("application/json", asked, answer)})).upload
    assert upload == Upload(
        "/calls/upload",
        UploadStyle.PRESIGNED,
        "",
        where,
        fields=(Field("fileName", required=True),),
        source=Source.DOCUMENT,
    )


@pytest.mark.parametrize("name", ["recordingUrl", "recording_url", "audioUri", "mediaLink", "url", "recordingRef"])
def test_an_upload_by_address_names_the_recordings_url(name: str) -> None:
    """Other addresses are fields."""
    asked = {"oneOf": [{"type": "null"}, {"properties": {"callbackUrl": {}, name: {"type": "string"}}}]}
    answer: dict[str, Any] = {"properties": {"outputUrl": {}, "url": {}}}
    upload = bind(with_paths({**MISLEADING, "/calls/import": post("application/json", asked, answer)})).upload
    assert (upload.style, upload.file_field, upload.fields) == (UploadStyle.URL, name, (Field("callbackUrl"),))


def test_bytes_are_preferred_over_addresses() -> None:
    """The bot holds the bytes, and Slack's addresses are closed to the API."""
    by_url = post("application/json", {"properties": {"recordingUrl": {"type": "string"}}})
    by_bytes = post("multipart/form-data", MULTIPART)
    assert bind(with_paths({"/calls/upload": by_url, "/calls": by_bytes})).upload.path == "/calls"
    twice = bind(with_paths({"/calls": by_bytes, "/calls/upload": by_bytes})).upload
    assert twice.path == "/calls/upload"


def test_a_post_without_a_recording_is_no_upload() -> None:
    """`POST /calls` may just write a record down."""
    binding = bind(with_paths({**MISLEADING, "/calls": post("application/json", {"properties": {"name": {}}})}))
    assert binding.upload == DEFAULT.upload
    assert any("no POST under /calls" in remark for remark in binding.remarks)


def test_a_file_field_without_a_format_is_known_by_its_name() -> None:
    """Such documents come of services that do not annotate their files."""
    schema = {"properties": {"meta": {"type": "object"}, "file": {}}}
    assert bind(with_paths({"/calls": post("multipart/form-data", schema)})).upload.file_field == "file"


# ---- any document --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nonsense", [None, 1, "x", [], {}, {"paths": None}, {"paths": []}, {"paths": {}}, [{"paths": 1}]]
)
def test_nonsense_leaves_the_default(nonsense: object) -> None:
    """And says so."""
    binding = bind(nonsense)
    assert (binding.calls, binding.meetings, binding.upload) == (DEFAULT.calls, DEFAULT.meetings, DEFAULT.upload)
    assert "it isn't an OpenAPI document, so defaults are used" in binding.notes


@given(JSON)
def test_no_json_makes_it_raise(value: Any) -> None:
    """Wherever the nonsense stands."""
    for broken in (
        value,
        {"paths": value},
        {"paths": {"/calls": value}},
        {"paths": {"/calls": {"get": value, "post": value, "parameters": value}, "/calls/{id}": {"get": value}}},
        {"paths": {"/calls": {"get": {"parameters": [value, {"name": value, "in": value, "schema": value}]}}}},
        with_paths({"/calls": post("multipart/form-data", value)}),
        with_paths({"/calls": post("multipart/form-data", {"properties": value, "required": value, "allOf": value})}),
        with_paths({"/calls/upload": post("application/json", {"properties": {"url": value}}, value)}),
        with_paths({"/calls": post("multipart/form-data", MULTIPART, description=value, responses=value)}),
        {"swagger": value, "basePath": value, "paths": {"/calls": {"post": {"parameters": [value]}}}},
    ):
        assert from_json(to_json(bind(broken))) == bind(broken)


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_path_leads_off_the_host(prefix: str, name: str) -> None:
    """Every bound path begins with one slash and has no dot segments, whatever the document contains."""
    paths: dict[str, Any] = {f"{prefix}/calls": {"get": {}}, f"{prefix}/calls/{{{name}}}": {"get": {}}}
    for path in (bind(with_paths(paths)).calls.list_path, bind(with_paths(paths)).calls.by_id.path):
        assert path.startswith("/")
        assert not path.startswith("//")
        assert ".." not in path.split("/")


def test_cycles_and_multiplying_references_end() -> None:
    """A pointer to itself, a schema within itself, and a hundred ways to each of a hundred."""
    schemas: dict[str, Any] = {
        "Self": {"$ref": "#/components/schemas/Self"},
        "Tree": {"allOf": [{"$ref": "#/components/schemas/Tree"}], "properties": {"t": {"$ref": "#/x"}}},
    }
    for index in range(100):
        schemas[f"S{index}"] = {"allOf": [{"$ref": f"#/components/schemas/S{(index + 1) % 100}"}] * 100}
    paths = {
        "/calls": post("multipart/form-data", {"$ref": "#/components/schemas/S0"}),
        "/calls/upload": post("multipart/form-data", {"$ref": "#/components/schemas/Tree"}),
        "/calls/import": {"$ref": "#/paths/~1calls~1import"},
        "/calls/file": post("application/json", {"$ref": "#/components/schemas/Self"}),
        "/meetings": {"get": {"parameters": [{"$ref": "https://example.com/elsewhere.json"}]}},
    }
    binding = bind(with_paths(paths, components={"schemas": schemas}))
    assert binding.upload == DEFAULT.upload
    assert binding.meetings.list_source is Source.DOCUMENT


# ---- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("customerDomains", DomainFilter("customerDomains", Form.SINGLE, Source.OVERRIDE)),
        ("d:single", DomainFilter("d", Form.SINGLE, Source.OVERRIDE)),
        ("domains[]:repeated", DomainFilter("domains[]", Form.REPEATED, Source.OVERRIDE)),
        (" d:COMMA ", DomainFilter("d", Form.COMMA, Source.OVERRIDE)),
        ("none", DomainFilter("", source=Source.OVERRIDE)),
    ],
)
def test_the_settings_overrule_the_domain_filter(word: str, expected: DomainFilter) -> None:
    """For both kinds."""
    binding = overridden(bind(document([query("other_domain")])), domain_filter=word)
    assert binding.calls.domain_filter == binding.meetings.domain_filter == expected


def test_the_settings_overrule_how_one_is_asked_for() -> None:
    """As a path or as a parameter of a list."""
    binding = overridden(DEFAULT, call_path="/v2/calls/{callId}", meeting_path="/meetings?meetingId=")
    assert binding.calls.by_id == ById("/v2/calls/{callId}", source=Source.OVERRIDE)
    assert binding.meetings.by_id == ById("/meetings", "meetingId", Source.OVERRIDE)
    assert overridden(DEFAULT, call_path="/calls?id={id}").calls.by_id == ById("/calls", "id", Source.OVERRIDE)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("/calls/upload", Upload("/calls/upload", source=Source.OVERRIDE)),
        ("multipart /calls/upload audio", Upload("/calls/upload", file_field="audio", source=Source.OVERRIDE)),
        ("presigned /calls/new", Upload("/calls/new", UploadStyle.PRESIGNED, "", source=Source.OVERRIDE)),
        ("URL /calls/new link", Upload("/calls/new", UploadStyle.URL, "link", source=Source.OVERRIDE)),
    ],
)
def test_the_settings_overrule_the_upload(word: str, expected: Upload) -> None:
    """Its style, its path and its field."""
    assert overridden(DEFAULT, upload=word).upload == expected


def test_an_upload_moved_to_where_it_was_found_keeps_what_the_document_says() -> None:
    """Only the field is overruled then."""
    bound = bind(with_paths({"/calls": post("multipart/form-data", MULTIPART)}))
    chosen = overridden(bound, upload="/calls sound").upload
    assert (chosen.file_field, chosen.fields, chosen.source) == ("sound", bound.upload.fields, Source.OVERRIDE)


def test_empty_settings_change_nothing() -> None:
    """A setting that is not set."""
    assert overridden(DEFAULT, domain_filter=" ", call_path="", meeting_path="", upload="  ") == DEFAULT


def test_the_settings_know_every_form_and_style() -> None:
    """They are read without the API's types."""
    assert set(FORMS) == set(Form)
    assert set(STYLES) == set(UploadStyle)


@pytest.mark.parametrize(
    "setting",
    [
        {"domain_filter": "a b"},
        {"domain_filter": "name:many"},
        {"domain_filter": ":single"},
        {"domain_filter": "a&b"},
        {"call_path": "calls/{id}"},
        {"call_path": "/calls"},
        {"call_path": "/calls/{id}/{id}"},
        {"call_path": "/calls?"},
        {"call_path": "/calls?id"},
        {"call_path": "/calls/{id}?id="},
        {"meeting_path": "//example.com/{id}"},
        {"meeting_path": "https://example.com/{id}"},
        {"meeting_path": "/../{id}"},
        {"upload": "calls"},
        {"upload": "smoke /calls/signals up"},
        {"upload": "multipart"},
        {"upload": "multipart /calls a b"},
        {"upload": "multipart //example.com/calls"},
    ],
)
def test_a_bad_setting_is_refused_with_a_sentence(setting: dict[str, str]) -> None:
    """It names what was written and an example."""
    with pytest.raises(ValueError, match=r"^must (be|look like) .*, not '.*'\.$"):
        overridden(DEFAULT, **setting)


# ---- the stored form -----------------------------------------------------------------------------------------------

TEXT = st.text(max_size=10)
READINGS = st.builds(
    Reading,
    st.sampled_from(["/calls", "/v1/meetings"]),
    st.builds(DomainFilter, TEXT, st.sampled_from(Form), st.sampled_from(Source)),
    st.sampled_from([ById("/calls/{id}"), ById("/calls", "id", Source.DOCUMENT)]),
    st.sampled_from(Source),
)
FIELDS = st.builds(Field, TEXT, TEXT, st.booleans(), TEXT, st.lists(TEXT, max_size=2).map(tuple), TEXT)
UPLOADS = st.builds(
    Upload,
    st.sampled_from(["/calls", "/calls/upload"]),
    st.sampled_from(UploadStyle),
    TEXT,
    TEXT,
    st.lists(FIELDS, max_size=2).map(tuple),
    st.lists(TEXT, max_size=2).map(tuple),
    st.none() | st.integers(min_value=1),
    st.sampled_from(Source),
)
BINDINGS = st.builds(Binding, READINGS, READINGS, UPLOADS, st.lists(TEXT, max_size=2).map(tuple))


@given(BINDINGS)
def test_a_binding_survives_being_stored(binding: Binding) -> None:
    """Through JSON and back."""
    assert from_json(json.loads(json.dumps(to_json(binding)))) == binding


@given(JSON, st.sampled_from(["calls", "meetings", "upload", "remarks"]))
def test_nonsense_is_no_binding(value: Any, key: str) -> None:
    """From an older version, or anything else."""
    assert from_json(value) is None
    assert isinstance(from_json({**to_json(DEFAULT), key: value}), Binding | None)
    assert from_json({**to_json(DEFAULT), "upload": {**to_json(DEFAULT)["upload"], "path": "//example.com/x"}}) is None


def test_notes_name_every_part_and_its_source() -> None:
    """What a log and `doctor` show."""
    assert DEFAULT.notes == (
        "calls: GET /calls [default]",
        "calls, domain filter: customerDomain (single) [default]",
        "calls, by ID: GET /calls/{id} [default]",
        "meetings: GET /meetings [default]",
        "meetings, domain filter: customerDomain (single) [default]",
        "meetings, by ID: GET /meetings/{id} [default]",
        "upload: POST /calls (multipart, field file) [default]",
    )
    by_query = overridden(DEFAULT, call_path="/calls?id=")
    assert "calls, by ID: GET /calls?id= [override]" in by_query.notes
