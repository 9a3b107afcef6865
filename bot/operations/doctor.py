"""`kickscale-bot doctor`: what is right, and what to do about what is not. Changes nothing."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.app.clients import kickscale_client, slack_client
from bot.clock import LARGEST_DRIFT, Clock
from bot.config.settings import Settings
from bot.errors import (
    ConfigError,
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleTimeout,
    KickscaleUnavailable,
    KickscaleUnreadable,
    SlackDenied,
    SlackError,
    SlackUnavailable,
)
from bot.kickscale.binding.bind import Source, bind
from bot.kickscale.binding.operations import UploadStyle
from bot.kickscale.client import KickscaleClient
from bot.operations.manifest import SCOPES
from bot.operations.status import key_days_left
from bot.slack.client import Identity, Slack, new_session
from bot.storage.sqlite.inspection import inspect

SLACK_TIMEOUT = 15
KEY_WARNING = 30
LONGEST_LIFE = 367
"""Days: a leap year, and a day because today may be another one where the key was made."""
NEW_KEY = "make a new one under Settings → Integrations → API & Webhooks in Kickscale, and set"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `remedy` is empty where all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


async def examine(settings: Settings, clock: Clock) -> list[Check]:
    """Every check, the independent ones side by side; while settings are missing, only which."""
    if missing := settings.missing():
        return [
            Check("settings", ok=False, detail=f"{name} is not set", remedy=f"set {name} to {what}")
            for name, what in missing
        ]
    async with new_session(SLACK_TIMEOUT) as session:
        slack = Slack(slack_client(settings, session, timeout=SLACK_TIMEOUT), clock)
        kickscale = kickscale_client(settings)
        try:
            groups = await asyncio.gather(
                _slack(slack, clock),
                _access(settings, slack),
                _app_token(settings, slack),
                _kickscale(kickscale),
                _document(settings, kickscale),
                _database(settings.database_path),
            )
        finally:
            await kickscale.aclose()
    found = [
        Check("settings", ok=True, detail="all that the bot needs is set"),
        *(each for group in groups for each in group),
    ]
    return [*found, *_key(settings, clock)]


def show(report: Sequence[Check], *, as_json: bool) -> str:
    """The report as one line a check, with a remedy for each that failed; or as one JSON object."""
    if as_json:
        return json.dumps(
            {"ok": all(each.ok for each in report), "checks": [asdict(each) for each in report]}, indent=2
        )
    lines = []
    for each in report:
        lines.append(f"{'ok  ' if each.ok else 'FAIL'}  {each.name}: {each.detail}")
        if each.remedy:
            lines[-1] += f" -- {each.remedy}"
    return "\n".join(lines)


# ---- Slack ---------------------------------------------------------------------------------------------------------


async def _slack(slack: Slack, clock: Clock) -> list[Check]:
    try:
        identity = await slack.check()
    except SlackDenied as exc:
        remedy = "copy the Bot User OAuth Token again from the app's OAuth & Permissions page into SLACK_BOT_TOKEN"
        return [Check("slack token", ok=False, detail=f"Slack refuses it ({exc.code})", remedy=remedy)]
    except SlackError as exc:
        remedy = "see whether this machine reaches SLACK_API_URL, and https://slack-status.com"
        return [Check("slack token", ok=False, detail=f"Slack does not answer ({exc.code})", remedy=remedy)]
    return [
        Check("slack token", ok=True, detail=f"belongs to the workspace {identity.team_name}"),
        _scopes(identity),
        *_clock(identity, clock),
    ]


def _scopes(identity: Identity) -> Check:
    if not identity.scopes:
        return Check("slack scopes", ok=True, detail="Slack does not tell them here")
    missing = sorted(set(SCOPES) - identity.scopes)
    if missing:
        remedy = "add them under OAuth & Permissions, or paste the manifest again, and reinstall the app"
        return Check("slack scopes", ok=False, detail=f"missing: {', '.join(missing)}", remedy=remedy)
    return Check("slack scopes", ok=True, detail=f"all {len(SCOPES)} are there")


async def _access(settings: Settings, slack: Slack) -> list[Check]:
    """Whether who is named in the settings is there: a slip of the pen shuts everybody out."""
    rules = settings.access_rules()
    holders = frozenset().union(*(holders.ids for holders in rules.holders.values()))
    named = sorted(rules.users | rules.admins | rules.user_groups | holders)
    if not named:
        return []

    async def is_there(id_: str) -> bool:
        try:
            await (slack.group(id_) if id_.startswith("S") else slack.person(id_))
        except SlackError:
            return False
        return True

    found = await asyncio.gather(*map(is_there, named))
    missing = [id_ for id_, there in zip(named, found, strict=True) if not there]
    if missing:
        detail = f"Slack does not tell of {', '.join(missing)}, whom the settings name"
        return [Check("access", ok=False, detail=detail, remedy="copy the ids again from the profiles in Slack")]
    return [Check("access", ok=True, detail=f"all {len(named)} users and groups that the settings name are there")]


def _clock(identity: Identity, clock: Clock) -> list[Check]:
    if identity.answered_at is None:
        return []
    drift = abs(clock.now() - identity.answered_at)
    if drift > LARGEST_DRIFT:
        detail = f"{drift.total_seconds():.0f} s away from Slack's"
        return [Check("clock", ok=False, detail=detail, remedy="let the machine keep its time by NTP")]
    return [Check("clock", ok=True, detail="agrees with Slack's")]


async def _app_token(settings: Settings, slack: Slack) -> list[Check]:
    token = settings.slack_app_token.get_secret_value()
    if not token:
        return [Check("slack connection", ok=True, detail="over HTTP, with the signing secret")]
    try:
        await slack.open_socket(token)
    except SlackUnavailable as exc:
        remedy = "see whether this machine reaches SLACK_API_URL, and https://slack-status.com"
        return [Check("slack connection", ok=False, detail=f"Slack does not answer ({exc.code})", remedy=remedy)]
    except SlackError as exc:
        remedy = "make an app-level token with the scope connections:write, and turn Socket Mode on"
        return [
            Check(
                "slack connection",
                ok=False,
                detail=f"Slack refuses SLACK_APP_TOKEN ({exc.code})",
                remedy=remedy,
            )
        ]
    return [Check("slack connection", ok=True, detail="Socket Mode is open to the bot")]


# ---- Kickscale -----------------------------------------------------------------------------------------------------


async def _kickscale(client: KickscaleClient) -> list[Check]:
    try:
        await client.check()
    except KickscaleError as exc:
        return [Check("kickscale credentials", ok=False, detail=_what(exc), remedy=_remedy(exc))]
    return [Check("kickscale credentials", ok=True, detail="Kickscale takes them")]


async def _document(settings: Settings, client: KickscaleClient) -> list[Check]:
    """The API's own OpenAPI document against what the bot binds to. Without it the bot works on the default."""
    name = "kickscale api"
    try:
        binding = settings.binding_override(bind(await client.openapi()))
    except KickscaleError as exc:
        remedy = "nothing need be done while answers are right; else see KICKSCALE_DOMAIN_FILTER and its neighbours"
        return [
            Check(
                name,
                ok=False,
                detail=f"its OpenAPI document can't be read ({_what(exc)}), so the default is used",
                remedy=remedy,
            )
        ]
    bound = Check(name, ok=True, detail="; ".join(binding.notes) or "bound to its OpenAPI document")
    unbound = [each for each in (binding.calls, binding.meetings) if each.domain_filter.source is Source.DEFAULT]
    if unbound or binding.upload.source is Source.DEFAULT:
        remedy = "compare with the document, and set KICKSCALE_DOMAIN_FILTER or its neighbours where it is wrong"
        return [
            Check(name, ok=False, detail=f"not all of it is in its OpenAPI document: {bound.detail}", remedy=remedy)
        ]
    if binding.upload.style is UploadStyle.URL and not settings.reached_at:
        detail = "it fetches recordings from the bot, which has no address for that"
        remedy = "set PUBLIC_URL to the address at which others reach the bot, and in Socket Mode PORT"
        return [bound, Check("recordings", ok=False, detail=detail, remedy=remedy)]
    return [bound]


