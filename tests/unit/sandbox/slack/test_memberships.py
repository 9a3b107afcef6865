"""People and other workspaces that join a channel, and when the app gets an event."""

from dataclasses import replace

import pytest

from bot.sandbox.slack import EmbeddedSlack, Token
from tests.unit.sandbox.samples import LEA, ROBIN, SALES
from tests.unit.sandbox.socketapp import SocketApp


async def test_joining_makes_a_member_and_sends_an_event(slack: EmbeddedSlack, app: SocketApp) -> None:
    """With who invited them, in public and private channels that the bot is in, and in no others."""
    await slack.join("pat.partner", SALES, inviter=ROBIN)
    await slack.join("gus.guest", "deals")
    await slack.join("gus.guest", "leads-only")
    public, private = (envelope["payload"]["event"] for envelope in app.received)
    assert public == {
        "type": "member_joined_channel",
        "user": "U0PAT00001",
        "channel": "C0SALES001",
        "channel_type": "C",
        "team": "T0PARTNER1",
        "inviter": "U0ROBIN001",
        "event_ts": public["event_ts"],
    }
    assert (private["channel"], private["team"], "inviter" in private) == ("C0PRIVATE1", "T0SANDBOX1", False)
    assert "U0GUS00001" in slack.state.channel("leads-only").members
    await slack.command("pat.partner", SALES, "/kickscale help")
    with pytest.raises(ValueError, match="already"):
        await slack.join(LEA, SALES)


async def test_a_channel_that_is_shared_says_so(slack: EmbeddedSlack, app: SocketApp) -> None:
    """With the workspace that it is now shared with, and from then on in every event of it."""
    await slack.connect(SALES)
    assert slack.state.channel(SALES).is_ext_shared
    [payload] = (envelope["payload"] for envelope in app.received)
    event = payload["event"]
    assert payload["is_ext_shared_channel"] is True
    assert (event["type"], event["channel"], event["connected_team_id"]) == (
        "channel_shared",
        "C0SALES001",
        "T0PARTNER1",
    )


async def test_without_the_scope_or_the_subscription_there_is_no_event(slack: EmbeddedSlack, app: SocketApp) -> None:
    """Each kind of channel has its own scope."""
    slack.state.tokens[slack.bot_token] = Token("bot", frozenset({"channels:read"}))
    await slack.join("gus.guest", "deals")
    assert app.received == []
    slack.state.channels["C0PRIVATE1"] = replace(slack.state.channels["C0PRIVATE1"], is_private=False)
    await slack.join("pat.partner", "deals")
    assert len(app.received) == 1
    slack.state.subscriptions -= {"member_joined_channel"}
    await slack.join("dana.deactivated", "deals")
    assert len(app.received) == 1
