"""A client of the embedded Kickscale that knows nothing of the bot's own."""

from typing import Any

import httpx

from bot.sandbox.kickscale import EmbeddedKickscale


def client_of(kickscale: EmbeddedKickscale, **more: Any) -> httpx.AsyncClient:
    """An httpx client with the right credentials; redirects are shown, not followed."""
    headers = {"api-key": kickscale.api_key, "client-id": kickscale.client_id}
    return httpx.AsyncClient(base_url=kickscale.base_url, headers=headers, timeout=10, trust_env=False, **more)


def ids(response: httpx.Response) -> list[Any]:
    """The ids of a list's answer, in its order."""
    body = response.json()
    return [each["id"] for each in (body["data"] if isinstance(body, dict) else body)]
