"""Records that stay JSON until somebody looks at them.

A whole list may have ten thousand records, of which ten are shown. To decode all of each takes nearly twice as long and
twice the memory, and the garbage collector looks through every object of it: 0.2 seconds during which nobody is served.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from bot.kickscale import protocol
from bot.kickscale.protocol import Records

_ABSENT = msgspec.Raw()
_BESIDE_JSON = 1_000
"""Bytes that a record takes besides its JSON, measured with those of the sandbox."""


class _Page(msgspec.Struct):
    data: list[msgspec.Raw]
    meta: Any = None


class _Listed(msgspec.Struct, gc=False):  # no cycle is possible in JSON
    """The fields that lists look at, by their names in the API. Values longer than a word stay JSON."""

    id: Any = None
    date: Any = None
    customerDomains: Any = None  # noqa: N815 the API's name, as below
    updatedAt: Any = None  # noqa: N815
    type: Any = None
    language: Any = None
    outcome: Any = None
    direction: Any = None
    name: msgspec.Raw = _ABSENT
    summary: msgspec.Raw = _ABSENT
    user: msgspec.Raw = _ABSENT
    participants: msgspec.Raw = _ABSENT
    participantEmails: msgspec.Raw = _ABSENT  # noqa: N815
    crmReference: msgspec.Raw = _ABSENT  # noqa: N815
    businessEntities: msgspec.Raw = _ABSENT  # noqa: N815


_LISTED = frozenset(_Listed.__struct_fields__)
_decode_page: Callable[[bytes], _Page | list[msgspec.Raw]] = msgspec.json.Decoder(_Page | list[msgspec.Raw]).decode
_decode_any = msgspec.json.Decoder().decode
_decode_listed = msgspec.json.Decoder(_Listed).decode


class EncodedRecord(Mapping[str, Any]):
    """A record, decoded when somebody looks at more of it than lists do."""

    __slots__ = ("_encoded", "_listed", "_whole")

    def __init__(self, encoded: bytes) -> None:
        """Raises msgspec.DecodeError, e.g. if it isn't an object."""
        self._encoded = encoded
        self._listed = _decode_listed(encoded)
        self._whole: Mapping[str, Any] | None = None

    def get(self, name: str, default: Any = None) -> Any:
        if self._whole is not None or default is not None or name not in _LISTED:
            return self._decoded().get(name, default)
        value = getattr(self._listed, name)
        return _decode(value) if type(value) is msgspec.Raw else value

    def __getitem__(self, name: str) -> Any:
        return self._decoded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoded())

    def __len__(self) -> int:
        return len(self._decoded())

    def __copy__(self) -> "EncodedRecord":
        """Return the same record, for somebody to look at: what the copy decodes isn't kept in this one."""
        copy = object.__new__(type(self))
        copy._whole = self._whole
        if self._whole is None:
            copy._encoded, copy._listed = self._encoded, self._listed
        return copy

    def __sizeof__(self) -> int:
        if self._whole is not None:
            return sys.getsizeof(self._whole)
        return len(self._encoded) + _BESIDE_JSON

    @property
    def fingerprint(self) -> int | None:
        """Return a number that is another one for any other JSON, in this process; None once all of it is decoded."""
        return hash(self._encoded) if self._whole is None else None

    def _decoded(self) -> Mapping[str, Any]:
        if self._whole is None:
            self._whole = protocol.decode(self._encoded)
            del self._encoded, self._listed  # they would take half as much memory again
        return self._whole


def decode_page(body: bytes) -> Records:
    """Return the page in a list operation's answer. Raises KickscaleUnreadable."""
    try:
        body.decode()  # msgspec doesn't check the texts that it skips
        page = _decode_page(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Another shape, or JSON that only other decoders accept.
        return protocol.read_page(protocol.decode(body))
    if isinstance(page, list):
        return Records([_record(item) for item in page])
    return Records([_record(item) for item in page.data], protocol.total(page.meta))


def _decode(value: msgspec.Raw) -> Any:
    try:
        return _decode_any(value)
    except (msgspec.DecodeError, RecursionError):
        return protocol.decode(bytes(value))


def _record(item: msgspec.Raw) -> Any:
    encoded = bytes(item)  # the item itself would keep the whole page in memory
    try:
        return EncodedRecord(encoded)
    except (msgspec.DecodeError, RecursionError):
        return protocol.decode(encoded)
