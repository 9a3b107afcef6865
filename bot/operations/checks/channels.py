"""The doctor's check of the channels in the settings: a typo would keep people out, or leave a channel unlimited."""

import asyncio

from bot.errors import NotInChannel, SlackDenied, SlackError, SlackUnavailable
from bot.model.access import AccessRules
from bot.operations.checks.check import Check
from bot.slack.client import Slack

NAME = "channels"


async def check_channels(rules: AccessRules, slack: Slack) -> list[Check]:
    """Check that the channels in ALLOWED_CHANNELS and CHANNEL_DOMAINS can be used.

    Returns nothing if there are none, or if Slack doesn't say: then another check says why.
    """
    named = sorted(id_ for id_ in {*rules.channels, *rules.bound} if not id_.startswith("D"))
    try:
        problems = await asyncio.gather(*(_problem(id_, slack) for id_ in named))
    except SlackError:
        return []
    unseen = [id_ for id_, problem in zip(named, problems, strict=True) if problem == "unseen"]
    archived = [id_ for id_, problem in zip(named, problems, strict=True) if problem == "archived"]
    checks = []
    if unseen:
        # No failure: in a private channel that the bot isn't in, questions are answered.
        remedy = (
            "Copy these IDs from the channels' details again. If a channel is private, invite the bot, then try again."
        )
        checks.append(Check(NAME, ok=True, detail=f"not found in Slack: {', '.join(unseen)}", remedy=remedy))
    if archived:
        remedy = "Remove them from ALLOWED_CHANNELS and CHANNEL_DOMAINS, or unarchive them."
        checks.append(Check(NAME, ok=True, detail=f"archived or deleted: {', '.join(archived)}", remedy=remedy))
    if named and not checks:
        count = f"{len(named)} channel{'s' * (len(named) != 1)}"
        checks.append(Check(NAME, ok=True, detail=f"{count} in the settings found"))
    return checks


async def _problem(id_: str, slack: Slack) -> str:
    """Return a word for what is wrong with a channel, or an empty text. Raises SlackError if Slack doesn't say."""
    try:
        await slack.channels.find(id_)
    except NotInChannel:
        return "unseen"
    except (SlackUnavailable, SlackDenied):
        raise
    except SlackError:
        return "archived"
    return ""
