"""How each kind of setting is read and checked: annotated types for `Settings`.

Each check raises ValueError with a message that continues "SETTING_NAME …". It never repeats a secret.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from bot.config.access_rules import (
    WORDS,
    WORDS_WITHOUT_CONVERSATION,
    read_bound_channels,
    read_holders,
    read_ids,
)
from bot.config.addresses import link_template, listening_host, read_hosts, safe_address
from bot.config.api_overrides import read_api_overrides
from bot.model.audit import AuditKind
from bot.tools.database_urls import is_database_url
from bot.tools.zone_names import is_fixed, zone_named, zone_near

MOST_SECRETS = 2
"""During a change, the new one and the old one."""
AUDIT_KEPT = "365 attested=3650 erased=3650"
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}  # noqa: RUF001 the curly ones come with a copied value


def without_blanks(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values without the spaces and quotes that come with copying. Empty ones are left out."""
    cleaned: dict[str, object] = {}
    for name, raw in values.items():
        value = raw.get_secret_value() if isinstance(raw, SecretStr) else raw
        if isinstance(value, str):
            trimmed = value.strip()
            while len(trimmed) > 1 and _QUOTES.get(trimmed[0]) == trimmed[-1]:
                trimmed = trimmed[1:-1].strip()
            if trimmed:
                cleaned[name] = trimmed
        else:
            cleaned[name] = value
    return cleaned


def database_url(value: SecretStr) -> SecretStr:
    if not is_database_url(value.get_secret_value()):
        raise ValueError(
            "must be the address of a PostgreSQL database: postgresql://user:password@host/name. "
            "In the password, write special characters as codes, e.g. %40 for @ and %25 for %."
        )
    return value


def days_by_kind(value: str) -> Mapping[AuditKind, int]:
    """Return how many days each kind of audit row is kept, from the value of `AUDIT_KEPT_DAYS`."""
    remedy = f"must be a number of days, with KIND=DAYS for exceptions ({', '.join(AuditKind)}), e.g. {AUDIT_KEPT}."
    kept: dict[str, int] = {}
    for word in value.replace(",", " ").split():
        kind, _, days = word.rpartition("=")
        if kind in kept or kind not in ("", *AuditKind) or not re.fullmatch(r"[1-9][0-9]{0,4}", days):
            raise ValueError(remedy)
        kept[kind] = int(days)
    if any(kind not in kept and "" not in kept for kind in AuditKind):
        raise ValueError(remedy)
    return {kind: kept.get(kind, kept.get("", 0)) for kind in AuditKind}


# ---- secrets ---------------------------------------------------------------------------------------------------------


def _check_secret(value: SecretStr) -> SecretStr:
    """Secrets become header values and HMAC keys: a stray character from copying would fail later and less clearly."""
    if not re.fullmatch(r"[\x21-\x7e]*", value.get_secret_value()):
        raise ValueError("contains a space, a line break or a non-ASCII character. Copy it again, without them.")
    return value


def _check_bot_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xoxb-"):
        raise ValueError(
            "must start with xoxb-. Copy the Bot User OAuth Token from the app's OAuth & Permissions page."
        )
    return _check_secret(value)


def _check_app_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xapp-"):
        raise ValueError("must start with xapp-. Create an app-level token under Basic Information.")
    return _check_secret(value)


def read_hex_secrets(value: SecretStr) -> tuple[str, ...]:
    """Return one or several secrets, separated by commas or spaces."""
    return tuple(value.get_secret_value().replace(",", " ").split())


def _check_hex(value: SecretStr) -> SecretStr:
    secrets = read_hex_secrets(value)
    if not all(re.fullmatch(r"(?:[0-9a-fA-F]{2})+", secret) for secret in secrets):
        raise ValueError("must be hexadecimal, with two digits per byte. Copy the webhook secret from Kickscale again.")
    if len(secrets) > MOST_SECRETS:
        raise ValueError("can be two secrets at most: the new one and the old one.")
    return value


Secret = Annotated[SecretStr, AfterValidator(_check_secret)]
BotToken = Annotated[SecretStr, AfterValidator(_check_bot_token)]
AppToken = Annotated[SecretStr, AfterValidator(_check_app_token)]
HexSecrets = Annotated[SecretStr, AfterValidator(_check_hex)]


# ---- numbers, days, words and paths ----------------------------------------------------------------------------------


def _number(digits: int, least: int, most: int, remedy: str, *, optional: bool = False) -> BeforeValidator:
    """Accept whole numbers with at most this many digits."""

    def check(value: object) -> object:
        if isinstance(value, str) and re.fullmatch(rf"[0-9]{{1,{digits}}}", value):
            value = int(value)
        if value is None and optional:
            return value
        if not (isinstance(value, int) and least <= value <= most):
            raise ValueError(remedy)
        return value

    return BeforeValidator(check)


