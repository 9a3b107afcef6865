"""Failures on demand: what the API, or the network before it, does to the next requests of a path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from fnmatch import fnmatchcase


class Stage(StrEnum):
    """How far a request has got when something happens to it. All but the first are only for uploads."""

    REQUEST = "request"
    """Its headers have arrived, and nothing of its body was read: the answer comes early."""
    MIDDLE = "middle"
    """Its recording is arriving."""
    READ = "read"
    """All of it has arrived and is valid, but nothing is stored."""
    STORED = "stored"
    """The call is stored."""


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` requests of a path. See `Faults.add`."""

    path: str
    stage: Stage = Stage.REQUEST
    after: int = 0
    status: int = 0
    message: str | Sequence[str] = ""
    retry_after: str = ""
    redirect: str = ""
    body: str | None = None
    content_type: str = "application/json"
    is_hang: bool = False
    is_truncated: bool = False
    is_broken: bool = False
    latency: float = 0.0
    times: int = 1


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        path: str,
        *,
        stage: Stage = Stage.REQUEST,
        after: int = 0,
        status: int = 0,
        message: str | Sequence[str] = "",
        retry_after: float | datetime | str = "",
        redirect: str = "",
        body: str | None = None,
        content_type: str = "application/json",
        hang: bool = False,
        truncated: bool = False,
        broken: bool = False,
        latency: float = 0.0,
        times: int = 1,
    ) -> None:
        """Order a fault for a path, in which `*` matches anything. Several faults for a path happen in the order added.

        - `stage` is when: at once, or later in an upload; in its middle, that is `after` this many bytes
        - `status` answers with NestJS's body for it, or with its `message`
        - `retry_after` goes with a `status`: seconds or a moment (sent as an HTTP date)
        - `redirect` answers 302 (or `status`) to that address
        - `body` answers with that text, as `content_type`, with 200 (or `status`): broken JSON, an HTML page
        - `hang` waits for `EmbeddedKickscale.release()`, and then answers as usual
        - `truncated` promises the usual answer and closes the connection in the middle of it
        - `broken` closes the connection without an answer
        - `latency` adds seconds before any of these, or before the usual answer
        """
        wait = format_datetime(retry_after, usegmt=True) if isinstance(retry_after, datetime) else str(retry_after)
        self._faults.append(
            Fault(
                path,
                stage=stage,
                after=after,
                status=status,
                message=message,
                retry_after=wait,
                redirect=redirect,
                body=body,
                content_type=content_type,
                is_hang=hang,
                is_truncated=truncated,
                is_broken=broken,
                latency=latency,
                times=times,
            )
        )

    def clear(self) -> None:
        self._faults.clear()

    def take(self, path: str, stage: Stage = Stage.REQUEST, piece: range = range(1)) -> Fault | None:
        """Return the fault for this request, if any. In the middle of a recording, `piece` is which bytes arrived."""
        for fault in self._faults:
            if fault.stage is stage and fault.after in piece and fnmatchcase(path, fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None
