"""Every failure that the bot expects.

    BotError
    ├── CommandError          a command wasn't understood
    ├── AccessDenied          this person may not have this here
    ├── AccessUndecided       Slack didn't answer, so it isn't known whether they may
    ├── ConfigError           a setting is wrong or missing
    │   └── NoDatabase            it leads to a place without a database of the bot
    ├── GoneError             a stored question or conversation isn't there any more
    ├── RangeTooWide          the answer would take over a hundred pages
    ├── RecordingRefused      a file can't be uploaded
    ├── KickscaleError
    │   ├── CredentialsRefused    403 or 401
    │   ├── KickscaleRateLimited  429, for longer than we wait
    │   ├── KickscaleTimeout      no answer before the deadline
    │   ├── KickscaleUnavailable  5xx, or no connection
    │   ├── KickscaleRejected     any other 4xx, with the API's own words
    │   ├── KickscaleRedirected   a redirect, which is never followed
    │   ├── UploadOutcomeUnknown  a recording was sent, and it isn't known whether it arrived
    │   └── KickscaleUnreadable   an answer that isn't what the API promises
    └── SlackError
        ├── NotInChannel          the bot is not a member of the channel
        ├── SlackDenied           token or scope
        └── SlackUnavailable      no answer, 5xx, or a 429 for longer than we wait

They carry facts, which `bot.render.errors` turns into sentences. Exceptions of httpx and slack-sdk don't leave the
modules that use these libraries.
"""

from dataclasses import dataclass, field
from typing import Literal

ConnectionCause = Literal["dns", "certificate", "tls", "refused", ""]
"""Why there is no connection: the host name isn't known, its certificate isn't trusted, it doesn't speak TLS, nothing
listens there, or something else.
"""


class BotError(Exception):
    """The base class. Only subclasses are raised."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another command that may have been meant."""

    text: str
    """What follows `/kickscale`, as Slack would send it."""
    shown: str
    """The same as people read it."""


@dataclass(eq=False)
class CommandError(BotError):
    """The command as it was typed, why it wasn't understood, what may have been meant, and a valid example.

    `reason` is a key of the text catalogue (`command.error.<reason>`), and `values` is what its template needs.
    """

    typed: str
    reason: str
    values: dict[str, str] = field(default_factory=dict)
    instead: tuple[str, ...] = ()
    """What could take the place of the words that weren't understood."""
    suggestions: tuple[Suggestion, ...] = ()
    """Whole commands that can be run."""
    example: str | None = None
    may_be_new_name: bool = False
    """Whether a word that wasn't understood may be a customer's name that the bot hasn't read yet."""


@dataclass(eq=False)
class AccessDenied(BotError):
    """`reason` is a key of the text catalogue (`access.<reason>`), and `values` is what its template needs."""

    reason: str
    values: dict[str, str] = field(default_factory=dict)


class AccessUndecided(BotError):
    """Slack didn't say who somebody is. Nothing is shown, and a job asks again later."""


@dataclass(eq=False)
class ConfigError(BotError):
    """A setting and what is wrong with it, but never the value of a secret.

    `remedy` continues the sentence that begins with the variable's name, and ends with a full stop: `must be …`.
    """

    variable: str
    remedy: str
    others: tuple["ConfigError", ...] = ()
    """Further settings that are wrong, so that all can be corrected at once."""

    def __str__(self) -> str:
        return "\n".join([f"{self.variable} {self.remedy}", *map(str, self.others)])


class NoDatabase(ConfigError):
    """There is no database of the bot where the settings say."""


@dataclass(eq=False)
class GoneError(BotError):
    """`what` is a key of the text catalogue (`gone.<what>`): question, call, meeting, recording, transcript …"""

    what: str
    id: str = ""


@dataclass(eq=False)
class RangeTooWide(BotError):
    """The range has `total` conversations (None if unknown), and at most `limit` are read for one answer."""

    total: int | None
    limit: int


