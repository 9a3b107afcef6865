"""Dataclasses as JSON objects and back, by their annotations."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


def encode(value: Any) -> dict[str, Any]:
    """Return a dataclass as a dict of JSON types: datetimes as ISO 8601 text, tuples as lists."""
    encoded: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return encoded


def decode(type_: type[T], data: Mapping[str, Any]) -> T:
    """Return `data` as a `type_`: unknown keys are ignored, missing ones get their defaults.

    That way, rows written by an older or newer version can be read. Raises ValueError for a value that doesn't fit.
    """
    decoded: T = _adapter(type_).validate_python(dict(data))
    return decoded


_adapters: "dict[type[Any], TypeAdapter[Any]]" = {}


def _adapter(type_: type[Any]) -> "TypeAdapter[Any]":
    if type_ not in _adapters:
        from pydantic import TypeAdapter  # noqa: PLC0415 a tenth of a second, when the first job is promised

        _adapters[type_] = TypeAdapter(type_)
    return _adapters[type_]
