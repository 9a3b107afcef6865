"""Commands, response_url and clicks: what people can do, and what the app gets."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock
from tests.unit.sandbox.samples import LEA, ROBIN, SALES, actions, button
from tests.unit.sandbox.socketapp import SocketApp

pytestmark = pytest.mark.usefixtures("app")

# ---- commands --------------------------------------------------------------------------------------------------------


async def test_what_the_client_would_not_send_is_not_sent(slack: EmbeddedSlack, app: SocketApp) -> None:
    """An unknown command, or one where the person is not."""
    with pytest.raises(ValueError, match="isn't a command here"):
        await slack.command(ROBIN, SALES, "/weather")
    with pytest.raises(ValueError, match="isn't a member of leads-only"):
        await slack.command(ROBIN, "leads-only", "/kickscale help")
    with pytest.raises(LookupError):
        await slack.command("nobody", SALES, "/kickscale help")
    assert app.received == []


async def test_private_places_are_not_named(slack: EmbeddedSlack, app: SocketApp) -> None:
    """`privategroup` and `directmessage` stand for them."""
    for channel in (SALES, "deals", "dm"):
        await slack.command(ROBIN, channel, "/kickscale help")
    names = [envelope["payload"]["channel_name"] for envelope in app.received]
    assert names == ["sales-acme", "privategroup", "directmessage"]


# ---- response_url ----------------------------------------------------------------------------------------------------


async def test_a_response_url_is_good_for_five_answers(slack: EmbeddedSlack, app: SocketApp) -> None:
    """The sixth is refused."""
    url = str((await slack.command(ROBIN, SALES, "/kickscale help")).payload["response_url"])
    for _ in range(5):
        assert await app.respond(url, text="x") == (200, "ok")
    assert await app.respond(url, text="x") == (404, "used_url")
    assert len(slack.ephemerals(SALES, ROBIN)) == 5


async def test_a_response_url_is_good_for_half_an_hour(
    slack: EmbeddedSlack, app: SocketApp, clock: ManualClock
) -> None:
    """To the second."""
    url = str((await slack.command(ROBIN, SALES, "/kickscale help")).payload["response_url"])
    await clock.advance(30 * 60)
    assert await app.respond(url, text="x") == (200, "ok")
    await clock.advance(1)
    assert await app.respond(url, text="x") == (404, "expired_url")
    assert await app.respond(f"{url}x", text="x") == (404, "invalid_url")


async def test_a_commands_response_url_replaces_nothing(slack: EmbeddedSlack, app: SocketApp) -> None:
    """What it was asked to replace stays, and one more message comes; nor does it delete."""
    url = str((await slack.command(ROBIN, SALES, "/kickscale help")).payload["response_url"])
    await app.respond(url, text="one")
    await app.respond(url, text="two", replace_original=True)
    await app.respond(url, delete_original=True)
    assert [message.text for message in slack.ephemerals(SALES, ROBIN)] == ["one", "two"]


async def test_a_buttons_response_url_replaces_and_deletes_the_message_it_sits_in(
    slack: EmbeddedSlack, app: SocketApp
) -> None:
    """For the person who sees it, and at the same place."""
    url = str((await slack.command(ROBIN, SALES, "/kickscale help")).payload["response_url"])
    await app.respond(url, text="one", blocks=actions(button("older")))
    await app.respond(url, text="other")
    message = slack.ephemerals(SALES, ROBIN)[0]
    clicked = str((await slack.click(ROBIN, message, "Older")).payload["response_url"])
    await app.respond(clicked, text="two", replace_original=True)
    assert [message.text for message in slack.ephemerals(SALES, ROBIN)] == ["two", "other"]
    await app.respond(clicked, text="beside", replace_original=False)
    await app.respond(clicked, delete_original=True)
    assert [message.text for message in slack.ephemerals(SALES, ROBIN)] == ["other", "beside"]


async def test_an_answer_may_be_for_everybody_in_a_channel_without_the_bot(
    slack: EmbeddedSlack, app: SocketApp
) -> None:
    """response_url needs no membership."""
    url = str((await slack.command(ROBIN, "sales-team", "/kickscale help")).payload["response_url"])
    assert await app.respond(url, text="hello", response_type="in_channel") == (200, "ok")
    assert [message.text for message in slack.posts("sales-team")] == ["hello"]


async def test_an_answer_is_held_to_the_limits_of_every_message(slack: EmbeddedSlack, app: SocketApp) -> None:
    """And a refused one counts as used."""
    url = str((await slack.command(ROBIN, SALES, "/kickscale help")).payload["response_url"])
    assert await app.respond(url, blocks=[{"type": "divider"}] * 51) == (400, "invalid_blocks")
    assert await app.respond(url) == (400, "no_text")
    for _ in range(3):
        assert await app.respond(url, text="x") == (200, "ok")
    assert await app.respond(url, text="x") == (404, "used_url")


# ---- clicks ----------------------------------------------------------------------------------------------------------


async def test_a_click_in_an_ephemeral_message_brings_no_message(slack: EmbeddedSlack, app: SocketApp) -> None:
    """Its container says that it is ephemeral; the trigger and the response_url are new."""
    command = await slack.command(ROBIN, SALES, "/kickscale help")
    await app.respond(str(command.payload["response_url"]), text="x", blocks=actions(button("details", "c1")))
    [message] = slack.ephemerals(SALES, ROBIN)
    payload = (await slack.click(ROBIN, message, "details")).payload
    assert payload["type"] == "block_actions"
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": "C0SALES001",
        "is_ephemeral": True,
    }
    assert "message" not in payload
    [action] = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"], action["type"]) == (
        "details",
        "buttons",
        "c1",
        "button",
    )
    assert payload["trigger_id"] != command.payload["trigger_id"]
    assert payload["response_url"] != command.payload["response_url"]
    with pytest.raises(LookupError, match="can't see"):
        await slack.click(LEA, message, "details")


async def test_a_click_in_a_posted_message_brings_the_message(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Everybody in the channel can click it, and nobody else."""
    await client.chat_postMessage(channel="C0SALES001", text="x", blocks=actions(button("details")))
    [message] = slack.posts(SALES)
    payload = (await slack.click(LEA, message, "Details")).payload
    assert payload["message"]["blocks"][0]["elements"][0]["action_id"] == "details"
    assert payload["user"]["id"] == slack.user(LEA).id
    with pytest.raises(LookupError):
        await slack.click("pat.partner", message, "Details")
    await client.chat_delete(channel="C0SALES001", ts=message.ts)
    with pytest.raises(LookupError):
        await slack.click(LEA, message, "Details")


async def test_similar_buttons_are_chosen_by_value_or_position(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """A button that is not there is an error that names those that are."""
    blocks = [*actions(button("details", "c1"), block_id="1"), *actions(button("details", "c2"), block_id="2")]
    await client.chat_postMessage(channel="C0SALES001", text="x", blocks=blocks)
    [message] = slack.posts(SALES)
    assert (await slack.click(ROBIN, message, "Details", "c2")).payload["actions"][0]["block_id"] == "2"
    assert (await slack.click(ROBIN, message, "Details", index=1)).payload["actions"][0]["value"] == "c2"
    with pytest.raises(LookupError, match="Available: Details"):
        await slack.click(ROBIN, message, "Older")
