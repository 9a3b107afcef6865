"""The doctor's checks of Slack: the token, its scopes, the clock, the people in the settings, the connection."""

import asyncio

from bot.clock import LARGEST_DRIFT, Clock
from bot.errors import SlackDenied, SlackError, SlackUnavailable
from bot.model.access import AccessRules
from bot.operations.checks.check import Check
from bot.operations.manifest import SCOPES
from bot.slack.auth import Identity
from bot.slack.client import Slack

UNREACHABLE = "see whether this machine reaches SLACK_API_URL, and https://slack-status.com"


async def check_token(slack: Slack, clock: Clock) -> list[Check]:
    try:
        identity = await slack.auth.check()
    except SlackDenied as exc:
        remedy = "copy the Bot User OAuth Token again from the app's OAuth & Permissions page into SLACK_BOT_TOKEN"
        return [Check("slack token", ok=False, detail=f"Slack refuses it ({exc.code})", remedy=remedy)]
    except SlackError as exc:
        return [Check("slack token", ok=False, detail=f"Slack does not answer ({exc.code})", remedy=UNREACHABLE)]
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


async def check_people(rules: AccessRules, slack: Slack) -> list[Check]:
    """Check that everybody whom the settings name exists: a typo would lock people out."""
    holders = {id_ for holders in rules.holders.values() for id_ in holders.ids}
    named = sorted(rules.users | rules.admins | rules.user_groups | holders)
    if not named:
        return []

    async def exists(id_: str) -> bool:
        try:
            await (slack.people.get_group(id_) if id_.startswith("S") else slack.people.get(id_))
        except SlackError:
            return False
        return True

    existing = await asyncio.gather(*map(exists, named))
    missing = [id_ for id_, does_exist in zip(named, existing, strict=True) if not does_exist]
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


async def check_connection(app_token: str, slack: Slack) -> list[Check]:
    if not app_token:
        return [Check("slack connection", ok=True, detail="over HTTP, with the signing secret")]
    try:
        await slack.auth.open_socket(app_token)
    except SlackUnavailable as exc:
        return [Check("slack connection", ok=False, detail=f"Slack does not answer ({exc.code})", remedy=UNREACHABLE)]
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
