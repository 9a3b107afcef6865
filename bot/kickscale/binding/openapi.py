"""Reading an OpenAPI 3 document (and Swagger 2 where that is as easy), however broken: nothing here ever raises.

Work is bounded: references may form cycles or multiply, and the document comes from outside.
https://spec.openapis.org/oas/v3.0.3
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from bot.tools.url_paths import is_path

_HOPS = 32
_DEPTH = 16
_BUDGET = 100_000
"""Nodes that are looked at before the rest of a document counts as empty."""
_LONGEST_REFERENCE = 1_000
"""Characters. One that many nodes share is read for each of them."""

Node = Mapping[str, Any]
_NONE: Node = {}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    """`query`, `path`, `header`, `formData` …"""
    types: frozenset[str]
    """The JSON types that it takes; `oneOf` and its like may name several."""
    explode: bool
    """Whether several values repeat the parameter, rather than being joined."""
    style: str
    description: str
    deprecated: bool
    node: Node


@dataclass(frozen=True, slots=True)
class Schema:
    """What an object holds, with every reference and `allOf` merged in."""

    properties: Mapping[str, Node] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Operation:
    path: str
    segments: tuple[str, ...]
    node: Node
    parameters: tuple[Parameter, ...]

    @property
    def description(self) -> str:
        return "\n".join(text(self.node.get(key)) for key in ("summary", "description"))

    @property
    def deprecated(self) -> bool:
        return self.node.get("deprecated") is True


class Document:
    def __init__(self, document: object) -> None:
        self._root = document
        self._left = _BUDGET
        self._is_swagger2 = "swagger" in as_node(document)
        self.is_openapi = bool(as_node(as_node(document).get("paths")))

    def operations(self, method: str) -> tuple[Operation, ...]:
        """Every operation with that method, in the document's order."""
        root = as_node(self._root)
        base = text(root.get("basePath")).rstrip("/") if self._is_swagger2 else ""
        found = []
        for path, item in as_node(root.get("paths")).items():
            whole = base + path.rstrip("/")
            shared = self.resolve(item)
            node = shared.get(method)
            if isinstance(node, Mapping) and is_path(whole):
                parameters = self._parameters(shared.get("parameters"), node.get("parameters"))
                found.append(Operation(whole, tuple(whole.split("/")[1:]), node, parameters))
        return tuple(found)

    def resolve(self, node: object) -> Node:
        """The object that `node` is or refers to within the document; an empty one where there is none."""
        for _ in range(_HOPS):
            self._left -= 1
            if not isinstance(node, Mapping) or self._left < 0:
                return _NONE
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            if not reference.startswith("#/") or len(reference) > _LONGEST_REFERENCE:
                return _NONE
            node = self._pointed(reference[2:])
        return _NONE

    def schema(self, node: object) -> Schema:
        """The properties of an object schema: its own, those of every `allOf`, and of the first fitting alternative."""
        return self._schema(node, _DEPTH)

    def types(self, node: object) -> frozenset[str]:
        """The JSON types that a schema admits; none where it does not say."""
        return self._types(node, _DEPTH)

    def body(self, operation: Operation) -> dict[str, Node]:
        """The schemas of the request body by media type, without its parameters and in lower case."""
        if self._is_swagger2:
            form = {each.name: each.node for each in operation.parameters if each.place == "formData"}
            required = [name for name, node in form.items() if node.get("required") is True]
            if form:
                return {"multipart/form-data": {"properties": form, "required": required}}
            whole = next((each.node for each in operation.parameters if each.place == "body"), _NONE)
            return {"application/json": as_node(whole.get("schema"))}
        return self._media(self.resolve(operation.node.get("requestBody")).get("content"))

    def answers(self, operation: Operation) -> Iterator[Schema]:
        """The schemas of the successful JSON responses."""
        for status, response in as_node(operation.node.get("responses")).items():
            if str(status).startswith("2") or status == "default":
                resolved = self.resolve(response)
                yield from (self.schema(each) for each in self._media(resolved.get("content")).values())
                yield self.schema(resolved.get("schema"))

    def _media(self, content: object) -> dict[str, Node]:
        return {
            str(media).split(";")[0].strip().lower(): as_node(as_node(each).get("schema"))
            for media, each in as_node(content).items()
        }

    def _pointed(self, pointer: str) -> object:
        """RFC 6901: `~1` is a slash, `~0` a tilde; in a URL's fragment both may be percent-encoded."""
        found: Any = self._root
        for part in unquote(pointer).split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping):
                found = found.get(key)
            elif isinstance(found, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(found):
                found = found[int(key[:9])]
            else:
                return None
        return found

    def _schema(self, node: object, depth: int) -> Schema:
        resolved = self.resolve(node)
        if depth == 0 or not resolved:
            return Schema()
        parts = [self._schema(each, depth - 1) for each in as_list(resolved.get("allOf"))]
        for choice in ("oneOf", "anyOf"):
            options = (self._schema(each, depth - 1) for each in as_list(resolved.get(choice)))
            parts.extend([each for each in options if each.properties][:1])
        own = {name: self.resolve(each) for name, each in as_node(resolved.get("properties")).items()}
        required = {name for name in self._names(resolved.get("required")) if isinstance(name, str)}
        parts.append(Schema(own, frozenset(required)))
        merged: dict[str, Node] = {}
        for part in parts:
            merged.update(part.properties)
        return Schema(merged, frozenset().union(*(part.required for part in parts)))

    def _types(self, node: object, depth: int) -> frozenset[str]:
        resolved = self.resolve(node)
        if depth == 0 or not resolved:
            return frozenset()
        own = resolved.get("type")
        named = {each for each in ([own] if isinstance(own, str) else self._names(own)) if isinstance(each, str)}
        nested = [
            self._types(each, depth - 1) for key in ("allOf", "oneOf", "anyOf") for each in as_list(resolved.get(key))
        ]
        return frozenset(named).union(*nested)

    def _names(self, value: object) -> list[Any]:
        """A list of names, each of which counts as a node: a schema that many share is read for each of them."""
        found = as_list(value)
        self._left -= len(found)
        return found if self._left >= 0 else []

    def _parameters(self, *lists: object) -> tuple[Parameter, ...]:
        """The parameters of the path, then those of the operation, which win."""
        found: dict[tuple[str, str], Parameter] = {}
        for each in (one for one_list in lists for one in as_list(one_list)):
            node = self.resolve(each)
            name, place = node.get("name"), node.get("in")
            if isinstance(name, str) and isinstance(place, str):
                found[name, place] = self._parameter(name, place, node)
        return tuple(found.values())

    def _parameter(self, name: str, place: str, node: Node) -> Parameter:
        schema = self.resolve(node.get("schema"))
        style = text(node.get("style")) or "form"
        collection = text(node.get("collectionFormat"))  # Swagger 2, where the types stand in the parameter itself
        return Parameter(
            name=name,
            place=place,
            types=self.types(schema) | self.types(node),
            explode=collection == "multi" if self._is_swagger2 else node.get("explode", style == "form") is True,
            style=style,
            description=f"{text(node.get('description'))}\n{text(schema.get('description'))}",
            deprecated=node.get("deprecated") is True,
            node=node,
        )


_PREFIX = re.compile(r"api|rest|public|external|v\d+(?:\.\d+)*", re.IGNORECASE)


def below(collection: str, segments: tuple[str, ...]) -> tuple[str, ...] | None:
    """What of a path stands below a collection such as `calls`; None where the path is elsewhere.

    A prefix such as `/api/v1` may stand before it; `/admin/calls` or `/users/calls` is another list.
    """
    for index, segment in enumerate(segments):
        if segment == collection:
            return segments[index + 1 :]
        if not _PREFIX.fullmatch(segment):
            return None
    return None


def as_node(value: object) -> Node:
    return value if isinstance(value, Mapping) else _NONE


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""
