"""The OpenAPI document of the embedded API, like what `@nestjs/swagger` generates from controllers and DTOs.

Article 13571612 says that there is one at `/swagger` (JSON at `/swagger-json`, where the connector's author read it),
with lists by date range, customer domain and id, and an upload of calls. `@nestjs/swagger` generates
operation ids like `CallsController_findAll`, DTOs as components, references with a description wrapped in `allOf`,
pages as an `allOf` of the page and its items. https://docs.nestjs.com/openapi/types-and-parameters
"""

from typing import Any

from bot.sandbox.kickscale.callfields import DIRECTIONS, LANGUAGES
from bot.sandbox.kickscale.query import EXPANSIONS, LARGEST_PAGE, ORDERS, PAGE_SIZE, SCOPES
from bot.sandbox.kickscale.variant import ById, DomainForm, Envelope, Oversize, UploadForm, Variant

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
MOMENT: Json = {"type": "string", "format": "date-time"}
ANYTHING: Json = {"type": "object"}


def document(variant: Variant) -> Json:
    """Return the document of a server with these switches."""
    paths: Json = {}
    for kind, controller, dto in (("meetings", "Meetings", "MeetingDto"), ("calls", "Calls", "CallDto")):
        paths[f"/{kind}"] = {"get": _list(variant, controller, dto, kind)}
        if kind == "calls":
            paths["/calls/search"] = {"get": _search()}
        if variant.by_id is ById.PATH:
            paths[f"/{kind}/{{{variant.id_of(kind)}}}"] = {"get": _one(variant, controller, dto, kind)}
    if variant.upload is not UploadForm.NONE:
        paths.setdefault(variant.upload_path, {})["post"] = _upload(variant)
    paths |= _neighbours()
    return {
        "openapi": "3.0.0",
        "paths": paths,
        "info": {"title": "Kickscale API", "description": "", "version": "1.0", "contact": {}},
        "tags": [],
        "servers": [],  # the connector: the document declares none
        "components": {
            "securitySchemes": {
                "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
                "client-id": {"type": "apiKey", "in": "header", "name": "client-id"},
            },
            "schemas": _schemas(variant),
        },
    }


# ---- operations ----------------------------------------------------------------------------------------------------


def _list(variant: Variant, controller: str, dto: str, kind: str) -> Json:
    singular = kind.removesuffix("s")
    largest = {"maximum": LARGEST_PAGE} if variant.oversize is Oversize.REJECT else {}
    parameters = [
        _query("page", {"minimum": 0, "default": 0, **NUMBER}, "Zero-based page number."),
        _query("pageSize", {"minimum": 1, **largest, "default": PAGE_SIZE, **NUMBER}, "Maximum recommended: 100."),
        _query("sortingOrder", {"$ref": "#/components/schemas/SortingOrder"}, "Order by date."),
        _query("startDate", MOMENT, f"Only {singular}s on or after this instant, e.g. 2026-03-01T12:30:45Z."),
        _query("endDate", MOMENT, f"Only {singular}s {'up to' if variant.end_inclusive else 'before'} this instant."),
        _query("scopes", {"default": "external", **TEXT}, f"Comma-separated: {', '.join(SCOPES)}."),
        _query("expand", TEXT, f"Comma-separated: {', '.join(EXPANSIONS)}."),
    ]
    if variant.domain_filter:
        parameters.append(_domain_filter(variant))
    if variant.by_id is ById.QUERY:
        parameters.append(_query(variant.id_of(kind), TEXT, f"Only the {singular} with this id."))
    item = {"$ref": f"#/components/schemas/{dto}"}
    page: Json = {"type": "array", "items": item}
    if variant.envelope is not Envelope.BARE:
        page = {"allOf": [{"$ref": "#/components/schemas/PageDto"}, {"properties": {"data": page}}]}
    return _operation(f"{controller}Controller_findAll", parameters, page, f"Query {singular}s")


