"""The Web API refuses what Slack's refuses, with the same words."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack, Token
from tests.clock import ManualClock

SALES, DEALS, LEADS, NO_BOT, OLD = "C0SALES001", "C0PRIVATE1", "C0SECRET01", "C0NOBOT001", "C0OLD00001"
ROBIN, GUS, DANA, PAT, JANA = "U0ROBIN001", "U0GUS00001", "U0DANA0001", "U0PAT00001", "U0JANA0001"


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


def scoped(slack: EmbeddedSlack, *scopes: str) -> AsyncWebClient:
    slack.state.tokens["xoxb-narrow"] = Token("bot", frozenset(scopes))
    return AsyncWebClient("xoxb-narrow", base_url=slack.api_url, retry_handlers=[])


async def test_auth_test_returns_the_bot_and_its_scopes(client: AsyncWebClient) -> None:
    """The scopes are in a header, as with Slack."""
    response = await client.auth_test()
    assert response["user_id"] == "U0KICKBOT1"
    assert response["team_id"] == "T0SANDBOX1"
    assert "chat:write" in response.headers["X-OAuth-Scopes"].split(",")


async def test_bots_info_tells_the_app(client: AsyncWebClient) -> None:
    """Of the bot that auth.test names; there is no other."""
    bot = (await client.auth_test())["bot_id"]
    found = await client.bots_info(bot=bot)
    assert (found["bot"]["app_id"], found["bot"]["user_id"]) == ("A0SANDBOX1", "U0KICKBOT1")
    assert (await refused(client.bots_info(bot="B0NOBODY01")))["error"] == "bot_not_found"


@pytest.mark.parametrize(
    ("token", "error"), [(None, "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xoxb-old", "token_revoked")]
)
async def test_a_token_must_be_there_and_good(slack: EmbeddedSlack, token: str | None, error: str) -> None:
    """A missing one, an unknown one and a revoked one have an error each."""
    slack.state.tokens["xoxb-old"] = Token("bot", frozenset(), is_revoked=True)
    client = AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])
    assert (await refused(client.auth_test()))["error"] == error


async def test_an_app_token_opens_connections_and_nothing_else(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """And a bot token opens none."""
    app = AsyncWebClient(slack.app_token, base_url=slack.api_url, retry_handlers=[])
    opened = await app.apps_connections_open(app_token=slack.app_token)
    assert opened["url"].startswith(f"ws://127.0.0.1:{slack.base_url.rsplit(':', 1)[1]}/link/?ticket=")
    assert (await refused(app.users_info(user=ROBIN)))["error"] == "not_allowed_token_type"
    denied = await refused(client.apps_connections_open(app_token=slack.bot_token))
    assert denied["error"] == "not_allowed_token_type"


async def test_a_missing_scope_is_named(slack: EmbeddedSlack) -> None:
    """The error has the scopes that are needed and those that there are."""
    answer = await refused(scoped(slack, "users:read").chat_postMessage(channel=SALES, text="x"))
    assert answer == {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "users:read"}


async def test_private_channels_need_scopes_of_their_own(slack: EmbeddedSlack) -> None:
    """`channels:read` says nothing of a private channel."""
    narrow = scoped(slack, "channels:read", "channels:history")
    assert (await narrow.conversations_info(channel=SALES))["channel"]["name"] == "sales-acme"
    assert (await refused(narrow.conversations_info(channel=DEALS)))["needed"] == "groups:read"
    assert (await refused(narrow.conversations_history(channel=DEALS)))["needed"] == "groups:history"
    assert (await refused(narrow.conversations_list(types="private_channel")))["needed"] == "groups:read"


async def test_an_email_address_needs_its_scope(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Without `users:read.email` the profile has no `email`."""
    assert (await client.users_info(user=ROBIN))["user"]["profile"]["email"] == "robin.rep@example.com"
    assert "email" not in (await scoped(slack, "users:read").users_info(user=ROBIN))["user"]["profile"]


