"""Whatever document comes: nothing is raised, and no path leads off the host."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kickscale.binding.bind import DEFAULT, Source, bind, from_json, to_json
from tests.unit.kickscale.binding.documents import JSON, MULTIPART, post, with_paths


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
