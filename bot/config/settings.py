"""The settings: read once from the environment or a `.env` file, checked, and passed down."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.config.environment import check_environment
from bot.errors import ConfigError
from bot.model.access import AccessRules, Capability
from bot.model.audit import AuditKind

if TYPE_CHECKING:
    from bot.kickscale.binding.bind import Binding

_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}  # noqa: RUF001 the curly ones come with a copied value
AUDIT_KEPT = "365 attested=3650 erased=3650"
_WITHOUT_CONVERSATION = ("sharing_for", "subscriptions_for", "uploads_for")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


# ---- how each kind of value is read: each raises ValueError with the remedy, which never repeats a secret ----------


def _secret(value: SecretStr) -> SecretStr:
    """Header values and HMAC keys: a line break or a stray letter from copying would fail later and less clearly."""
    if not re.fullmatch(r"[\x21-\x7e]*", value.get_secret_value()):
        raise ValueError("holds a space, a line break or a character that is not ASCII; copy it again, without them")
    return value


def _bot_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xoxb-"):
        raise ValueError("must begin with xoxb-; copy the Bot User OAuth Token from the app's OAuth & Permissions page")
    return _secret(value)


def _app_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xapp-"):
        raise ValueError("must begin with xapp-; make an app-level token under Basic Information")
    return _secret(value)


def _hex(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", value.get_secret_value()):
        raise ValueError("must be hexadecimal, two digits a byte; copy the webhook secret from Kickscale again")
    return value


def web_address(value: str) -> str:
    """An http or https address without a slash at its end. Raises ValueError with the remedy."""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError("must be an address such as https://bot.example.com")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must be an address alone, without a user, a question mark or a #")
    return value.rstrip("/")


def safe_address(value: str) -> str:
    """A `web_address` that credentials and recordings may be sent to: https, or http to this machine itself.

    Over http to anywhere else, whoever is on the way could read them. Raises ValueError with the remedy.
    """
    address = web_address(value)
    parts = urlsplit(address)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https://, as it is for nobody else to read; http:// is only for this machine")
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761, section 6.3


def _link_template(value: str) -> str:
    if "{id}" not in value or re.search(r"[{}\s<>|]", value.replace("{id}", "").replace("{kind}", "")):
        raise ValueError("must be an address with {id} in it, such as https://app.example.com/{kind}s/{id}")
    web_address(value.replace("{id}", "1").replace("{kind}", "call").partition("?")[0].partition("#")[0])
    return value


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day such as 2026-11-23") from None


def _zone(value: str) -> str:
    from bot.commands.zones import is_fixed, zone_named, zone_near  # noqa: PLC0415 it is slow

    zone = zone_named(value)
    if zone is None:
        kind = "must be a time zone with summer time" if is_fixed(value) else "must be the name of a time zone"
        raise ValueError(f"{kind}, such as {zone_near(value) or 'Europe/Berlin'}")
    return zone


def _level(value: object) -> object:
    if isinstance(value, str) and value.upper() in _LEVELS:
        return value.upper()
    raise ValueError(f"must be one of {', '.join(_LEVELS)}")


def _format(value: object) -> object:
    if isinstance(value, str) and value.lower() in ("text", "json"):
        return value.lower()
    raise ValueError("must be text or json")


def _host(value: str) -> str:
    if not re.fullmatch(r"[\w.:-]+", value):
        raise ValueError("must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them")
    return value


def _port(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
        value = int(value)
    if value is not None and not (isinstance(value, int) and 0 <= value <= 65535):
        raise ValueError("must be a number from 0 to 65535; 0 picks a free port")
    return value


def _few(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,2}", value):
        value = int(value)
    if not (isinstance(value, int) and 1 <= value <= 10):
        raise ValueError("must be a number from 1 to 10")
    return value


def _bytes(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        value = int(value)
    if not (isinstance(value, int) and value > 0):
        raise ValueError("must be a number of bytes, for example 500000000")
    return value


def _pause(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
        value = int(value)
    if not (isinstance(value, int) and 60 <= value <= 86_400):
        raise ValueError("must be a number of seconds from 60 to 86400")
    return value


def _kept(value: str) -> Mapping[AuditKind, int]:
    """How many days each kind is kept, from what `AUDIT_KEPT_DAYS` says. Raises ValueError with the remedy."""
    remedy = f"must be a number of days, and KIND=DAYS for others: {', '.join(AuditKind)}; such as {AUDIT_KEPT}"
    kept: dict[str, int] = {}
    for word in value.replace(",", " ").split():
        kind, _, days = word.rpartition("=")
        if kind in kept or kind not in ("", *AuditKind) or not re.fullmatch(r"[1-9][0-9]{0,4}", days):
            raise ValueError(remedy)
        kept[kind] = int(days)
    if any(kind not in kept and "" not in kept for kind in AuditKind):
        raise ValueError(remedy)
    return {kind: kept.get(kind, kept.get("", 0)) for kind in AuditKind}


def _audit_kept(value: str) -> str:
    _kept(value)
    return value


def _days(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value):
        value = int(value)
    if value is not None and not (isinstance(value, int) and 1 <= value <= 3650):
        raise ValueError("must be a number of days from 1 to 3650")
    return value


def _path(value: Path) -> Path:
    if "\0" in str(value):
        raise ValueError("must be the path of a file")
    try:
        return value.expanduser()
    except RuntimeError as exc:  # `~name`, and there is nobody of that name
        raise ValueError("must be the path of a file") from exc


def _ids(kinds: str) -> AfterValidator:
    def check(value: str) -> str:
        from bot.config.access_rules import read_ids  # noqa: PLC0415 likewise

        read_ids(value, kinds)
        return value

    return AfterValidator(check)


def _bound(value: str) -> str:
    from bot.config.access_rules import read_bound_channels  # noqa: PLC0415 likewise

    read_bound_channels(value)
    return value


def _who(value: str, info: ValidationInfo) -> str:
    from bot.config.access_rules import WORDS, WORDS_WITHOUT_CONVERSATION, read_holders  # noqa: PLC0415 likewise

    read_holders(value, WORDS_WITHOUT_CONVERSATION if info.field_name in _WITHOUT_CONVERSATION else WORDS)
    return value


def _word(*words: str) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, str) and value.lower() in words:
            return value.lower()
        raise ValueError(f"must be one of {', '.join(words)}")

    return BeforeValidator(check)


def _hosts(value: str) -> str:
    from bot.kickscale.addresses import read_hosts  # noqa: PLC0415 likewise

    read_hosts(value)
    return value


def _override(value: str, info: ValidationInfo) -> str:
    # Imported here, so that only who overrides something waits for it.
    from bot.kickscale.binding.bind import DEFAULT, with_overrides  # noqa: PLC0415

    with_overrides(DEFAULT, **{str(info.field_name).removeprefix("kickscale_"): value})
    return value


Secret = Annotated[SecretStr, AfterValidator(_secret)]
SafeAddress = Annotated[str, AfterValidator(safe_address)]
Override = Annotated[str, AfterValidator(_override)]
HoldersText = Annotated[str, AfterValidator(_who)]
Show = Annotated[Literal["post", "bare", "hold"], _word("post", "bare", "hold")]
NONE = SecretStr("")


@dataclass(frozen=True, slots=True)
class Documented:
    """One setting, as the README's table and `.env.example` show it."""

    name: str
    default: str
    description: str
    is_secret: bool


