"""The doctor's checks of Kickscale: the credentials, the age of the key, the API's OpenAPI document."""

from collections.abc import Callable
from datetime import date

from bot.errors import (
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleRejected,
    KickscaleTimeout,
    KickscaleUnavailable,
    KickscaleUnreadable,
)
from bot.kickscale.binding.bind import Binding, Source, UploadStyle, bind
from bot.kickscale.client import KickscaleClient
from bot.operations.checks import connecting
from bot.operations.checks.check import Check
from bot.operations.status import key_days_left

KEY_WARNING = 30
"""Warn when the key expires within this many days."""
LONGEST_LIFE = 367
"""In days: a leap year, plus one because the key may have been created in another time zone."""
NEW_KEY = "Create a new one in Kickscale under Settings → Integrations → API & Webhooks, and set"


async def check_credentials(client: KickscaleClient) -> list[Check]:
    try:
        await client.check()
    except KickscaleError as exc:
        return [Check("kickscale credentials", ok=False, detail=describe_failure(exc), remedy=_remedy(exc))]
    return [Check("kickscale credentials", ok=True, detail="accepted")]


async def check_document(
    client: KickscaleClient, override: Callable[[Binding], Binding], *, has_address: bool
) -> list[Check]:
    """Check that the API's OpenAPI document has everything the bot needs; otherwise the bot falls back to defaults.

    `has_address` tells whether Kickscale can fetch recordings from the bot.
    """
    name = "kickscale api"
    try:
        binding = override(bind(await client.openapi()))
    except KickscaleError as exc:
        remedy = (
            "No action needed as long as answers are correct; "
            "otherwise set KICKSCALE_DOMAIN_FILTER and the settings below it."
        )
        return [
            Check(
                name,
                ok=False,
                detail=f"the OpenAPI document can't be read ({describe_failure(exc)}), so the bot uses defaults",
                remedy=remedy,
            )
        ]
    bound = Check(name, ok=True, detail="; ".join(binding.notes) or "configured from its OpenAPI document")
    unbound = [
        reading for reading in (binding.calls, binding.meetings) if reading.domain_filter.source is Source.DEFAULT
    ]
    if unbound or binding.upload.source is Source.DEFAULT:
        remedy = (
            "Compare this with the document, and set KICKSCALE_DOMAIN_FILTER or the settings below it if it's wrong."
        )
        return [
            Check(
                name, ok=False, detail=f"the OpenAPI document doesn't cover everything: {bound.detail}", remedy=remedy
            )
        ]
    if binding.upload.style is UploadStyle.URL and not has_address:
        detail = "Kickscale fetches recordings from the bot, which has no public address"
        remedy = "Set PUBLIC_URL to the bot's public address, and in Socket Mode PORT as well."
        return [bound, Check("recordings", ok=False, detail=detail, remedy=remedy)]
    return [bound]


def describe_failure(exc: KickscaleError) -> str:
    """Return in a few words why Kickscale can't be used."""
    match exc:
        case CredentialsRefused():
            return "credentials refused"
        case KickscaleTimeout():
            return "timed out"
        case KickscaleUnavailable(status=None, why=why):
            return connecting.DETAILS[why]
        case KickscaleUnavailable(status=status):
            return f"HTTP {status}"
        case KickscaleRateLimited():
            return "rate-limited (429)"
        case KickscaleRedirected():
            return "redirected to another address, which the bot doesn't follow"
        case KickscaleUnreadable(detail=detail):
            return f"unexpected response: {detail}"
        case KickscaleRejected(status=status):
            return f"request refused (HTTP {status})"
        case _:
            return "request refused"


def _remedy(exc: KickscaleError) -> str:
    if isinstance(exc, CredentialsRefused):
        return f"A key expires after a year. {NEW_KEY} KICKSCALE_API_KEY and KICKSCALE_CLIENT_ID."
    if isinstance(exc, KickscaleRedirected | KickscaleRejected | KickscaleUnreadable):
        return "Check that KICKSCALE_BASE_URL is the address of the API."
    if isinstance(exc, KickscaleRateLimited):
        return "Wait a while, then try again."
    if isinstance(exc, KickscaleUnavailable) and exc.status is not None:
        return "Try again in a while. If it stays, ask Kickscale's support."
    why = exc.why if isinstance(exc, KickscaleUnavailable) else ""
    return connecting.remedy(why, "KICKSCALE_BASE_URL")


def check_key_age(created: date | None, today: date) -> list[Check]:
    """Check how soon the key expires. `created` is the day it was created, if known."""
    left = key_days_left(created, today)
    if left is None:
        return [
            Check(
                "kickscale key age",
                ok=True,
                detail="unknown; set KICKSCALE_API_KEY_CREATED to be warned before it expires",
            )
        ]
    if left > LONGEST_LIFE:
        remedy = "Set KICKSCALE_API_KEY_CREATED to the day the key was created."
        return [
            Check("kickscale key age", ok=False, detail="KICKSCALE_API_KEY_CREATED is in the future", remedy=remedy)
        ]
    remedy = f"{NEW_KEY} KICKSCALE_API_KEY and KICKSCALE_API_KEY_CREATED."
    if left <= 0:
        return [Check("kickscale key age", ok=False, detail="expired: over a year old", remedy=remedy)]
    return [
        Check(
            "kickscale key age",
            ok=left > KEY_WARNING,
            detail=f"expires in {left} day{'s' * (left != 1)}",
            remedy="" if left > KEY_WARNING else remedy,
        )
    ]
