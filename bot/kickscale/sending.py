"""Sending recordings to the API: the one place where something is made there."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from bot.kickscale.operations import Upload

Chunks = AsyncIterator[bytes | memoryview]
Observe = Callable[[str, str, float], None]


@dataclass(frozen=True, slots=True)
class Recording:
    """The bytes of a recording, and what is told of them."""

    name: str
    media_type: str
    size: int
    """Bytes, exactly."""
    chunks: Callable[[], Chunks]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API wants a recording's bytes."""

    url: str
    method: str
    headers: Mapping[str, str]
    call: str
    """The call's id; empty where the answer has none."""


class Sender:
    """Sends recordings. Nothing is ever sent twice in here."""

    def __init__(self, base_url: str, api_key: str, client_id: str, *, observe: Observe | None = None) -> None:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError

    async def send(self, operation: Upload, fields: Mapping[str, str], recording: Recording) -> str:
        """Multipart. Returns the call's id, or an empty text."""
        raise NotImplementedError

    async def begin(self, operation: Upload, fields: Mapping[str, str]) -> Address:
        """Presigned, the first step."""
        raise NotImplementedError

    async def put(self, address: Address, recording: Recording) -> None:
        """Presigned, the second step; no credentials are sent."""
        raise NotImplementedError

    async def send_address(self, operation: Upload, fields: Mapping[str, str], url: str) -> str:
        """Url. Returns the call's id, or an empty text."""
        raise NotImplementedError
