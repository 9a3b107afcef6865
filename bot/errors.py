"""Everything that can go wrong on purpose.

    BotError
    ├── CommandError          what was typed is not understood
    ├── AccessDenied          this person may not have this here
    ├── AccessUndecided       whether they may is not known, since Slack didn't answer
    ├── ConfigError           a setting is wrong or missing
    ├── GoneError             a stored question or conversation is not there any more
    ├── RangeTooWide          the answer would take over a hundred pages
    ├── RecordingRefused      a file that was asked for can't be taken
    ├── KickscaleError
    │   ├── CredentialsRefused    403 or 401
    │   ├── KickscaleRateLimited  429, for longer than we wait
    │   ├── KickscaleTimeout      no answer before the deadline
    │   ├── KickscaleUnavailable  5xx, or no connection
    │   ├── KickscaleRejected     any other 4xx, with the API's own words
    │   ├── KickscaleRedirected   a redirect, which is never followed
    │   ├── UploadOutcomeUnknown  a recording was on its way, and whether it arrived is not known
    │   └── KickscaleUnreadable   an answer that is not what the API promises
    └── SlackError
        ├── NotInChannel          the bot is not a member of the channel
        ├── SlackDenied           token or scope
        └── SlackUnavailable      no answer, 5xx, or a 429 for longer than we wait

Each carries facts, not sentences: `bot.render.errors` turns them into sentences. No exception of httpx or of
slack-sdk leaves the module that talks to the one or the other.
"""

from dataclasses import dataclass, field


class BotError(Exception):
    """The root. Never raised itself."""


@dataclass(eq=False)
class CommandError(BotError):
    """What was typed, what of it was not understood, the nearest word to it, and one valid example.

    `reason` is a key of the text catalogue (`command.error.<reason>`), `values` what its template needs.
    """

    typed: str
    reason: str
    values: dict[str, str] = field(default_factory=dict)
    suggestion: str | None = None
    example: str | None = None


@dataclass(eq=False)
class AccessDenied(BotError):
    """`reason` is a key of the text catalogue (`access.<reason>`), `values` what its template needs."""

    reason: str
    values: dict[str, str] = field(default_factory=dict)


class AccessUndecided(BotError):
    """Slack didn't say who somebody is. Nothing is shown, and a job asks again later."""


@dataclass(eq=False)
class ConfigError(BotError):
    """The variable's name and the remedy; never its value when that is a secret."""

    variable: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.remedy}"


@dataclass(eq=False)
class GoneError(BotError):
    """`what` is a key of the text catalogue (`gone.<what>`): question, call, meeting, recording, transcript …"""

    what: str
    id: str = ""


@dataclass(eq=False)
class RangeTooWide(BotError):
    """`total` conversations were found where at most `limit` are read for one answer."""

    total: int | None
    limit: int


@dataclass(eq=False)
class RecordingRefused(BotError):
    """`reason` is a key of the text catalogue (`recording.refused.<reason>`), `values` what its template needs.

    gone, gone_from_disk, changed_on_disk, external, hidden, permission, truncated, empty, not_media, format, too_large,
    unreachable.
    """

    reason: str
    name: str = ""
    values: dict[str, str] = field(default_factory=dict)


class KickscaleError(BotError):
    """The API did not give what was asked for."""


@dataclass(eq=False)
class CredentialsRefused(KickscaleError):
    """403, or 401: the key or the client id is wrong, or the key is over a year old; or a person may not do it.

    `message` is the API's own words, unescaped; empty where they say no more than that.
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


@dataclass(eq=False)
class KickscaleRejected(KickscaleError):
    """A 4xx that is neither credentials, rate nor not-found: `message` is the API's own words, unescaped."""

    status: int
    message: str


@dataclass(eq=False)
class KickscaleRedirected(KickscaleError):
    """A redirect. Following one would replay the credentials elsewhere."""

    location: str = ""


class UploadOutcomeUnknown(KickscaleError):
    """The connection broke, or a 5xx came, after bytes were sent: the call may be there. Never sent again blindly."""


@dataclass(eq=False)
class KickscaleUnreadable(KickscaleError):
    """Not JSON, or JSON of no known shape."""

    detail: str = ""


@dataclass(eq=False)
class SlackError(BotError):
    """Slack said no. `code` is Slack's own word for it, such as `channel_not_found`."""

    code: str = ""


class NotInChannel(SlackError):
    """The bot cannot post there until somebody invites it; of a `direct_message` between two people nobody can."""


class SlackDenied(SlackError):
    """The token is invalid or lacks a scope."""


class SlackUnavailable(SlackError):
    """No answer, a 5xx, or a 429 for longer than we wait."""