def _domain_filter(variant: Variant) -> Json:
    name, domains = variant.domain_filter, {"type": "array", "items": TEXT}
    if variant.domain_form is DomainForm.SINGLE:
        return _query(name, TEXT, "E-mail domain of external participants.")
    if variant.domain_form is DomainForm.REPEATED:
        return _query(name, domains, "E-mail domains of external participants.")
    return {
        **_query(name, domains, "Comma-separated email domains of external participants."),
        "style": "form",
        "explode": False,
    }


def _one(variant: Variant, controller: str, dto: str, kind: str) -> Json:
    parameters = [
        {"name": variant.id_of(kind), "required": True, "in": "path", "schema": TEXT},
        _query("expand", TEXT, f"Comma-separated: {', '.join(EXPANSIONS)}."),
    ]
    item: Json = {"$ref": f"#/components/schemas/{dto}"}
    if variant.one_in_data:
        item = {"properties": {"data": item}}
    return _operation(f"{controller}Controller_findOne", parameters, item, f"One of the {kind} by id")


def _upload(variant: Variant) -> Json:
    media = "multipart/form-data" if variant.upload is UploadForm.MULTIPART else "application/json"
    answers = "UploadTicketDto" if variant.upload is UploadForm.PRESIGNED else "UploadedCallDto"
    largest = f"{variant.max_bytes / 1e9:g} GB" if variant.max_bytes >= 1e9 else f"{variant.max_bytes / 1e6:g} MB"
    text = f"Upload a call for analysis. Accepted formats: mp3, m4a, mp4, wav, webm, ogg. At most {largest}."
    return {
        **_operation("CallsController_upload", [], {"$ref": f"#/components/schemas/{answers}"}, text, "201"),
        "requestBody": {
            "required": True,
            "content": {media: {"schema": {"$ref": "#/components/schemas/UploadCallDto"}}},
        },
    }


def _search() -> Json:
    parameters = [_query("query", TEXT, "Words in the name.")]
    hits = {"type": "array", "items": {"properties": {"id": TEXT, "name": TEXT}, "type": "object"}}
    return _operation("CallsController_search", parameters, hits, "Find calls by words")


def _neighbours() -> Json:
    """Return similar operations, to which a client must not bind."""
    call_id = {"name": "id", "required": True, "in": "path", "schema": TEXT}
    attached = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
    post = {
        **_operation("AttachmentsController_create", [call_id], ANYTHING, "Attach a document to a call", "201"),
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": attached}}},
    }
    things = {"type": "array", "items": ANYTHING}
    domain = _query("domain", TEXT, "E-mail domain of the user.")
    return {
        "/calls/{id}/attachments": {
            "get": _operation("AttachmentsController_findAll", [call_id], things, "Documents attached to a call"),
            "post": post,
        },
        "/calls/{id}/comments": {
            "get": _operation("CommentsController_findAll", [call_id], things, "Comments on a call")
        },
        "/users": {
            "get": _operation(
                "UsersController_findAll",
                [domain],
                {"type": "array", "items": {"$ref": "#/components/schemas/UserDto"}},
                "Users of the workspace",
            )
        },
    }


def _operation(operation_id: str, parameters: list[Json], schema: Json, summary: str, status: str = "200") -> Json:
    return {
        "operationId": operation_id,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            status: {"description": "", "content": {"application/json": {"schema": schema}}},
            "403": {"description": "Forbidden resource"},
        },
        "tags": [operation_id.partition("Controller")[0]],
        "security": [{"api-key": [], "client-id": []}],
    }


def _query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "required": False, "in": "query", "description": description, "schema": schema}


# ---- components ----------------------------------------------------------------------------------------------------