async def test_kinds_of_people_can_be_distinguished(client: AsyncWebClient) -> None:
    """The guest, the deactivated one, the one of another workspace, and the zones."""
    robin = (await client.users_info(user=ROBIN))["user"]
    assert (robin["tz"], robin["tz_offset"]) == ("Europe/Berlin", 3600)
    assert not robin["is_restricted"]
    assert (await client.users_info(user=GUS))["user"]["is_restricted"]
    assert (await client.users_info(user=DANA))["user"]["deleted"]
    pat = (await client.users_info(user=PAT))["user"]
    assert pat["is_stranger"]
    assert pat["team_id"] != robin["team_id"]
    assert (await refused(client.users_info(user="U0NOBODY01")))["error"] == "user_not_found"
    assert (await client.users_lookupByEmail(email="lea.lead@example.com"))["user"]["name"] == "lea.lead"
    assert (await refused(client.users_lookupByEmail(email="dana@example.com")))["error"] == "users_not_found"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOTHERE1", "channel_not_found"),
        (LEADS, "channel_not_found"),
        (NO_BOT, "not_in_channel"),
        (OLD, "is_archived"),
        (PAT, "channel_not_found"),
        ("#sales-acme-typo", "channel_not_found"),
    ],
)
async def test_the_bot_cannot_post_where_it_may_not(client: AsyncWebClient, channel: str, error: str) -> None:
    """A private channel that the bot is not in is not found, a public one is one that it is not in."""
    assert (await refused(client.chat_postMessage(channel=channel, text="x")))["error"] == error


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "thread_ts": "1.0"}, "invalid_thread_ts"),
    ],
)
async def test_a_message_must_say_something_in_the_right_form(
    slack: EmbeddedSlack, client: AsyncWebClient, arguments: dict[str, Any], error: str
) -> None:
    """Otherwise nothing is posted."""
    assert (await refused(client.api_call("chat.postMessage", json={"channel": SALES, **arguments})))["error"] == error
    assert slack.posts(SALES) == []


async def test_wrong_blocks_are_explained(client: AsyncWebClient) -> None:
    """In `errors`, and in `response_metadata.messages` as the SDK's users know it."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await refused(client.chat_postMessage(channel=SALES, text="x", blocks=blocks))
    problem = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == [problem]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {problem}"]


async def test_all_texts_of_a_message_together_have_a_limit_too(client: AsyncWebClient) -> None:
    """`msg_blocks_too_long`, at about 13,200 characters, although each block by itself is valid."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    assert (await client.chat_postMessage(channel=SALES, text="x", blocks=[section] * 4))["ok"]
    answer = await refused(client.chat_postMessage(channel=SALES, text="x", blocks=[section] * 5))
    assert answer["error"] == "msg_blocks_too_long"