def _what(exc: KickscaleError) -> str:
    match exc:
        case CredentialsRefused():
            return "credentials refused"
        case KickscaleTimeout():
            return "no answer in time"
        case KickscaleUnavailable(status=None):
            return "no connection"
        case KickscaleUnavailable(status=status):
            return f"it answers {status}"
        case KickscaleRateLimited():
            return "it asks for patience (429)"
        case KickscaleRedirected():
            return "it redirects elsewhere, which is not followed"
        case KickscaleUnreadable(detail=detail):
            return f"its answer is not understood: {detail}"
        case _:
            return "it refuses the request"


def _remedy(exc: KickscaleError) -> str:
    if isinstance(exc, CredentialsRefused):
        return f"a key lives for a year: {NEW_KEY} KICKSCALE_API_KEY and KICKSCALE_CLIENT_ID"
    if isinstance(exc, KickscaleRedirected | KickscaleUnreadable):
        return "see whether KICKSCALE_BASE_URL is the API's own address"
    return "see whether this machine reaches KICKSCALE_BASE_URL, and try again"


def _key(settings: Settings, clock: Clock) -> list[Check]:
    left = key_days_left(settings.kickscale_api_key_created, clock.now().date())
    if left is None:
        return [
            Check(
                "kickscale key age",
                ok=True,
                detail="not known: set KICKSCALE_API_KEY_CREATED to be warned before it dies",
            )
        ]
    if left > LONGEST_LIFE:
        remedy = "set KICKSCALE_API_KEY_CREATED to the day on which the key was made"
        return [
            Check("kickscale key age", ok=False, detail="KICKSCALE_API_KEY_CREATED lies in the future", remedy=remedy)
        ]
    remedy = f"{NEW_KEY} KICKSCALE_API_KEY and KICKSCALE_API_KEY_CREATED"
    if left <= 0:
        return [Check("kickscale key age", ok=False, detail="the key is over a year old", remedy=remedy)]
    return [
        Check(
            "kickscale key age",
            ok=left > KEY_WARNING,
            detail=f"{left} days left",
            remedy="" if left > KEY_WARNING else remedy,
        )
    ]


# ---- here ----------------------------------------------------------------------------------------------------------


async def _database(path: Path) -> list[Check]:
    try:
        detail = await asyncio.to_thread(inspect, path)
    except ConfigError as exc:
        return [Check("database", ok=False, detail="can't be used", remedy=str(exc))]
    return [Check("database", ok=True, detail=detail)]
