"""The settings: read once from the environment or a `.env` file, checked, and passed down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, model_validator

from bot.config.access_rules import read_bound_channels, read_holders, read_ids
from bot.config.addresses import read_hosts
from bot.config.api_overrides import read_api_overrides
from bot.config.environment import check_environment, find_unknown, read_environment
from bot.config.values import (
    AUDIT_KEPT,
    AppToken,
    BotToken,
    BoundChannels,
    Bytes,
    Channels,
    DatabaseUrl,
    Day,
    Days,
    DaysByKind,
    DaysOrNever,
    DaysOrNone,
    Few,
    FilePath,
    Groups,
    HexSecrets,
    HoldersOfChannelText,
    HoldersText,
    Host,
    Hosts,
    LinkTemplate,
    LogFormat,
    LogLevel,
    Override,
    Pause,
    Port,
    SafeAddress,
    Secret,
    Show,
    SlackAddress,
    Switch,
    Users,
    UsersAndGroups,
    Visibility,
    Zone,
    days_by_kind,
    read_hex_secrets,
    without_blanks,
)
from bot.errors import ConfigError
from bot.model.access import AccessRules, Capability
from bot.model.api_overrides import ApiOverrides
from bot.model.audit import AuditKind
from bot.tools.database_urls import describe_database

NONE = SecretStr("")
SETUP = "kickscale-bot init asks for what is missing, says where to find it, and writes it to .env."
"""What to do if required settings are missing."""


class Settings(BaseModel):
    """All settings. One that isn't set is an empty string, an empty secret or None.

    The constructor uses only its arguments; `load` reads the environment too.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    _unknown: tuple[str, ...] = PrivateAttr(default=())

    slack_bot_token: BotToken = Field(
        default=NONE, description="the Slack app's Bot User OAuth Token; starts with `xoxb-`"
    )
    slack_app_token: AppToken = Field(
        default=NONE, description="an app-level token with `connections:write`, for Socket Mode; starts with `xapp-`"
    )
    slack_signing_secret: Secret = Field(default=NONE, description="the Slack app's signing secret, for HTTP")
    slack_api_url: SlackAddress = Field(
        default="https://slack.com/api/", description="the address of Slack's Web API; GovSlack has its own"
    )
    kickscale_api_key: Secret = Field(default=NONE, description="the Kickscale API key")
    kickscale_client_id: Secret = Field(default=NONE, description="the client ID that goes with the API key")
    kickscale_base_url: SafeAddress = Field(
        default="https://api.kickscale.com", description="the address of the Kickscale API"
    )
    kickscale_webhook_secret: HexSecrets = Field(
        default=NONE,
        description="the secret of the Kickscale webhook, in hexadecimal; during a change, the new and the old one, "
        "separated by a comma",
    )
    kickscale_api_key_created: Day = Field(
        default=None, description="the day the API key was created, e.g. `2026-11-23`; a key expires after a year"
    )
    kickscale_link_template: LinkTemplate = Field(
        default="",
        description="the address of a conversation in Kickscale's web app, with `{id}` and optionally `{kind}`; "
        "without it, there are no links",
    )
    kickscale_domain_filter: Override = Field(
        default="",
        description="overrides the API's customer-domain filter: "
        "`NAME`, `NAME:single`, `NAME:repeated`, `NAME:comma` or `none`",
    )
    kickscale_call_path: Override = Field(
        default="", description="overrides the path of a single call: `/calls/{id}` or `/calls?id=`"
    )
    kickscale_meeting_path: Override = Field(
        default="", description="overrides the path of a single meeting: `/meetings/{id}` or `/meetings?id=`"
    )
    kickscale_upload: Override = Field(
        default="",
        description="overrides how recordings are uploaded: "
        "`multipart`, `presigned` or `url`, then a path and a field, e.g. `multipart /calls/upload file`",
    )
    kickscale_max_upload: Bytes = Field(
        default=None,
        description="the largest recording that Kickscale accepts, in bytes; overrides its OpenAPI document "
        "(the bot itself has no limit)",
    )
    kickscale_storage_hosts: Hosts = Field(
        default="",
        description="the only hosts, besides the API's own, that recordings are uploaded to and linked from, e.g. "
        "`*.amazonaws.com`; if unset, any public host",
    )
    public_url: SafeAddress = Field(default="", description="the bot's own public address, if it has one")
    upload_concurrency: Few = Field(
        default=2, description="how many recordings are uploaded at the same time; the rest wait their turn"
    )
    live_poll_seconds: Pause = Field(
        default=300,
        description="how often, in seconds, to look for new calls for `live` subscriptions; "
        "Kickscale's webhook only covers meetings",
    )
    allowed_users: Users = Field(
        default="",
        description="the only people who may use the bot, as Slack user IDs (`U…`); see also `ALLOWED_GROUPS`",
    )
    allowed_groups: Groups = Field(
        default="",
        description="the only Slack user groups (`S…`) whose members may use the bot; see also `ALLOWED_USERS`",
    )
    allowed_channels: Channels = Field(
        default="", description="the only channels (`C…`; direct messages `D…`) where the bot may be used"
    )
    admins: UsersAndGroups = Field(default="", description="the bot's admins, as IDs of Slack users and user groups")
    channel_domains: BoundChannels = Field(
        default="",
        description="channels that are limited to certain customers, "
        "e.g. `C0123456789=acme.com,*.acme.com C0987654321=example.com`",
    )
    visibility: Visibility = Field(
        default="workspace",
        description="which conversations people see: with `workspace`, all external ones; with `kickscale`, only those "
        "they own or attended, matched by email address (admins see all)",
    )
    internal_for: HoldersText = Field(
        default="own", description="who sees internal meetings; docs/privacy.md explains the values"
    )
    transcripts_for: HoldersText = Field(
        default="all", description="who gets transcripts, and sees what insights quote from them"
    )
    recordings_for: HoldersText = Field(default="all", description="who gets recording links")
    email_drafts_for: HoldersText = Field(default="own", description="who sees drafts of follow-up emails")
    coaching_metrics: HoldersText = Field(
        default="self", description="who sees a rep's talk share, ratings and other metrics; by default, only that rep"
    )
    sharing_for: HoldersOfChannelText = Field(default="all", description="who may share answers in a channel")
    subscriptions_for: HoldersOfChannelText = Field(default="all", description="who may change a channel's digests")
    uploads_for: HoldersOfChannelText = Field(
        default="all", description="who may upload recordings, and change a channel's upload settings"
    )
    guests_listening: Show = Field(
        default="hold",
        description="what is posted in channels with guests: everything (`post`), a card without content (`bare`) "
        "or nothing (`hold`)",
    )
    outsiders_listening: Show = Field(
        default="hold", description="the same for channels that are shared with another company"
    )
    database_path: FilePath = Field(
        default=Path("kickscale-bot.db"),
        description="the SQLite database; created at the first start, readable only by you",
    )
    database_url: DatabaseUrl = Field(
        default=NONE, description="a PostgreSQL database instead of the file, `postgresql://user:password@host/name`"
    )
    messages_kept_days: DaysOrNever = Field(
        default=None,
        description="after how many days the bot deletes its own messages about conversations and recordings; "
        "if unset, never",
    )
    copies_kept_days: Days = Field(
        default=90,
        description="after how many days the bot forgets questions, finished jobs and upload details; "
        "buttons on older answers then say that they have expired",
    )
    audit_kept_days: DaysByKind = Field(
        default=AUDIT_KEPT,
        description="how many days the audit log is kept, with `KIND=DAYS` for exceptions",
    )
    mirror_days: DaysOrNone = Field(
        default=400,
        description="how many days of conversations the bot copies into its database: names, summaries, action items, "
        "questions, insights, participants and metrics; 0 copies none and deletes the copies",
    )
    mirror_transcripts: Switch = Field(
        default="off", description="whether to copy transcripts too: `on`, or `off`, which also deletes the copies"
    )
    default_timezone: Zone = Field(
        default="UTC", description="the time zone for people without one in their Slack profile"
    )
    log_level: LogLevel = Field(default="INFO", description="`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`")
    log_format: LogFormat = Field(default="text", description="`text` or `json`")
    host: Host = Field(
        default="127.0.0.1", description="the address to listen on; `0.0.0.0` means all addresses of this machine"
    )
    port: Port = Field(
        default=None,
        description="the HTTP port, or 0 for any free one; if unset, 3000 (in Socket Mode: no HTTP server)",
    )
    metrics_token: Secret = Field(
        default=NONE,
        description="the bearer token for `/metrics`; if unset, only direct requests from this machine are answered",
    )

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, values: Mapping[str, object]) -> Mapping[str, object]:
        return without_blanks(values)

    @classmethod
    def load(cls, env_file: str | Path | None = ".env") -> Self:
        """Return the settings in the environment and in `env_file`; the former take precedence. Raises ConfigError."""
        check_environment()
        from_file, from_environment = read_environment(env_file)
        values = without_blanks(from_file) | without_blanks(from_environment)
        settings = cls.explicit(**values)
        settings._unknown = find_unknown(values, from_file, cls.model_fields)  # noqa: SLF001 its own class
        return settings

    @classmethod
    def explicit(cls, **values: Any) -> Self:
        """Return settings with only these values, not the environment's. Raises ConfigError for those that are bad."""
        try:
            return cls(**values)
        except ValidationError as exc:
            # `from None`: the cause would contain the value.
            raise _config_error(exc) from None

    @property
    def unknown(self) -> tuple[str, ...]:
        """A sentence about each variable that looks like a setting and isn't one."""
        return self._unknown

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that Kickscale's webhooks may be signed with; empty if there is none."""
        return read_hex_secrets(self.kickscale_webhook_secret)

    @property
    def storage_hosts(self) -> tuple[str, ...]:
        """The only hosts that recordings may be on; empty if any public host may be used."""
        return read_hosts(self.kickscale_storage_hosts)

    @property
    def messages_kept(self) -> timedelta | None:
        """None if they are kept forever."""
        return timedelta(days=self.messages_kept_days) if self.messages_kept_days is not None else None

    @property
    def copies_kept(self) -> timedelta:
        return timedelta(days=self.copies_kept_days)

    def missing(self) -> tuple[tuple[str, str], ...]:
        """Return each setting that `run` needs but that isn't set, with what to set it to."""
        needed: Mapping[str, tuple[SecretStr, str]] = {
            "SLACK_BOT_TOKEN": (
                self.slack_bot_token,
                "the Bot User OAuth Token from the app's OAuth & Permissions page",
            ),
            "SLACK_APP_TOKEN": (
                self.slack_app_token if self.slack_app_token.get_secret_value() else self.slack_signing_secret,
                "an app-level token for Socket Mode, or SLACK_SIGNING_SECRET for HTTP",
            ),
            "KICKSCALE_API_KEY": (
                self.kickscale_api_key,
                "a key from Settings → Integrations → API & Webhooks in Kickscale",
            ),
            "KICKSCALE_CLIENT_ID": (self.kickscale_client_id, "the client ID shown next to the API key in Kickscale"),
        }
        return tuple((name, what) for name, (value, what) in needed.items() if not value.get_secret_value())

    def require_run(self) -> None:
        """Raise ConfigError for the settings that `run` needs but that aren't set."""
        _require(self.missing())

    def require_upload(self) -> None:
        """Raise ConfigError for the settings that `upload` needs but that aren't set: nothing for Slack."""
        _require((name, what) for name, what in self.missing() if name.startswith("KICKSCALE_"))

    @property
    def http_port(self) -> int | None:
        """The port of the HTTP server; None if there is no server."""
        if self.port is None and not self.slack_app_token.get_secret_value():
            return 3000
        return self.port

    @property
    def reached_at(self) -> str:
        """The public address of the HTTP server; empty if it has none."""
        return self.public_url if self.http_port is not None else ""

    def audit_kept(self) -> Mapping[AuditKind, timedelta]:
        """Return how long each kind of audit row is kept."""
        return {kind: timedelta(days=days) for kind, days in days_by_kind(self.audit_kept_days).items()}

    def api_overrides(self) -> ApiOverrides:
        """Return what overrides Kickscale's OpenAPI document."""
        overrides = read_api_overrides(
            domain_filter=self.kickscale_domain_filter,
            call_path=self.kickscale_call_path,
            meeting_path=self.kickscale_meeting_path,
            upload=self.kickscale_upload,
        )
        return replace(overrides, max_upload=self.kickscale_max_upload)

    def access_rules(self) -> AccessRules:
        """Return who may have what."""
        return AccessRules(
            users=read_ids(self.allowed_users, "U"),
            groups=read_ids(self.allowed_groups, "S"),
            channels=read_ids(self.allowed_channels, "C"),
            admins=read_ids(self.admins, "US"),
            bound=read_bound_channels(self.channel_domains),
            holders={
                Capability.INTERNAL: read_holders(self.internal_for),
                Capability.TRANSCRIPT: read_holders(self.transcripts_for),
                Capability.RECORDING: read_holders(self.recordings_for),
                Capability.EMAIL_DRAFT: read_holders(self.email_drafts_for),
                Capability.METRICS: read_holders(self.coaching_metrics),
                Capability.SHARE: read_holders(self.sharing_for),
                Capability.SUBSCRIBE: read_holders(self.subscriptions_for),
                Capability.UPLOAD: read_holders(self.uploads_for),
            },
            by_kickscale=self.visibility == "kickscale",
            guests=self.guests_listening,
            outsiders=self.outsiders_listening,
        )

    @property
    def database_name(self) -> str:
        """Return which database the bot uses, without a password."""
        url = self.database_url.get_secret_value()
        return describe_database(url) if url else str(self.database_path.resolve())

    def secrets(self) -> tuple[str, ...]:
        """Return every secret that is set, in plain text, so that the log can leave them out."""
        values = (getattr(self, name) for name in type(self).model_fields if name != "kickscale_webhook_secret")
        others = (value.get_secret_value() for value in values if isinstance(value, SecretStr) and value)
        return (*others, *self.webhook_secrets)


def _require(missing: Iterable[tuple[str, str]]) -> None:
    if problems := [ConfigError(name, f"is not set. Set it to {what}.") for name, what in missing]:
        raise _combined(problems)


def _config_error(error: ValidationError) -> ConfigError:
    problems = []
    for found in error.errors(include_url=False, include_input=False):
        reason = (found.get("ctx") or {}).get("error")
        name = str(found["loc"][0]).upper()
        problems.append(ConfigError(name, str(reason) if reason is not None else "has an invalid value."))
    return _combined(problems)


def _combined(problems: Sequence[ConfigError]) -> ConfigError:
    """Return one error for all of them."""
    first, *others = problems
    return replace(first, others=tuple(others))
