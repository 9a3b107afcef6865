"""Slack's rate limits: https://docs.slack.dev/apis/web-api/rate-limits"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock

# "1+", "20+", "50+", "100+ per minute" for each method and workspace.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass(frozen=True, slots=True)
class Limits:
    """`posts_per_second` is for each channel, after a burst of `burst` posts. Zero switches a limit off.

    Slack: "Your app may post one message per second per channel, while allowing for bursts over that limit for short
    periods". It doesn't say how many.
    """

    posts_per_second: float = 1.0
    burst: int = 5
    tiers: bool = True


NO_LIMITS = Limits(posts_per_second=0, tiers=False)


class RateLimiter:
    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._tokens: dict[str, tuple[float, datetime]] = {}
        self._minutes: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def wait_for_post(self, channel: str) -> int:
        """Take a channel's turn for one message. Returns 0, or the seconds to wait if there is none yet."""
        rate, burst = self.limits.posts_per_second, self.limits.burst
        if not rate:
            return 0
        now = self._clock.now()
        tokens, since = self._tokens.get(channel, (float(burst), now))
        tokens = min(float(burst), tokens + (now - since).total_seconds() * rate)
        if tokens < 1:
            self._tokens[channel] = (tokens, now)
            return max(1, math.ceil((1 - tokens) / rate))
        self._tokens[channel] = (tokens - 1, now)
        return 0

    def wait_for_call(self, method: str, tier: int) -> int:
        """Count a call of a method. Returns 0, or the seconds to wait if its tier is used up."""
        if not self.limits.tiers or not tier:
            return 0
        now = self._clock.now()
        calls = self._minutes[method]
        while calls and now - calls[0] >= timedelta(minutes=1):
            calls.popleft()
        if len(calls) >= TIERS[tier]:
            return max(1, math.ceil(60 - (now - calls[0]).total_seconds()))
        calls.append(now)
        return 0
