"""OpenAPI documents to bind."""

from typing import Any

from hypothesis import strategies as st

from bot.config.api_overrides import read_api_overrides
from bot.kickscale.binding.bind import Binding, with_overrides

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


def post(media: str, schema: Any, answer: Any = None, **more: Any) -> dict[str, Any]:
    responses = {"201": {"content": {"application/json": {"schema": answer}}}} if answer else {}
    return {"post": {"requestBody": {"content": {media: {"schema": schema}}}, "responses": responses, **more}}


FILE = {"type": "string", "format": "binary"}
MULTIPART = {
    "type": "object",
    "properties": {"recording": FILE, "title": {"type": "string"}},
    "required": ["recording"],
}