def _schemas(variant: Variant) -> Json:
    shared: Json = {
        "id": TEXT,
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "clientId": TEXT,
        "name": TEXT,
        "date": MOMENT,
        "summary": {**TEXT, "nullable": True},
        "actionItems": {"type": "array", "items": ANYTHING},
        "participants": {"type": "array", "items": {"$ref": "#/components/schemas/ParticipantDto"}},
        "userQuestions": {"type": "array", "items": TEXT},
        "duration": {**NUMBER, "description": "Seconds."},
        "emailDraft": ANYTHING,
        "feedback": {"type": "array", "items": ANYTHING},
        "metrics": ANYTHING,
        "type": TEXT,
        "insights": {"type": "array", "items": ANYTHING},
        "language": TEXT,
        "outcome": {**TEXT, "nullable": True},
        "comments": {"type": "array", "items": ANYTHING},
        "rating": {**NUMBER, "nullable": True},
        "user": {
            "description": "Only with expand=user_client_augmentation.",
            "allOf": [{"$ref": "#/components/schemas/UserDto"}],
        },
        "recordingRef": {**TEXT, "description": "Download URL, valid for 2 days."},
        "transcript": {
            "description": "Only with expand=meeting_transcript.",
            "type": "array",
            "items": {"$ref": "#/components/schemas/UtteranceDto"},
        },
        "crmReference": ANYTHING,
        "customerDomains": {"type": "array", "items": TEXT},
        "businessEntities": {"type": "array", "items": ANYTHING},
        "recordingConsent": TEXT,
    }
    direction: Json = {"type": "string", "enum": list(DIRECTIONS)}
    schemas: Json = {
        "SortingOrder": {"type": "string", "enum": list(ORDERS)},
        "UserDto": _object({"id": TEXT, "firstName": TEXT, "lastName": TEXT, "email": TEXT}),
        "ParticipantDto": _object({"name": TEXT, "email": TEXT, "speakRatio": NUMBER}),
        "UtteranceDto": _object({"speaker": TEXT, "text": TEXT, "start": NUMBER}),
        "ConversationDto": _object(shared, ["id", "date", "name"]),
        "MeetingDto": _extended({"participantEmails": {"type": "array", "items": TEXT}, "metadata": ANYTHING}),
        "CallDto": _extended({"caller": TEXT, "callee": TEXT, "direction": direction, "externalCallId": TEXT}),
        "PageMetaDto": _object(
            {"page": NUMBER, "pageSize": NUMBER} | ({"total": NUMBER} if variant.envelope is Envelope.TOTAL else {})
        ),
        "PageDto": _object(
            {
                "data": {"type": "array", "items": ANYTHING},
                "meta": {"allOf": [{"$ref": "#/components/schemas/PageMetaDto"}]},
            },
            ["data", "meta"],
        ),
    }
    if variant.upload is not UploadForm.NONE:
        schemas |= _upload_schemas(variant.upload, takes_external_id=variant.takes_external_id)
    return schemas


def _upload_schemas(form: UploadForm, *, takes_external_id: bool) -> Json:
    external_id = {"externalCallId": {**TEXT, "description": "Identifier in the telephony system."}}
    fields = _object(
        {
            "name": TEXT,
            "date": {**MOMENT, "description": "When the call began."},
            "duration": {"type": "integer", "description": "Seconds."},
            "customerDomains": {"type": "array", "items": TEXT, "description": "E-mail domains of the customer."},
            "direction": {"type": "string", "enum": list(DIRECTIONS)},
            "userEmail": {**TEXT, "format": "email", "description": "E-mail of the user whose call it is."},
            "caller": TEXT,
            "callee": TEXT,
            "language": {"type": "string", "enum": list(LANGUAGES)},
            **(external_id if takes_external_id else {}),
        },
        ["name", "date"],
    )
    carrier: Json = {
        UploadForm.MULTIPART: _object({"file": {"type": "string", "format": "binary"}}, ["file"]),
        UploadForm.PRESIGNED: _object({"fileName": TEXT, "contentType": TEXT, "size": NUMBER}, ["fileName", "size"]),
        UploadForm.URL: _object({"recordingUrl": {"type": "string", "format": "uri"}}, ["recordingUrl"]),
        UploadForm.NONE: {},
    }[form]
    return {
        "CallFieldsDto": fields,
        "UploadCallDto": {"allOf": [{"$ref": "#/components/schemas/CallFieldsDto"}, carrier]},
        "UploadedCallDto": _object({"id": TEXT}, ["id"]),
        "UploadTicketDto": _object({"id": TEXT, "uploadUrl": {**TEXT, "description": "PUT the recording here."}}),
    }


def _object(properties: Json, required: list[str] | None = None) -> Json:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _extended(properties: Json) -> Json:
    return {"allOf": [{"$ref": "#/components/schemas/ConversationDto"}, _object(properties)]}