def _word(words: tuple[str, ...], remedy: str = "", *, fold: Callable[[str], str] = str.lower) -> BeforeValidator:
    """Accept one of these words, in upper or lower case."""

    def check(value: object) -> object:
        if isinstance(value, str) and fold(value) in words:
            return fold(value)
        raise ValueError(remedy or f"must be one of {', '.join(words)}.")

    return BeforeValidator(check)


_YEARS = range(2000, 3000)
"""Other years are typos. A key from the year 9999 would also expire after the last day that Python can express."""


def _check_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if day.year not in _YEARS:
        raise ValueError("must be a day like 2026-11-23.")
    return day


def _check_zone(value: str) -> str:
    zone = zone_named(value)
    if zone is None:
        kind = "must be a time zone with daylight saving time" if is_fixed(value) else "must be a time zone"
        raise ValueError(f"{kind}, e.g. {zone_near(value) or 'Europe/Berlin'}.")
    return zone


def _check_path(value: Path) -> Path:
    if "\0" in str(value):
        raise ValueError("must be the path of a file.")
    try:
        return value.expanduser()
    except RuntimeError as exc:  # `~name`, but there is no user of that name
        raise ValueError("must be the path of a file.") from exc


_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_DAYS = _number(4, 1, 3650, "must be a number of days from 1 to 3650.", optional=True)

Port = Annotated[
    int | None, _number(5, 0, 65535, "must be a number from 0 to 65535; 0 picks a free port.", optional=True)
]
Few = Annotated[int, _number(2, 1, 10, "must be a number from 1 to 10.")]
Bytes = Annotated[int | None, _number(15, 1, 10**15, "must be a number of bytes, e.g. 500000000.", optional=True)]
Pause = Annotated[int, _number(5, 60, 86_400, "must be a number of seconds from 60 to 86400.")]
Days = Annotated[int, _DAYS]
DaysOrNone = Annotated[int, _number(4, 0, 3650, "must be a number of days from 1 to 3650, or 0 for none.")]
Switch = Annotated[Literal["on", "off"], _word(("on", "off"))]
DaysOrNever = Annotated[int | None, _DAYS]
Day = Annotated[date | None, BeforeValidator(_check_day)]
Zone = Annotated[str, AfterValidator(_check_zone)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], _word(_LEVELS, fold=str.upper)]
LogFormat = Annotated[Literal["text", "json"], _word(("text", "json"), "must be text or json.")]
Visibility = Annotated[Literal["workspace", "kickscale"], _word(("workspace", "kickscale"))]
Show = Annotated[Literal["post", "bare", "hold"], _word(("post", "bare", "hold"))]
DatabaseUrl = Annotated[SecretStr, AfterValidator(database_url)]
FilePath = Annotated[Path, AfterValidator(_check_path)]


# ---- addresses -------------------------------------------------------------------------------------------------------


SafeAddress = Annotated[str, AfterValidator(safe_address)]
SlackAddress = Annotated[SafeAddress, AfterValidator(lambda value: f"{value}/")]
LinkTemplate = Annotated[str, AfterValidator(link_template)]
Host = Annotated[str, AfterValidator(listening_host)]


# ---- texts of several words: checked here, read again by the properties of `Settings` --------------------------------


def _is_read_by(read: Callable[[str], object]) -> AfterValidator:
    """Accept a text that `read` can read, and leave it unchanged."""

    def check(value: str) -> str:
        read(value)
        return value

    return AfterValidator(check)


def _check_override(value: str, info: ValidationInfo) -> str:
    read_api_overrides(**{str(info.field_name).removeprefix("kickscale_"): value})
    return value


Hosts = Annotated[str, _is_read_by(read_hosts)]
DaysByKind = Annotated[str, _is_read_by(days_by_kind)]
Override = Annotated[str, AfterValidator(_check_override)]
Users = Annotated[str, _is_read_by(lambda value: read_ids(value, "U"))]
Groups = Annotated[str, _is_read_by(lambda value: read_ids(value, "S"))]
UsersAndGroups = Annotated[str, _is_read_by(lambda value: read_ids(value, "US"))]
Channels = Annotated[str, _is_read_by(lambda value: read_ids(value, "C"))]
BoundChannels = Annotated[str, _is_read_by(read_bound_channels)]
HoldersText = Annotated[str, _is_read_by(lambda value: read_holders(value, WORDS))]
HoldersOfChannelText = Annotated[str, _is_read_by(lambda value: read_holders(value, WORDS_WITHOUT_CONVERSATION))]
"""For capabilities that aren't about one conversation."""