async def test_a_message_is_posted_edited_and_deleted(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Without blocks, the old ones are removed; metadata stays; a deleted message is not found."""
    metadata = {"event_type": "shared", "event_payload": {"key": "k1"}}
    posted = await client.chat_postMessage(channel=SALES, text="one", blocks=[{"type": "divider"}], metadata=metadata)
    ts = posted["ts"]
    [message] = slack.posts("#sales-acme")
    assert message.ts == ts
    assert message.blocks[0]["block_id"]

    await client.chat_update(channel=SALES, ts=ts, text="two")
    [message] = slack.posts(SALES)
    assert (message.text, message.blocks, message.metadata) == ("two", (), metadata)
    assert message.edited

    await client.chat_delete(channel=SALES, ts=ts)
    assert slack.posts(SALES) == []
    assert (await refused(client.chat_update(channel=SALES, ts=ts, text="x")))["error"] == "message_not_found"


async def test_only_its_own_messages_are_the_bots_to_change(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Nor can it edit an ephemeral one, which is not found."""
    said = slack.say("robin.rep", SALES, "mine")
    assert (await refused(client.chat_update(channel=SALES, ts=said.ts, text="x")))["error"] == "cant_update_message"
    assert (await refused(client.chat_delete(channel=SALES, ts=said.ts)))["error"] == "cant_delete_message"
    shown = await client.chat_postEphemeral(channel=SALES, user=ROBIN, text="psst")
    answer = await refused(client.chat_update(channel=SALES, ts=shown["message_ts"], text="x"))
    assert answer["error"] == "message_not_found"


async def test_an_ephemeral_message_is_for_somebody_in_the_channel(
    slack: EmbeddedSlack, client: AsyncWebClient
) -> None:
    """And only for that person."""
    await client.chat_postEphemeral(channel=SALES, user=ROBIN, text="psst")
    assert [message.text for message in slack.ephemerals(SALES, "robin.rep")] == ["psst"]
    assert slack.ephemerals(SALES, "lea.lead") == []
    assert slack.posts(SALES) == []
    answer = await refused(client.chat_postEphemeral(channel="C0GENERAL1", user=GUS, text="psst"))
    assert answer["error"] == "user_not_in_channel"


async def test_a_message_to_a_person_is_a_direct_message(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Both ways lead to the same `D…` channel; nobody who is gone can be written to."""
    opened = await client.conversations_open(users=ROBIN)
    posted = await client.chat_postMessage(channel=ROBIN, text="hello")
    assert posted["channel"] == opened["channel"]["id"]
    assert posted["channel"].startswith("D")
    assert [message.text for message in slack.direct_messages("robin.rep")] == ["hello"]
    assert (await refused(client.conversations_open(users=DANA)))["error"] == "user_disabled"
    assert (await refused(client.conversations_open(users="U0NOBODY01")))["error"] == "user_not_found"
    assert (await refused(client.conversations_open(users="")))["error"] == "users_list_not_supplied"


async def test_history_is_newest_first_and_keeps_replies_apart(client: AsyncWebClient) -> None:
    """Metadata is only included on request; `oldest` itself is left out."""
    metadata = {"event_type": "shared", "event_payload": {"key": "k1"}}
    first = await client.chat_postMessage(channel=SALES, text="first", metadata=metadata)
    await client.chat_postMessage(channel=SALES, text="second")
    await client.chat_postMessage(channel=SALES, text="reply", thread_ts=first["ts"])

    plain = await client.conversations_history(channel=SALES)
    assert [message["text"] for message in plain["messages"]] == ["second", "first"]
    assert plain["messages"][1]["reply_count"] == 1
    assert "metadata" not in plain["messages"][1]
    full = await client.conversations_history(channel=SALES, include_all_metadata=True)
    assert full["messages"][1]["metadata"] == metadata
    later = await client.conversations_history(channel=SALES, oldest=first["ts"])
    assert [message["text"] for message in later["messages"]] == ["second"]

    replies = await client.conversations_replies(channel=SALES, ts=first["ts"])
    assert [message["text"] for message in replies["messages"]] == ["first", "reply"]
    assert (await refused(client.conversations_history(channel=NO_BOT)))["error"] == "not_in_channel"
    assert (await refused(client.conversations_replies(channel=SALES, ts="1.0")))["error"] == "thread_not_found"


async def test_lists_come_in_pages(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """A cursor leads to the next one, and the last has none."""
    members: list[str] = []
    cursor = ""
    while True:
        answer = await client.conversations_members(channel=SALES, limit=2, cursor=cursor)
        members += answer["members"]
        cursor = answer["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert members == list(slack.state.channel(SALES).members)
    nonsense = client.conversations_members(channel=SALES, cursor="nonsense")
    assert (await refused(nonsense))["error"] == "invalid_cursor"


async def test_everybody_of_the_workspace_is_listed(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """In pages, all at once without a limit; deactivated ones and bots too, nobody of another workspace."""
    every = (await client.users_list())["members"]
    assert [user["id"] for user in every] == [ROBIN, "U0LEA00001", GUS, DANA, JANA, slack.state.bot_user]
    assert every[0]["profile"]["email"] == "robin.rep@example.com"
    assert not any("locale" in user for user in every)
    localised = (await client.users_list(include_locale=True))["members"]
    assert [user.get("locale") for user in localised] == ["en-US", "en-US", "en-US", None, "de-DE", "en-US"]
    first = await client.users_list(limit=3)
    rest = await client.users_list(limit=3, cursor=first["response_metadata"]["next_cursor"])
    assert [*first["members"], *rest["members"]] == every
    assert rest["response_metadata"]["next_cursor"] == ""
    narrow = await scoped(slack, "users:read").users_list(limit=1)
    assert "email" not in narrow["members"][0]["profile"]
    assert (await refused(scoped(slack, "chat:write").users_list()))["needed"] == "users:read"


async def test_user_groups_have_their_members(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """By handle and by id; a disabled one only to who asks for those."""
    [group] = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (group["handle"], group["users"]) == ("sales", [ROBIN, "U0LEA00001"])
    assert "users" not in (await client.usergroups_list())["usergroups"][0]
    members = await client.usergroups_users_list(usergroup=group["id"])
    assert members["users"] == group["users"]
    assert (await refused(client.usergroups_users_list(usergroup="S0NOBODY01")))["error"] == "no_such_subteam"
    narrow = scoped(slack, "users:read").usergroups_users_list(usergroup=group["id"])
    assert (await refused(narrow))["needed"] == "usergroups:read"
    slack.state.groups[group["id"]] = replace(slack.state.groups[group["id"]], is_disabled=True)
    assert (await client.usergroups_list())["usergroups"] == []
    assert (await refused(client.usergroups_users_list(usergroup=group["id"])))["error"] == "no_such_subteam"
    assert (await client.usergroups_users_list(usergroup=group["id"], include_disabled=True))["users"]


async def test_private_channels_are_listed_only_with_the_bot_in_them(client: AsyncWebClient) -> None:
    """Public ones all, archived ones on request."""
    answer = await client.conversations_list(types="public_channel,private_channel", exclude_archived=True)
    names = {channel["name"]: channel["is_member"] for channel in answer["channels"]}
    inside = dict.fromkeys(("sales-acme", "acme-project", "general", "deals", "ext-acme"), True)
    assert names == {**inside, "sales-team": False}


async def test_a_permalink_leads_to_a_message_that_is_there(client: AsyncWebClient) -> None:
    """With the thread in it for a reply."""
    first = await client.chat_postMessage(channel=SALES, text="first")
    reply = await client.chat_postMessage(channel=SALES, text="reply", thread_ts=first["ts"])
    link = (await client.chat_getPermalink(channel=SALES, message_ts=reply["ts"]))["permalink"]
    assert link.endswith(f"/archives/{SALES}/p{reply['ts'].replace('.', '')}?thread_ts={first['ts']}&cid={SALES}")
    assert (await refused(client.chat_getPermalink(channel=SALES, message_ts="1.0")))["error"] == "message_not_found"


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    """With its name."""
    answer = await refused(client.api_call("chat.sing"))
    assert answer == {"ok": False, "error": "unknown_method", "req_method": "chat.sing"}


async def test_bodies_are_read_as_slack_reads_them(slack: EmbeddedSlack) -> None:
    """JSON only where a method writes, its token only in the header, and no other kinds of body."""
    async with aiohttp.ClientSession() as session:

        async def post(method: str, **arguments: Any) -> Any:
            async with session.post(slack.api_url + method, **arguments) as response:
                return (await response.json())["error"] if response.status == 200 else response.status

        bearer = {"Authorization": f"Bearer {slack.bot_token}"}
        assert await post("chat.postMessage", json={"token": slack.bot_token}) == "not_authed"
        assert await post("chat.postMessage", data={"token": slack.bot_token}) == "invalid_arguments"
        assert await post("users.info", json={"user": ROBIN}, headers=bearer) == "invalid_arguments"
        text = {"Content-Type": "text/plain"}
        assert await post("chat.postMessage", data=b"x", headers=bearer | text) == "invalid_post_type"
        is_json = {"Content-Type": "application/json"}
        assert await post("chat.postMessage", data=b"{", headers=bearer | is_json) == "invalid_json"
        assert await post("chat.postMessage", data=b"[]", headers=bearer | is_json) == "json_not_object"


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ({"text": "hello <!channel>"}, ("<!channel>",)),
        ({"text": "hello &lt;!channel&gt;"}, ()),
        ({"text": "hello <@U0ROBIN001>"}, ("<@U0ROBIN001>",)),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<!here>"}}]},
            ("<!here>",),
        ),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "<!here>"}}]}, ()),
        (
            {
                "text": "x",
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "everyone"}]}
                        ],
                    }
                ],
            },
            ("<!everyone>",),
        ),
    ],
)
async def test_what_would_ping_is_written_down(
    slack: EmbeddedSlack, client: AsyncWebClient, arguments: dict[str, Any], mentions: tuple[str, ...]
) -> None:
    """From every text that Slack parses, and from none that it shows as it is."""
    await client.chat_postMessage(channel=SALES, **arguments)
    assert slack.posts(SALES)[0].mentions == mentions


async def test_a_message_is_stamped_once(client: AsyncWebClient, clock: ManualClock) -> None:
    """Two in the same moment have two timestamps, in order."""
    first, second = [(await client.chat_postMessage(channel=SALES, text="x"))["ts"] for _ in range(2)]
    assert float(first) == clock.now().timestamp()
    assert first < second


async def test_what_a_test_changes_in_the_world_counts_at_once(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Here somebody puts the bot out of the channel."""
    channel = slack.state.channel(SALES)
    slack.state.channels[channel.id] = replace(channel, members=(ROBIN,))
    assert (await refused(client.chat_postMessage(channel=SALES, text="x")))["error"] == "not_in_channel"
    assert [call.error for call in slack.calls] == ["not_in_channel"]
