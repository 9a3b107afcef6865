"""Message shortcuts, and what an app writes into the thread they lead to."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack
from tests.unit.sandbox.samples import LEA, ROBIN, SALES, error_of, modal
from tests.unit.sandbox.socketapp import SocketApp

pytestmark = pytest.mark.usefixtures("app")


async def test_a_shortcut_brings_the_message(slack: EmbeddedSlack, client: AsyncWebClient, app: SocketApp) -> None:
    """With its files, a trigger for a modal, and a response_url."""
    message = await slack.share(ROBIN, SALES, "call.wav", b"x")
    payload = (await slack.message_shortcut(LEA, SALES, message, "upload_recording")).payload
    assert (payload["type"], payload["callback_id"]) == ("message_action", "upload_recording")
    assert (payload["user"]["id"], payload["channel"]) == ("U0LEA00001", {"id": "C0SALES001", "name": SALES})
    assert payload["message_ts"] == payload["message"]["ts"] == message.ts
    assert payload["message"]["files"][0]["name"] == "call.wav"
    await client.views_open(trigger_id=payload["trigger_id"], view=modal())
    assert slack.open_view(LEA) is not None
    assert await app.respond(payload["response_url"], text="done", replace_original=True) == (200, "ok")
    assert [shown.text for shown in slack.ephemerals(SALES, LEA)] == ["done"]


async def test_a_shortcut_works_in_a_channel_without_the_bot(slack: EmbeddedSlack, app: SocketApp) -> None:
    """But without the name of a private channel."""
    message = await slack.share(LEA, "leads-only", "call.wav", b"x")
    payload = (await slack.message_shortcut(LEA, "leads-only", message, "upload_recording")).payload
    assert payload["channel"]["name"] == "privategroup"
    assert payload["message"]["files"][0]["name"] == "call.wav"
    assert await app.respond(payload["response_url"], text="please invite me") == (200, "ok")


async def test_a_shortcut_needs_a_message_that_is_seen(slack: EmbeddedSlack, app: SocketApp) -> None:
    """By this person, in that channel, and not if only they see it."""
    message = await slack.share(LEA, "leads-only", "call.wav", b"x")
    for channel in ("leads-only", SALES):
        with pytest.raises(LookupError):
            await slack.message_shortcut(ROBIN, channel, message, "upload_recording")
    url = str((await slack.command(ROBIN, SALES, "/kickscale help")).payload["response_url"])
    await app.respond(url, text="for you alone")
    with pytest.raises(LookupError):
        await slack.message_shortcut(ROBIN, SALES, slack.ephemerals(SALES, ROBIN)[0], "upload_recording")


async def test_an_app_writes_into_the_thread_of_a_file(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """For everybody and for one, changes what it wrote, and finds it again by its metadata."""
    message = await slack.share(ROBIN, SALES, "call.wav", b"x")
    metadata = {"event_type": "upload", "event_payload": {"id": "u1"}}
    posted = await client.chat_postMessage(channel="C0SALES001", thread_ts=message.ts, text="queued", metadata=metadata)
    await client.chat_postEphemeral(channel="C0SALES001", user="U0ROBIN001", thread_ts=message.ts, text="psst")
    assert slack.ephemerals(SALES, ROBIN)[0].thread_ts == message.ts
    await client.chat_update(channel="C0SALES001", ts=posted["ts"], text="sent")
    assert [(post.text, post.thread_ts) for post in slack.posts(SALES)] == [("sent", message.ts)]
    page = await client.conversations_replies(channel="C0SALES001", ts=message.ts, include_all_metadata=True)
    parent, reply = page["messages"]
    assert (parent["ts"], parent["files"][0]["id"]) == (message.ts, message.files[0])
    assert (reply["text"], reply["metadata"], reply["parent_user_id"]) == ("sent", metadata, "U0ROBIN001")
    call = client.chat_postEphemeral(channel="C0SALES001", user="U0PAT00001", thread_ts=message.ts, text="psst")
    assert await error_of(call) == "user_not_in_channel"
