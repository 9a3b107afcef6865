"""The doctor's checks of Kickscale: the credentials, the age of the key, the API's own document."""

from collections.abc import Callable
from datetime import date

from bot.errors import (
    CredentialsRefused,
    KickscaleError,
    KickscaleRateLimited,
    KickscaleRedirected,
    KickscaleTimeout,
    KickscaleUnavailable,
    KickscaleUnreadable,
)
from bot.kickscale.binding.bind import Binding, Source, UploadStyle, bind
from bot.kickscale.client import KickscaleClient
from bot.operations.checks.check import Check
from bot.operations.status import key_days_left

KEY_WARNING = 30
"""Days before the key dies."""
LONGEST_LIFE = 367
"""Days: a leap year, and one more because the date may differ where the key was made."""
NEW_KEY = "make a new one under Settings → Integrations → API & Webhooks in Kickscale, and set"


async def check_credentials(client: KickscaleClient) -> list[Check]:
    try:
        await client.check()
    except KickscaleError as exc:
        return [Check("kickscale credentials", ok=False, detail=_describe(exc), remedy=_remedy(exc))]
    return [Check("kickscale credentials", ok=True, detail="Kickscale takes them")]


async def check_document(
    client: KickscaleClient, override: Callable[[Binding], Binding], *, has_address: bool
) -> list[Check]:
    """Check that the API's OpenAPI document says all that the bot has to know; without it the bot uses defaults.

    `has_address` says whether Kickscale could fetch recordings from the bot.
    """
    name = "kickscale api"
    try:
        binding = override(bind(await client.openapi()))
    except KickscaleError as exc:
        remedy = "nothing need be done while answers are right; else see KICKSCALE_DOMAIN_FILTER and its neighbours"
        return [
            Check(
                name,
                ok=False,
                detail=f"its OpenAPI document can't be read ({_describe(exc)}), so the default is used",
                remedy=remedy,
            )
        ]
    bound = Check(name, ok=True, detail="; ".join(binding.notes) or "bound to its OpenAPI document")
    unbound = [
        reading for reading in (binding.calls, binding.meetings) if reading.domain_filter.source is Source.DEFAULT
    ]
    if unbound or binding.upload.source is Source.DEFAULT:
        remedy = "compare with the document, and set KICKSCALE_DOMAIN_FILTER or its neighbours where it is wrong"
        return [
            Check(name, ok=False, detail=f"not all of it is in its OpenAPI document: {bound.detail}", remedy=remedy)
        ]
    if binding.upload.style is UploadStyle.URL and not has_address:
        detail = "it fetches recordings from the bot, which has no address for that"
        remedy = "set PUBLIC_URL to the address at which others reach the bot, and in Socket Mode PORT"
        return [bound, Check("recordings", ok=False, detail=detail, remedy=remedy)]
    return [bound]


def _describe(exc: KickscaleError) -> str:
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


def check_key_age(created: date | None, today: date) -> list[Check]:
    """Check how long the key still lives. `created` is the day on which it was made, if that is known."""
    left = key_days_left(created, today)
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
