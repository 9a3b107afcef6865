"""Calls of Slack's Web API, within its rate limits (https://docs.slack.dev/apis/web-api/rate-limits).

The SDK's own retry handlers are off: they would repeat a post that may have reached Slack. Only calls that can be
repeated safely are repeated here.
"""

import functools
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import SlackUnavailable
from bot.observe.requests import Observe, ignore
from bot.slack.failures import outcome, read_failure
from bot.tools.backoff import Backoff

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=60)
"""How long a call waits for rate limits before it gives up."""
TRIES = 3
BACKOFF = Backoff(first=1.0)


class Calls:
    """Every call of a Web API method goes through here."""

    def __init__(self, client: AsyncWebClient, clock: Clock, observe: Observe = ignore) -> None:
        self.client = client
        self.clock = clock
        self.observe = observe
        self.drift = timedelta(0)
        """How far the machine's clock was ahead of Slack's at the latest answer."""
        self.bot_user = ""
        """The bot's own user id, once it is known."""
        self._blocked_until: dict[str, timedelta] = {}

    async def call(
        self,
        method: str,
        send: Callable[[], Awaitable[Any]],
        *,
        repeatable: bool = True,
        patience: timedelta = PATIENCE,
        channel: str = "",
    ) -> Any:
        """Return Slack's answer to `method`, which `send` calls. Raises SlackError.

        A 429 blocks the method until `Retry-After` is over. `channel` is the channel that the call is about, if a
        person will read why it failed.
        """
        give_up_at = self.clock.elapsed() + patience
        attempt = 0
        while True:
            attempt += 1
            blocked_until = self._blocked_until.get(method)
            if blocked_until is not None and blocked_until > max(give_up_at, self.clock.elapsed()):
                raise SlackUnavailable("ratelimited")
            await self.sleep_until(blocked_until)
            started = time.perf_counter()
            try:
                response = await send()
            except SlackApiError as exc:
                error, retry_after = read_failure(exc, channel, self.bot_user)
                self.observe(method, outcome(error), time.perf_counter() - started)
                if retry_after is not None:
                    self._blocked_until[method] = self.clock.elapsed() + timedelta(seconds=retry_after)
                    if self._blocked_until[method] <= give_up_at:
                        log.info("%s is rate-limited for %s seconds", method, retry_after)
                        continue
                elif repeatable and isinstance(error, SlackUnavailable) and attempt < TRIES:
                    await self.clock.sleep(BACKOFF.pause(attempt))
                    continue
                raise error from exc
            except (aiohttp.ClientError, TimeoutError, AttributeError, ValueError) as exc:
                # AttributeError: the SDK looks for `ok` in the plain text that a proxy sent (async_slack_response.py).
                # ValueError: the body is not UTF-8.
                self.observe(method, "no_answer", time.perf_counter() - started)
                if attempt < TRIES and (repeatable or isinstance(exc, aiohttp.ClientConnectorError)):
                    await self.clock.sleep(BACKOFF.pause(attempt))
                    continue
                raise SlackUnavailable("no_answer") from exc
            self.observe(method, "ok", time.perf_counter() - started)
            if (answered_at := read_date(response.headers.get("date", ""))) is not None:
                self.drift = self.clock.now() - answered_at
            return response

    async def pages(self, method: str, read: Callable[..., Awaitable[Any]]) -> AsyncIterator[Any]:
        """Yield every page of a list (https://docs.slack.dev/apis/web-api/pagination). Raises SlackError."""
        cursor = ""
        while True:
            response = await self.call(method, functools.partial(read, cursor=cursor))
            yield response
            cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def sleep_until(self, when: timedelta | None) -> None:
        """Sleep until this time of the clock's `elapsed`; return at once if there is none or it is over."""
        if when is not None and (seconds := (when - self.clock.elapsed()).total_seconds()) > 0:
            await self.clock.sleep(seconds)


@functools.lru_cache(maxsize=8)  # many answers come within a second
def read_date(header: str) -> datetime | None:
    """Return the moment of a `Date` header, or None if it has none."""
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
