"""Answers through the address (`response_url`) that comes with a command or a click."""

import time
from typing import TYPE_CHECKING

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import SlackError, SlackUnavailable
from bot.slack.addresses import is_slacks_own
from bot.slack.calls import BACKOFF, PATIENCE, TRIES, Calls
from bot.slack.failures import read_retry_after
from bot.tools.proxies import proxy_of

if TYPE_CHECKING:
    from bot.slack.payloads import Payload


class Responses:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def send(self, response_url: str, payload: "Payload", *, replace: bool = False) -> None:
        """Send an answer that only the asker sees.

        An address is good for 5 uses within 30 minutes
        (https://docs.slack.dev/interactivity/handling-user-interaction#message_responses). With `replace` the answer
        replaces the message that was clicked. Raises SlackError, also for an address that isn't Slack's: nobody else
        may get an answer.
        """
        client = self._calls.client
        if not is_slacks_own(response_url, client.base_url):
            raise SlackError("invalid_url")
        webhook = AsyncWebhookClient(response_url, session=client.session, retry_handlers=[])
        webhook.proxy = proxy_of(response_url)
        body = {**payload, "response_type": "ephemeral", "replace_original": replace}
        for attempt in range(1, TRIES + 1):
            started = time.perf_counter()
            try:
                response = await webhook.send_dict(body)
            except (aiohttp.ClientError, TimeoutError) as exc:
                # The answer may have arrived before the connection broke, so it is only sent again if there never was
                # a connection.
                self._calls.observe("response_url", "unavailable", time.perf_counter() - started)
                if not isinstance(exc, aiohttp.ClientConnectorError) or attempt == TRIES:
                    raise SlackUnavailable("no_answer") from exc
                await self._calls.pause("response_url", BACKOFF.pause(attempt))
                continue
            self._calls.observe("response_url", str(response.status_code), time.perf_counter() - started)
            if response.status_code == 200:
                return
            # After a 5xx too, the answer may have arrived. Two answers are better than none here.
            if response.status_code == 429 or response.status_code >= 500:
                retry_after = read_retry_after(response.headers.get("Retry-After"))
                if attempt == TRIES or retry_after > PATIENCE.total_seconds():
                    raise SlackUnavailable(str(response.status_code))
                await self._calls.pause("response_url", retry_after)
                continue
            raise SlackError(response.body[:100] or str(response.status_code))