@dataclass(eq=False)
class RecordingRefused(BotError):
    """`reason` is a key of the text catalogue (`recording.refused.<reason>`), and `values` is what its template needs.

    The reasons: gone, unseen, gone_from_disk, changed_on_disk, external, hidden, permission, redirected, redirects,
    truncated, empty, not_media, format, too_large, unreachable.
    """

    reason: str
    name: str = ""
    values: dict[str, str] = field(default_factory=dict)


class KickscaleError(BotError):
    """The API didn't do what it was asked to."""


@dataclass(eq=False)
class CredentialsRefused(KickscaleError):
    """403 or 401: the key or client id is wrong, the key is over a year old, or a person may not do this.

    `message` is the API's own words, unescaped; empty if they add nothing.
    """

    message: str = ""


@dataclass(eq=False)
class KickscaleRateLimited(KickscaleError):
    """429, and the wait it asks for (seconds) is longer than the deadline."""

    retry_after: float | None = None


class KickscaleTimeout(KickscaleError):
    """No answer within the overall deadline."""


@dataclass(eq=False)
class KickscaleUnavailable(KickscaleError):
    """5xx after every retry (`status`), or no connection at all (`status` is None)."""

    status: int | None = None
    why: ConnectionCause = ""
    """Why there is no connection, if that is known."""


@dataclass(eq=False)
class KickscaleRejected(KickscaleError):
    """Any other 4xx, except "not found". `message` is the API's own words, unescaped."""

    status: int
    message: str


@dataclass(eq=False)
class KickscaleRedirected(KickscaleError):
    """A redirect. Following it would send the credentials somewhere else."""

    location: str = ""


class UploadOutcomeUnknown(KickscaleError):
    """The connection broke, or a 5xx came, after all bytes were sent: the call may be there. Check before resending."""


@dataclass(eq=False)
class KickscaleUnreadable(KickscaleError):
    """Not JSON, or JSON of no known shape."""

    detail: str = ""


@dataclass(eq=False)
class SlackError(BotError):
    """Slack refused. `code` is Slack's own word for why, e.g. `channel_not_found`."""

    code: str = ""


@dataclass(eq=False)
class NotInChannel(SlackError):
    """The bot can't post there until somebody invites it.

    With the code `direct_message` it is a direct message between two people, where nobody can invite it. `bot` is the
    bot's own Slack user, if known.
    """

    bot: str = ""


class SlackDenied(SlackError):
    """The token is invalid or lacks a scope."""


@dataclass(eq=False)
class SlackUnavailable(SlackError):
    """No answer, a 5xx, or a 429 for longer than we wait."""

    why: ConnectionCause = ""
    """Why there is no connection, if that is known."""


DatabaseCause = Literal["full", "damaged", "removed", "readonly", "busy", "disk", "unreachable", "slow"]
_DATABASE: dict[DatabaseCause, tuple[str, str]] = {
    "full": ("the disk is full", "free up space where {path} is"),
    "damaged": ("the database is damaged", "stop the bot, and restore {path} from a backup"),
    "removed": (
        "the database file was removed or replaced while the bot was using it",
        "stop the bot, put {path} back, and start it again",
    ),
    "readonly": (
        "the database can't be opened or written to",
        "let the bot's user read and write {path} and, if that is a file, its folder",
    ),
    "busy": ("another process is locking the database", "find the process that uses {path}, and stop it"),
    "unreachable": ("the database doesn't answer", "check whether PostgreSQL is running, and can be reached ({path})"),
    "slow": ("the database takes too long", "check what keeps {path} busy"),
    "disk": ("the disk can't be read or written to", "check whether the disk with {path} is over quota or failing"),
}


@dataclass(eq=False)
class StorageFailed(Exception):
    """The database can't be used. `cause` is a key of the text catalogue (`errors.storage.<cause>`).

    Not a BotError: code that handles refusals by Slack or Kickscale must not take this for one.
    """

    cause: DatabaseCause
    path: str

    @property
    def what(self) -> str:
        """What is wrong, without the path: for everybody."""
        return _DATABASE[self.cause][0]

    @property
    def remedy(self) -> str:
        return _DATABASE[self.cause][1].format(path=self.path)

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}"
