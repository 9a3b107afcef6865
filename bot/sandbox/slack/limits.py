"""How fast Slack lets an app call: https://docs.slack.dev/apis/web-api/rate-limits"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock

# "1+", "20+", "50+", "100+ per minute" for each method and workspace.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass(frozen=True, slots=True)
class Limits:
    """`posts_per_second` is for each channel; `burst` posts go through before it counts. Zero switches a limit off.

    "Your app may post one message per second per channel, while allowing for bursts over that limit for short
    periods": how many is not said.
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
        """Take a channel's place for one message. Returns 0, or the seconds to wait when there is none."""
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
        """Count a call of a method. Returns 0, or the seconds to wait when its tier is used up."""
        if not self.limits.tiers or not tier:
            return 0
        now = self._clock.now()
        made = self._minutes[method]
        while made and now - made[0] >= timedelta(minutes=1):
            made.popleft()
        if len(made) >= TIERS[tier]:
            return max(1, math.ceil(60 - (now - made[0]).total_seconds()))
        made.append(now)
        return 0
