"""Reading an OpenAPI 3 document, or parts of Swagger 2, however broken it is: nothing here ever raises.

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
"""How many nodes are read before the rest of a document counts as empty."""
_LONGEST_REFERENCE = 1_000
"""In characters. A reference that many nodes share is read once for each of them."""

Node = Mapping[str, Any]
_NONE: Node = {}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    """`query`, `path`, `header`, `formData` …"""
    types: frozenset[str]
    """The JSON types that it accepts; with `oneOf`, `anyOf` or `allOf` these can be several."""
    explode: bool
    """Whether several values are sent by repeating the parameter, rather than joined in one."""
    style: str
    description: str
    deprecated: bool
    node: Node


@dataclass(frozen=True, slots=True)
class Schema:
    """The properties of an object, with every reference and `allOf` merged in."""

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
        """Return every operation with that method, in the document's order."""
        root = as_node(self._root)
        base = text(root.get("basePath")).rstrip("/") if self._is_swagger2 else ""
        operations = []
        for path, item in as_node(root.get("paths")).items():
            whole = base + path.rstrip("/")
            shared = self.resolve(item)
            node = shared.get(method)
            if isinstance(node, Mapping) and is_path(whole):
                parameters = self._parameters(shared.get("parameters"), node.get("parameters"))
                operations.append(Operation(whole, tuple(whole.split("/")[1:]), node, parameters))
        return tuple(operations)

    def resolve(self, node: object) -> Node:
        """Return the object that `node` is, or refers to within the document; an empty one if there is none."""
        for _ in range(_HOPS):
            self._left -= 1
            if not isinstance(node, Mapping) or self._left < 0:
                return _NONE
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            if not reference.startswith("#/") or len(reference) > _LONGEST_REFERENCE:
                return _NONE
            node = self._follow_pointer(reference[2:])
        return _NONE

    def schema(self, node: object) -> Schema:
        """Return an object schema's properties: its own, those of each `allOf`, the first `oneOf` and `anyOf`."""
        return self._schema(node, _DEPTH)

    def types(self, node: object) -> frozenset[str]:
        """Return the JSON types that a schema allows; none if it doesn't say."""
        return self._types(node, _DEPTH)

    def body(self, operation: Operation) -> dict[str, Node]:
        """Return the schemas of the request body by media type (in lower case and without parameters)."""
        if self._is_swagger2:
            fields = [parameter for parameter in operation.parameters if parameter.place == "formData"]
            form = {field.name: field.node for field in fields}
            required = [name for name, node in form.items() if node.get("required") is True]
            if form:
                return {"multipart/form-data": {"properties": form, "required": required}}
            whole = next((parameter.node for parameter in operation.parameters if parameter.place == "body"), _NONE)
            return {"application/json": as_node(whole.get("schema"))}
        return self._media(self.resolve(operation.node.get("requestBody")).get("content"))

    def answers(self, operation: Operation) -> Iterator[Schema]:
        """Yield the schemas of the successful JSON responses."""
        for status, response in as_node(operation.node.get("responses")).items():
            if str(status).startswith("2") or status == "default":
                resolved = self.resolve(response)
                yield from (self.schema(schema) for schema in self._media(resolved.get("content")).values())
                yield self.schema(resolved.get("schema"))

    def _media(self, content: object) -> dict[str, Node]:
        return {
            str(media).split(";")[0].strip().lower(): as_node(as_node(description).get("schema"))
            for media, description in as_node(content).items()
        }

    def _follow_pointer(self, pointer: str) -> object:
        """Return the node at a JSON pointer (RFC 6901: `~1` is a slash, `~0` a tilde), which may be percent-encoded."""
        node: Any = self._root
        for part in unquote(pointer).split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, Mapping):
                node = node.get(key)
            elif isinstance(node, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(node):
                node = node[int(key[:9])]
            else:
                return None
        return node

    def _schema(self, node: object, depth: int) -> Schema:
        resolved = self.resolve(node)
        if depth == 0 or not resolved:
            return Schema()
        parts = [self._schema(part, depth - 1) for part in as_list(resolved.get("allOf"))]
        for choice in ("oneOf", "anyOf"):
            options = (self._schema(part, depth - 1) for part in as_list(resolved.get(choice)))
            parts.extend([option for option in options if option.properties][:1])
        own = {name: self.resolve(schema) for name, schema in as_node(resolved.get("properties")).items()}
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
        named = {name for name in ([own] if isinstance(own, str) else self._names(own)) if isinstance(name, str)}
        nested = [
            self._types(part, depth - 1) for key in ("allOf", "oneOf", "anyOf") for part in as_list(resolved.get(key))
        ]
        return frozenset(named).union(*nested)

    def _names(self, value: object) -> list[Any]:
        """Return a list of names. Each counts as a node, since a schema that many share is read for each of them."""
        names = as_list(value)
        self._left -= len(names)
        return names if self._left >= 0 else []

    def _parameters(self, *lists: object) -> tuple[Parameter, ...]:
        """Merge the parameters of the path and of the operation. The operation's win."""
        parameters: dict[tuple[str, str], Parameter] = {}
        for parameter in (one for one_list in lists for one in as_list(one_list)):
            node = self.resolve(parameter)
            name, place = node.get("name"), node.get("in")
            if isinstance(name, str) and isinstance(place, str):
                parameters[name, place] = self._parameter(name, place, node)
        return tuple(parameters.values())

    def _parameter(self, name: str, place: str, node: Node) -> Parameter:
        schema = self.resolve(node.get("schema"))
        style = text(node.get("style")) or "form"
        collection = text(node.get("collectionFormat"))  # Swagger 2, which has the types in the parameter itself
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
    """Return the part of a path below a collection, e.g. `calls`; None if the path is somewhere else.

    There may be a prefix, e.g. `/api/v1`; but `/admin/calls` or `/users/calls` is a different collection.
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
