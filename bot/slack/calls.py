"""Calls of Slack's Web API, within its rate limits (https://docs.slack.dev/apis/web-api/rate-limits).

The SDK's own retry handlers are off: they would repeat a post that may have reached Slack. Only calls that can be
repeated safely are repeated here.
"""

import functools
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import SlackUnavailable
from bot.observe.requests import Observe, ignore
from bot.slack.failures import outcome, read_failure
from bot.tools.backoff import Backoff
from bot.tools.connecting import why_unreachable

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=60)
"""How long a call waits for rate limits before it gives up."""
TRIES = 3
BACKOFF = Backoff(first=1.0)
SPACING = 0.05
"""Seconds, on average, between two of those who waited for the same method, so that they don't all come back at the
same moment and are refused again.
"""


class Limits(Protocol):
    """What this bot and others of the same app have to know of one another, since Slack's limits hold for the app."""

    async def wait_for_turn(self, channel: str) -> None:
        """Return when no other bot has posted in a channel within a second, or is about to."""
        ...

    async def tell_blocked(self, method: str, until: datetime) -> None:
        """Tell the others that Slack accepts no calls of a method until then."""
        ...


class Alone:
    """There is no other bot."""

    async def wait_for_turn(self, channel: str) -> None: ...

    async def tell_blocked(self, method: str, until: datetime) -> None: ...


class Calls:
    """Every call of a Web API method goes through here."""

    def __init__(
        self,
        client: AsyncWebClient,
        clock: Clock,
        observe: Observe = ignore,
        random: Callable[[], float] = random.random,
    ) -> None:
        """`random` returns numbers from 0 to 1, by which those who wait are spread."""
        self.client = client
        self.clock = clock
        self.observe = observe
        self.limits: Limits = Alone()
        self._random = random
        self.drift = timedelta(0)
        """How far the machine's clock was ahead of Slack's at the latest answer."""
        self.bot_user = ""
        """The bot's own user id, once it is known."""
        self._blocked_until: dict[str, timedelta] = {}
        self._pausing: Counter[str] = Counter()
        """How many wait for each method."""

    def share(self, limits: Limits) -> None:
        """Heed the limits of other bots of the same app too."""
        self.limits = limits

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
            await self._wait_while_blocked(method, give_up_at)
            attempt += 1
            started = time.perf_counter()
            try:
                response = await send()
            except SlackApiError as exc:
                error, retry_after = read_failure(exc, channel, self.bot_user)
                self.observe(method, outcome(error), time.perf_counter() - started)
                if retry_after is not None:
                    until = self.clock.now() + timedelta(seconds=retry_after)
                    self.block(method, until)
                    await self.limits.tell_blocked(method, until)
                    if self._blocked_until[method] <= give_up_at:
                        log.info("%s is rate-limited for %s seconds", method, retry_after)
                        continue
                elif repeatable and isinstance(error, SlackUnavailable) and attempt < TRIES:
                    await self.pause(method, BACKOFF.pause(attempt))
                    continue
                raise error from exc
            except (aiohttp.ClientError, TimeoutError, AttributeError, ValueError) as exc:
                # AttributeError: the SDK looks for `ok` in the plain text that a proxy sent (async_slack_response.py).
                # ValueError: the body is not UTF-8.
                self.observe(method, "no_answer", time.perf_counter() - started)
                if attempt < TRIES and (repeatable or isinstance(exc, aiohttp.ClientConnectorError)):
                    await self.pause(method, BACKOFF.pause(attempt))
                    continue
                raise SlackUnavailable("no_answer", why_unreachable(exc)) from exc
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

    def block(self, method: str, until: datetime) -> None:
        """Call a method no more until then: Slack has said so, perhaps to another bot."""
        self._blocked_until[method] = self.clock.elapsed() + (until - self.clock.now())

    async def _wait_while_blocked(self, method: str, give_up_at: timedelta) -> None:
        """Raises SlackUnavailable at once if the method is blocked for longer than until `give_up_at`."""
        while (until := self._blocked_until.get(method, timedelta(0))) > (now := self.clock.elapsed()):
            if until > give_up_at:
                raise SlackUnavailable("ratelimited")
            await self.pause(method, (until - now).total_seconds())

    async def pause(self, method: str, seconds: float) -> None:
        """Return after so many seconds, or a little later if others wait for the method too."""
        self._pausing[method] += 1
        try:
            await self.clock.sleep(seconds)
            others = self._pausing[method] - 1
            await self.clock.sleep(self._random() * SPACING * others)
        finally:
            self._pausing[method] -= 1

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
