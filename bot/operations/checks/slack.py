"""The doctor's checks of Slack: the token, its scopes, the clock, the people in the settings, the connection."""

import asyncio

from bot.clock import LARGEST_DRIFT, Clock
from bot.errors import ConnectionCause, SlackDenied, SlackError, SlackUnavailable
from bot.model.access import AccessRules
from bot.operations.checks import connecting
from bot.operations.checks.check import Check
from bot.operations.manifest import SCOPES
from bot.slack.auth import Identity, app_of
from bot.slack.client import Slack


async def check_token(slack: Slack, clock: Clock) -> list[Check]:
    try:
        identity = await slack.auth.check()
    except SlackDenied as exc:
        remedy = "Copy the Bot User OAuth Token from the app's OAuth & Permissions page to SLACK_BOT_TOKEN again."
        return [Check("slack token", ok=False, detail=f"refused by Slack ({exc.code})", remedy=remedy)]
    except SlackError as exc:
        return [_unreachable("slack token", exc)]
    return [
        Check("slack token", ok=True, detail=f"valid for the workspace {identity.team_name}"),
        _scopes(identity),
        *_clock(identity, clock),
    ]


def _unreachable(name: str, exc: SlackError) -> Check:
    why: ConnectionCause = exc.why if isinstance(exc, SlackUnavailable) else ""
    said = connecting.DETAILS[why] if why else exc.code
    remedy = connecting.remedy(why, "SLACK_API_URL") + ("" if why else " See also https://slack-status.com.")
    return Check(name, ok=False, detail=f"Slack isn't responding ({said})", remedy=remedy)


def _scopes(identity: Identity) -> Check:
    if not identity.scopes:
        return Check("slack scopes", ok=True, detail="unknown: Slack didn't report them")
    missing = sorted(set(SCOPES) - identity.scopes)
    if missing:
        remedy = "Add them under OAuth & Permissions, or paste the manifest again, then reinstall the app."
        return Check("slack scopes", ok=False, detail=f"missing: {', '.join(missing)}", remedy=remedy)
    return Check("slack scopes", ok=True, detail=f"all {len(SCOPES)} granted")


async def check_people(rules: AccessRules, slack: Slack) -> list[Check]:
    """Check that all users and groups in the settings exist: a typo would lock people out."""
    holders = {id_ for holders in rules.holders.values() for id_ in holders.ids}
    named = sorted(rules.users | rules.admins | rules.user_groups | holders)
    if not named:
        return []

    async def exists(id_: str) -> bool:
        try:
            await (slack.people.get_group(id_) if id_.startswith("S") else slack.people.get(id_))
        except (SlackUnavailable, SlackDenied):
            raise
        except SlackError:
            return False
        return True

    try:
        existing = await asyncio.gather(*map(exists, named))
    except SlackError as exc:
        detail = f"the users and groups in the settings couldn't be checked ({exc.code})"
        remedy = "Correct what is wrong with the Slack token, its scopes or the connection, then try again."
        return [Check("access", ok=False, detail=detail, remedy=remedy)]
    missing = [id_ for id_, does_exist in zip(named, existing, strict=True) if not does_exist]
    if missing:
        detail = f"not found in Slack: {', '.join(missing)}"
        return [Check("access", ok=False, detail=detail, remedy="Copy these IDs from the profiles in Slack again.")]
    return [Check("access", ok=True, detail=f"all {len(named)} users and groups in the settings exist")]


def _clock(identity: Identity, clock: Clock) -> list[Check]:
    if identity.answered_at is None:
        return []
    drift = abs(clock.now() - identity.answered_at)
    if drift > LARGEST_DRIFT:
        detail = f"{drift.total_seconds():.0f} seconds off from Slack's"
        return [Check("clock", ok=False, detail=detail, remedy="Synchronise this machine's clock with NTP.")]
    return [Check("clock", ok=True, detail="in sync with Slack's")]


async def check_connection(app_token: str, slack: Slack) -> list[Check]:
    if not app_token:
        return [Check("slack connection", ok=True, detail="HTTP, with the signing secret")]
    try:
        await slack.auth.open_socket(app_token)
    except SlackUnavailable as exc:
        return [_unreachable("slack connection", exc)]
    except SlackError as exc:
        remedy = "Create an app-level token with the scope connections:write, and turn on Socket Mode."
        return [
            Check(
                "slack connection",
                ok=False,
                detail=f"SLACK_APP_TOKEN refused by Slack ({exc.code})",
                remedy=remedy,
            )
        ]
    if (belongs_to := app_of(app_token)) and (app := await _find_app(slack)) and app != belongs_to:
        detail = f"SLACK_APP_TOKEN belongs to another app ({belongs_to}) than SLACK_BOT_TOKEN ({app})"
        remedy = f"Copy both from the same app's settings; this one's: https://api.slack.com/apps/{app}"
        return [Check("slack connection", ok=False, detail=detail, remedy=remedy)]
    return [Check("slack connection", ok=True, detail="Socket Mode works")]


async def _find_app(slack: Slack) -> str:
    """Return the id of the app that the bot token belongs to; empty if Slack doesn't say, as `check_token` reports."""
    try:
        return await slack.auth.app()
    except SlackError:
        return ""
