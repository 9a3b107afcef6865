"""Who may ask, and about which customers."""

from dataclasses import replace
from pathlib import Path

from bot.model.audit import AuditKind
from tests.scenarios.access.steps import DAY, HOUR, names, read_audit, under
from tests.world import LEA, ROBIN, SALES, audit_row, call, is_error


async def test_user_groups_and_channels_narrow_who_may_ask(tmp_path: Path) -> None:
    """Others are refused in a sentence, and Kickscale isn't asked."""
    async with under(tmp_path, allowed_users="U0LEA00001", allowed_channels="C0SALES001") as here:
        here.kickscale.requests.clear()
        assert "You don't have access" in here.text(await here.ask("/kickscale calls acme.com"))
        assert "not enabled in this channel" in here.text(await here.ask("/kickscale calls acme.com", LEA, "general"))
        assert len(here.kickscale.requests) == 0
        answer = await here.ask("/kickscale calls acme.com", LEA)
        assert names(answer) == ["Call 1", "Call 2"]
        await here.click(answer, "Details", user=LEA)
        view = here.slack.open_view(LEA)
        assert view is not None
        await here.click(view, "Transcript", user=LEA)
        assert len(here.slack.direct_messages(LEA)) == 1, "a click in a modal comes from where that was opened"
        refused = await read_audit(here, AuditKind.REFUSED)
        assert [row.what for row in refused] == ["person", "channel"]


async def test_members_of_a_user_group_may_ask(tmp_path: Path) -> None:
    """Those whom Slack lists; if Slack can't say, nobody."""
    async with under(tmp_path, allowed_groups="S0SALES001") as here:
        group = here.slack.state.groups["S0SALES001"]
        here.slack.state.groups["S0SALES001"] = replace(group, members=(here.slack.user(ROBIN).id,))
        assert names(await here.ask("/kickscale calls acme.com")) == ["Call 1", "Call 2"]
        assert is_error(await here.ask("/kickscale calls acme.com", LEA))
        await here.clock.advance(600)
        here.slack.faults.add("usergroups.users.list", error="no_such_subteam")
        assert is_error(await here.ask("/kickscale calls acme.com"))


async def test_a_bound_channel_refuses_other_customers(tmp_path: Path) -> None:
    """They are not listed, opened, posted or subscribed to there."""
    async with under(tmp_path, channel_domains="C0SALES001=acme.com") as here:
        here.kickscale.add_call(call(3, here.clock.now() - HOUR, customerDomains=["example.org"]))
        answer = await here.ask("/kickscale calls")
        assert "with acme.com" in here.text(answer)
        assert names(answer) == ["Call 1", "Call 2"]
        for line in ("calls example.org", "call c3", "digest add example.org", "digest add *", "digest preview *"):
            said = await here.ask(f"/kickscale {line}")
            assert is_error(said), line
            assert "limited to acme.com" in here.text(said), line
        assert names(await here.ask("/kickscale calls", channel="general")) == ["Call 1", "Call 2", "Call 3"]
        await here.subscribe(SALES)
        await here.bot.database.subscriptions.change("d1", audit_row("digest edit"), domains=("*",))
        here.kickscale.add_call(call(4, here.clock.now() + 20 * HOUR, customerDomains=["example.org"]))
        await here.run_digests_at(here.clock.now() + DAY)
        assert "Call 4" not in "".join(here.text(message) for message in here.slack.posts(SALES))