class Settings(BaseSettings):
    """Every setting of the bot. What is not set is an empty string, an empty secret or None.

    Built directly, it reads nothing but its arguments; `load` alone reads the environment.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8-sig",  # what Windows' Notepad saves begins with a byte order mark
        hide_input_in_errors=True,
        validate_default=False,  # an empty default is no value to check
    )

    slack_bot_token: Annotated[SecretStr, AfterValidator(_bot_token)] = Field(
        default=NONE, description="the Bot User OAuth Token of the Slack app; begins with `xoxb-`"
    )
    slack_app_token: Annotated[SecretStr, AfterValidator(_app_token)] = Field(
        default=NONE, description="an app-level token with `connections:write`, for Socket Mode; begins with `xapp-`"
    )
    slack_signing_secret: Secret = Field(default=NONE, description="the Slack app's signing secret, for HTTP")
    slack_api_url: Annotated[SafeAddress, AfterValidator(lambda value: f"{value}/")] = Field(
        default="https://slack.com/api/", description="where Slack's Web API is; GovSlack has its own"
    )
    kickscale_api_key: Secret = Field(default=NONE, description="the Kickscale API key")
    kickscale_client_id: Secret = Field(default=NONE, description="the client id that belongs to the key")
    kickscale_base_url: SafeAddress = Field(
        default="https://api.kickscale.com", description="where the Kickscale API is"
    )
    kickscale_webhook_secret: Annotated[SecretStr, AfterValidator(_hex)] = Field(
        default=NONE, description="the Kickscale webhook's secret, in hexadecimal"
    )
    kickscale_api_key_created: Annotated[date | None, BeforeValidator(_day)] = Field(
        default=None, description="the day the key was made, such as `2026-11-23`; a key dies a year later"
    )
    kickscale_link_template: Annotated[str, AfterValidator(_link_template)] = Field(
        default="",
        description="a conversation's address in Kickscale's web application, with `{id}` and perhaps `{kind}`; "
        "no links without it",
    )
    kickscale_domain_filter: Override = Field(
        default="",
        description="overrides the API's customer-domain filter: "
        "`NAME`, `NAME:single`, `NAME:repeated`, `NAME:comma` or `none`",
    )
    kickscale_call_path: Override = Field(
        default="", description="overrides how one call is asked for: `/calls/{id}` or `/calls?id=`"
    )
    kickscale_meeting_path: Override = Field(
        default="", description="overrides how one meeting is asked for: `/meetings/{id}` or `/meetings?id=`"
    )
    kickscale_upload: Override = Field(
        default="",
        description="overrides how a recording is uploaded: "
        "`multipart`, `presigned` or `url`, a path and a field, such as `multipart /calls/upload file`",
    )
    kickscale_max_upload: Annotated[int | None, BeforeValidator(_bytes)] = Field(
        default=None,
        description="the largest recording that Kickscale accepts, in bytes; overrides what its OpenAPI document says, "
        "and the bot has no limit of its own",
    )
    kickscale_storage_hosts: Annotated[str, AfterValidator(_hosts)] = Field(
        default="",
        description="the only hosts that recordings are put to and their links lead to, beside the API's own, such as "
        "`*.amazonaws.com`; unset, any public one",
    )
    public_url: SafeAddress = Field(
        default="", description="the bot's own address as others reach it, where it has one"
    )
    upload_concurrency: Annotated[int, BeforeValidator(_few)] = Field(
        default=2, description="how many recordings are uploaded at a time; the others wait for their turn"
    )
    live_poll_seconds: Annotated[int, BeforeValidator(_pause)] = Field(
        default=300,
        description="how often `live` subscriptions look for calls, which Kickscale's webhook does not have",
    )
    allowed_users: Annotated[str, _ids("U")] = Field(
        default="", description="the only people who may ask, as Slack user ids (`U…`), beside `ALLOWED_GROUPS`"
    )
    allowed_groups: Annotated[str, _ids("S")] = Field(
        default="", description="the Slack user groups (`S…`) whose members alone may ask, beside `ALLOWED_USERS`"
    )
    allowed_channels: Annotated[str, _ids("C")] = Field(
        default="", description="the only channels (`C…`; direct messages `D…`) in which anybody may ask"
    )
    admins: Annotated[str, _ids("US")] = Field(
        default="", description="the bot's admins, as ids of Slack users and user groups"
    )
    channel_domains: Annotated[str, AfterValidator(_bound)] = Field(
        default="",
        description="channels that are about certain customers alone, "
        "such as `C0123456789=acme.com,*.acme.com C0987654321=example.com`",
    )
    visibility: Annotated[Literal["workspace", "kickscale"], _word("workspace", "kickscale")] = Field(
        default="workspace",
        description="`workspace`: who may ask sees each external conversation; "
        "`kickscale`: what they own or took part in, by their e-mail address, and admins all",
    )
    internal_for: HoldersText = Field(
        default="own", description="who sees internal meetings: see *Capabilities* for the words"
    )
    transcripts_for: HoldersText = Field(default="all", description="who gets transcripts")
    recordings_for: HoldersText = Field(default="all", description="who gets links to recordings")
    email_drafts_for: HoldersText = Field(default="own", description="who sees the drafts of follow-up e-mails")
    coaching_metrics: HoldersText = Field(
        default="self", description="who sees a rep's talk share, ratings and other figures: the rep alone"
    )
    sharing_for: HoldersText = Field(default="all", description="who may share an answer in a channel")
    subscriptions_for: HoldersText = Field(default="all", description="who may change what a channel gets")
    uploads_for: HoldersText = Field(
        default="all", description="who may upload recordings and set what happens to them in a channel"
    )
    guests_listening: Show = Field(
        default="hold",
        description="what is posted in a channel with guests: `post`, `bare` (a card without content) or `hold`",
    )
    outsiders_listening: Show = Field(
        default="hold", description="the same for a channel that is shared with another company"
    )
    database_path: Annotated[Path, AfterValidator(_path)] = Field(
        default=Path("kickscale-bot.db"),
        description="the SQLite database; made at the first start, readable by you alone",
    )
    messages_kept_days: Annotated[int | None, BeforeValidator(_days)] = Field(
        default=None,
        description="after how many days the bot deletes its own messages with something of conversations or "
        "recordings in them; unset, they stay",
    )
    copies_kept_days: Annotated[int, BeforeValidator(_days)] = Field(
        default=90,
        description="after how many days it forgets what was asked and done, and the details of uploads; "
        "the buttons of older answers say that they are too old",
    )
    audit_kept_days: Annotated[str, AfterValidator(_audit_kept)] = Field(
        default=AUDIT_KEPT,
        description="how many days the audit is kept, and `KIND=DAYS` for a kind that is kept longer or shorter",
    )
    default_timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="the time zone of people whose Slack profile has none"
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_level)] = Field(
        default="INFO", description="`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`"
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(_format)] = Field(
        default="text", description="`text` or `json`"
    )
    host: Annotated[str, AfterValidator(_host)] = Field(
        default="127.0.0.1", description="the address to listen on; `0.0.0.0` is every one of the machine's"
    )
    port: Annotated[int | None, BeforeValidator(_port)] = Field(
        default=None,
        description="the HTTP port, 0 for a free one; unset it is 3000, and in Socket Mode there is no HTTP side",
    )
    metrics_token: Secret = Field(
        default=NONE,
        description="the bearer token that `/metrics` asks for; unset, it answers this machine alone, past any proxy",
    )

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, values: Mapping[str, object]) -> Mapping[str, object]:
        return _without_blanks(values)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The arguments alone: what builds settings of its own must not find the real bot's in the environment."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @classmethod
    def load(cls, env_file: str | Path | None = ".env") -> Self:
        """The settings of the environment and of `env_file`; the environment wins. Raises ConfigError."""
        check_environment()
        try:
            found = _without_blanks(DotEnvSettingsSource(cls, env_file=env_file)())
        except UnicodeDecodeError:
            raise ConfigError(str(env_file), "is not text in UTF-8; save it as UTF-8") from None
        except OSError as exc:
            raise ConfigError(str(env_file), f"can't be read ({exc.strerror}); make it readable or remove it") from None
        return cls.explicit(**(found | _without_blanks(EnvSettingsSource(cls)())))

    @classmethod
    def explicit(cls, **values: Any) -> Self:
        """Settings of these values alone, whatever the environment holds. Raises ConfigError for the first bad one."""
        try:
            return cls(**values)
        except ValidationError as exc:
            # `from None`: the chain would carry the value.
            raise _config_error(exc) from None

    @property
    def storage_hosts(self) -> tuple[str, ...]:
        """Empty where any public one will do."""
        from bot.kickscale.addresses import read_hosts  # noqa: PLC0415

        return read_hosts(self.kickscale_storage_hosts)

    @property
    def messages_kept(self) -> timedelta | None:
        """None where they are kept for good."""
        return timedelta(days=self.messages_kept_days) if self.messages_kept_days is not None else None

    @property
    def copies_kept(self) -> timedelta:
        return timedelta(days=self.copies_kept_days)

    def missing(self) -> tuple[tuple[str, str], ...]:
        """Each setting that `run` can't do without and that is not set, with what to set it to."""
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
                "a key from Kickscale's Settings → Integrations → API & Webhooks",
            ),
            "KICKSCALE_CLIENT_ID": (self.kickscale_client_id, "the client id shown beside the API key in Kickscale"),
        }
        return tuple((name, what) for name, (value, what) in needed.items() if not value.get_secret_value())

    def require_run(self) -> None:
        """Raise ConfigError for the first setting that `run` can't do without."""
        for name, what in self.missing():
            raise ConfigError(name, f"is not set; set it to {what}")

    def require_upload(self) -> None:
        """Raise ConfigError for the first setting that `upload` can't do without: it needs nothing of Slack's."""
        for name, what in self.missing():
            if name.startswith("KICKSCALE_"):
                raise ConfigError(name, f"is not set; set it to {what}")

    @property
    def http_port(self) -> int | None:
        """Where the HTTP side listens; None where there is none."""
        if self.port is None and not self.slack_app_token.get_secret_value():
            return 3000
        return self.port

    @property
    def reached_at(self) -> str:
        """The address at which others reach the HTTP side; empty where they do not."""
        return self.public_url if self.http_port is not None else ""

    def audit_kept(self) -> Mapping[AuditKind, timedelta]:
        """How long each kind of the audit is kept."""
        return {kind: timedelta(days=days) for kind, days in _kept(self.audit_kept_days).items()}

    def binding_override(self, binding: "Binding") -> "Binding":
        """What was bound from the API's document, with these settings' words put over it."""
        from bot.kickscale.binding.bind import with_overrides  # noqa: PLC0415

        bound = with_overrides(
            binding,
            domain_filter=self.kickscale_domain_filter,
            call_path=self.kickscale_call_path,
            meeting_path=self.kickscale_meeting_path,
            upload=self.kickscale_upload,
        )
        if self.kickscale_max_upload is None:
            return bound
        return replace(bound, upload=replace(bound.upload, max_bytes=self.kickscale_max_upload))

    def access_rules(self) -> AccessRules:
        """Return who may have what."""
        from bot.config.access_rules import read_bound_channels, read_holders, read_ids  # noqa: PLC0415 likewise

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

    def secrets(self) -> tuple[str, ...]:
        """Every secret that is set, in clear: what no log line may hold."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr) and value)


def documented() -> tuple[Documented, ...]:
    """Every setting there is, in the order of the documentation."""
    return tuple(
        Documented(
            name=name.upper(),
            default="" if field.default is None or isinstance(field.default, SecretStr) else str(field.default),
            description=str(field.description),
            is_secret=isinstance(field.default, SecretStr),
        )
        for name, field in Settings.model_fields.items()
    )


def _without_blanks(values: Mapping[str, object]) -> dict[str, object]:
    """The values without the spaces and quotes that come with copying; an empty one counts as unset."""
    kept: dict[str, object] = {}
    for name, given in values.items():
        value = given.get_secret_value() if isinstance(given, SecretStr) else given
        if isinstance(value, str):
            trimmed = value.strip()
            while len(trimmed) > 1 and _QUOTES.get(trimmed[0]) == trimmed[-1]:
                trimmed = trimmed[1:-1].strip()
            if trimmed:
                kept[name] = trimmed
        else:
            kept[name] = value
    return kept


def _config_error(error: ValidationError) -> ConfigError:
    first = error.errors(include_url=False, include_input=False)[0]
    reason = (first.get("ctx") or {}).get("error")
    name = str(first["loc"][0]).upper()
    return ConfigError(name, str(reason) if reason is not None else "has a value of the wrong kind")
