"""How recordings are sent, as an OpenAPI document says."""

from typing import Any

import pytest

from bot.kickscale.binding.bind import DEFAULT, Field, Source, Upload, UploadStyle, bind
from tests.unit.kickscale.binding.documents import FILE, MULTIPART, post, with_paths

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
