"""How long to pause before the next attempt."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that grow by `factor` from `first`, up to `longest`. All are in seconds."""

    first: float
    factor: float = 2.0
    longest: float = inf

    def pause(self, attempt: int) -> float:
        """Return the pause after this many attempts, counted from 1."""
        # With the exponent capped, a job that was tried for months doesn't overflow a float.
        return min(self.first * self.factor ** min(attempt - 1, 60), self.longest)
