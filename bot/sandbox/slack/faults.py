"""Failures on demand, for tests and to see how the bot handles them."""

from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls of a method.

    `status` is an answer with that HTTP status (429 with `Retry-After`, 302 to the sign-in page), `error` is
    `{"ok": false, "error": …}` with 200, `is_hang` never answers, `is_broken` closes the connection without an answer.
    With `is_late` the call takes effect first, which the app can't know. `latency` delays the usual answer by as many
    seconds of the sandbox's clock.

    For downloads: `location` is where they are redirected; `is_html` is the sign-in page; `after` a number of bytes
    nothing more is sent (`is_hang`), or the connection is closed, or the answer declared no more from the beginning
    (`is_short`); `pause` is how many seconds of the sandbox's clock pass after each chunk.
    """

    method: str
    status: int = 200
    error: str = ""
    retry_after: int = 1
    is_hang: bool = False
    is_broken: bool = False
    is_late: bool = False
    is_html: bool = False
    is_short: bool = False
    location: str = ""
    after: int | None = None
    pause: float = 0
    latency: float = 0
    times: int = 1

    @property
    def is_answer(self) -> bool:
        """Whether it replaces a whole download, and not a part of it."""
        is_of_the_bytes = self.is_html or self.is_short or self.pause or self.after is not None
        return not is_of_the_bytes


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        method: str,
        *,
        status: int = 200,
        error: str = "",
        retry_after: int = 1,
        hang: bool = False,
        broken: bool = False,
        late: bool = False,
        html: bool = False,
        short: bool = False,
        location: str = "",
        after: int | None = None,
        pause: float = 0,
        latency: float = 0,
        times: int = 1,
    ) -> None:
        """Order a fault for a Web API method, or for `response_url`, `upload` or `download`. `*` matches all."""
        self._faults.append(
            Fault(
                method,
                status=status,
                error=error,
                retry_after=retry_after,
                is_hang=hang,
                is_broken=broken,
                is_late=late,
                is_html=html,
                is_short=short,
                location=location,
                after=after,
                pause=pause,
                latency=latency,
                times=times,
            )
        )

    @property
    def ordered(self) -> int:
        """How many have not happened yet."""
        return sum(fault.times for fault in self._faults)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """Return the fault for this call, if any."""
        for fault in self._faults:
            if fault.method in {method, "*"}:
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault
        return None
