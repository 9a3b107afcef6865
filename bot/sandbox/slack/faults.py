"""Faults to order: what Slack does on its bad days, for tests and for whoever wants to see how the bot takes it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls of a method.

    `status` alone is an answer with that HTTP status (429 with `Retry-After`), `error` is `{"ok": false, "error": …}`
    with 200, `is_hang` never answers, `is_broken` closes the connection without an answer. With `is_late` the call
    takes effect first: the app then cannot know.
    """

    method: str
    status: int = 200
    error: str = ""
    retry_after: int = 1
    is_hang: bool = False
    is_broken: bool = False
    is_late: bool = False
    times: int = 1


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
        times: int = 1,
    ) -> None:
        """Order a fault for a Web API method, or for `response_url` or `upload`. `*` is any of them."""
        self._faults.append(
            Fault(
                method,
                status=status,
                error=error,
                retry_after=retry_after,
                is_hang=hang,
                is_broken=broken,
                is_late=late,
                times=times,
            )
        )

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that hits this call, if any."""
        for fault in self._faults:
            if fault.method in {method, "*"}:
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault
        return None
