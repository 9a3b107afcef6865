"""Clients of the embedded Kickscale that know nothing of the bot's own."""

import ssl
from typing import Any

import httpx

from bot.sandbox.kickscale import EmbeddedKickscale


def client_of(kickscale: EmbeddedKickscale) -> httpx.AsyncClient:
    """A client with the right credentials; redirects are shown, not followed."""
    return stranger_to(kickscale, {"api-key": kickscale.api_key, "client-id": kickscale.client_id})


def stranger_to(kickscale: EmbeddedKickscale, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """Return a client with only these headers."""
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default one reads every authority of the machine, for nothing
    return httpx.AsyncClient(base_url=kickscale.base_url, headers=headers, timeout=10, verify=plain, trust_env=False)


def ids(response: httpx.Response) -> list[Any]:
    """The ids of a list's answer, in its order."""
    return [record["id"] for record in response.json()["data"]]
