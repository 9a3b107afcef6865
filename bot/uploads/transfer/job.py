"""The jobs that bring a recording to Kickscale, and wait for its analysis: what they are given, and what they note."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.kickscale.uploading.sender import Address
from bot.model.job import JobKind, NoProgress
from bot.model.uploads import Upload


@dataclass(frozen=True, slots=True)
class Transfer:
    upload: int
    round: int
    """`Upload.round` when the job was promised; it does nothing once the upload was started again."""


@dataclass(frozen=True, slots=True)
class NotedAddress:
    """Where the bytes are to be put."""

    url: str
    method: str
    headers: dict[str, str] = field(default_factory=dict)
    call: str = ""

    @classmethod
    def of(cls, address: Address) -> "NotedAddress":
        return cls(address.url, address.method, dict(address.headers), address.call)

    def read(self) -> Address:
        return Address(self.url, self.method, self.headers, self.call)


@dataclass(frozen=True, slots=True)
class AttemptProgress:
    """What attempts at one transfer have noted. Moments are ISO 8601 text, and empty if there is none."""

    sending: str = ""
    """Since when the recording may be there. Empty as long as it certainly isn't."""
    address: NotedAddress | None = None
    """If the API wants the bytes at an address of its own. To put them there twice does no harm."""
    looked: str = ""
    """Since when the list of calls has been searched in vain."""
    waiting: str = ""
    """Since when the attempts wait for another upload, which may be of the same recording."""
    waits: int = 0
    """How often they did."""
    since: str = ""
    """When the first of the troubles came that another attempt may get past."""
    tries: int = 0
    """How many of these troubles came."""

    @property
    def sending_since(self) -> datetime | None:
        return _read(self.sending)

    @property
    def looking_since(self) -> datetime | None:
        return _read(self.looked)

    @property
    def waiting_since(self) -> datetime | None:
        return _read(self.waiting)

    @property
    def in_trouble_since(self) -> datetime | None:
        return _read(self.since)


@dataclass(frozen=True, slots=True)
class Follow:
    upload: int


TRANSFER = JobKind("transfer", Transfer, AttemptProgress)
FROM_DISK = JobKind("transfer_from_disk", Transfer, AttemptProgress)
"""Jobs of the command line. Each run does only those of the paths that it was given, also if an earlier run began."""
FOLLOW = JobKind("follow", Follow, NoProgress)


def transfer_key(kind: JobKind[Transfer, AttemptProgress], upload: Upload) -> str:
    return f"{kind.name}:{upload.id}:{upload.round}"


def follow_key(upload: Upload) -> str:
    return f"{FOLLOW.name}:{upload.id}:{upload.round}"


def _read(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
