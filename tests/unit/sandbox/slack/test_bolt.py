"""A plain Bolt app against the embedded Slack, in both modes: if Bolt is content with it, it is Slack enough."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack
from tests.servers import serving

ROBIN, SALES = "robin.rep", "sales-acme"

MODAL = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Details"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "name"},
        }
    ],
}


def make_app(slack: EmbeddedSlack) -> AsyncApp:
    app = AsyncApp(client=AsyncWebClient(slack.bot_token, base_url=slack.api_url), signing_secret=slack.signing_secret)

    @app.command("/kickscale")
    async def command(ack: AsyncAck, respond: AsyncRespond, command: dict[str, Any]) -> None:
        await ack()
        button = {"type": "button", "action_id": "details", "text": {"type": "plain_text", "text": "Details"}}
        section = {"type": "section", "text": {"type": "mrkdwn", "text": command["text"]}, "accessory": button}
        await respond(text="answer", blocks=[section])

    @app.action("details")
    async def details(ack: AsyncAck, client: AsyncWebClient, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("form")
    async def save(ack: AsyncAck, view: dict[str, Any]) -> None:
        value = view["state"]["values"]["name"]["name"]["value"]
        if value == "wrong":
            await ack({"response_action": "errors", "errors": {"name": "No."}})
        else:
            await ack()

    @app.shortcut("upload")
    async def shortcut(ack: AsyncAck, client: AsyncWebClient, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.event({"type": "message", "subtype": "file_share"})
    async def shared(event: dict[str, Any], client: AsyncWebClient) -> None:
        name = event["files"][0]["name"]
        await client.chat_postMessage(channel=event["channel"], text=name, thread_ts=event["ts"])

    @app.event("file_shared")
    async def file(event: dict[str, Any], client: AsyncWebClient) -> None:
        info = (await client.files_info(file=event["file_id"]))["file"]
        [share] = info["shares"]["public"][event["channel_id"]]
        await client.chat_postMessage(channel=event["channel_id"], text=info["id"], thread_ts=share["ts"])

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], text="here", thread_ts=event["ts"])

    return app


@contextlib.asynccontextmanager
async def over_sockets(slack: EmbeddedSlack) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(make_app(slack), slack.app_token)
    handler.client.web_client = AsyncWebClient(slack.app_token, base_url=slack.api_url)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await slack.wait_for(lambda: slack.sockets.connections)
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@contextlib.asynccontextmanager
async def over_http(slack: EmbeddedSlack) -> AsyncIterator[None]:
    app = make_app(slack)

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    async with serving(events) as address:
        slack.request_url = f"{address}/slack/events"
        yield


@pytest.fixture(params=[over_sockets, over_http], ids=["socket", "http"])
async def bolt(request: pytest.FixtureRequest, slack: EmbeddedSlack) -> AsyncIterator[EmbeddedSlack]:
    mode: Callable[[EmbeddedSlack], AbstractAsyncContextManager[None]] = request.param
    async with mode(slack):
        yield slack


async def test_a_command_is_acknowledged_and_answered(bolt: EmbeddedSlack) -> None:
    """Only the asker sees the answer through response_url, with the text as Slack escapes it."""
    delivery = await bolt.command(ROBIN, SALES, "/kickscale calls acme.com last-week")
    assert delivery.error == ""
    [answer] = await bolt.wait_for(lambda: bolt.ephemerals(SALES, ROBIN))
    assert answer.blocks[0]["text"]["text"] == "calls <http://acme.com|acme.com> last-week"
    assert bolt.text(answer, ROBIN) == "calls acme.com (http://acme.com) last-week  [Details]"
    assert bolt.posts(SALES) == []


async def test_a_click_opens_a_modal_and_its_submission_closes_it(bolt: EmbeddedSlack) -> None:
    """A refused value has an error at its field; a valid one closes the modal."""
    await bolt.command(ROBIN, SALES, "/kickscale help")
    [answer] = await bolt.wait_for(lambda: bolt.ephemerals(SALES, ROBIN))
    assert (await bolt.click(ROBIN, answer, "Details")).error == ""
    view = await bolt.wait_for(lambda: bolt.open_view(ROBIN))
    assert view is not None
    assert view.callback_id == "form"

    assert (await bolt.submit(ROBIN, view, {"name": "wrong"})).answer["response_action"] == "errors"
    shown = bolt.open_view(ROBIN)
    assert shown is not None
    assert shown.errors == {"name": "No."}

    assert (await bolt.submit(ROBIN, view, {"name": "right"})).error == ""
    assert bolt.open_view(ROBIN) is None


async def test_an_event_reaches_the_app(bolt: EmbeddedSlack) -> None:
    """Bolt acknowledges it, and its listener answers in the thread."""
    message = bolt.say(ROBIN, SALES, "<@U0KICKBOT1> hello")
    channel = bolt.state.channel(SALES)
    event = {
        "type": "app_mention",
        "user": bolt.user(ROBIN).id,
        "text": message.text,
        "ts": message.ts,
        "channel": channel.id,
    }
    assert (await bolt.event(event)).error == ""
    [post] = await bolt.wait_for(lambda: bolt.posts(SALES))
    assert post.thread_ts == message.ts


async def test_a_shared_file_reaches_the_app_both_ways(bolt: EmbeddedSlack) -> None:
    """Each way leads to its message."""
    message = await bolt.share(ROBIN, SALES, "call.wav", b"RIFF")
    assert [delivery.error for delivery in bolt.deliveries] == ["", ""]
    await bolt.wait_for(lambda: len(bolt.posts(SALES)) == 2)
    assert {post.thread_ts for post in bolt.posts(SALES)} == {message.ts}
    assert {post.text for post in bolt.posts(SALES)} == {"call.wav", *message.files}


async def test_a_shortcut_opens_a_form_that_is_filled_in(bolt: EmbeddedSlack) -> None:
    """And submitted with what was filled in."""
    message = await bolt.share(ROBIN, SALES, "call.wav", b"RIFF", events=())
    assert (await bolt.message_shortcut(ROBIN, SALES, message, "upload")).error == ""
    view = await bolt.wait_for(lambda: bolt.open_view(ROBIN))
    assert view is not None
    await bolt.fill(ROBIN, view, {"name": "right"})
    assert (await bolt.submit(ROBIN, view)).error == ""
    assert bolt.open_view(ROBIN) is None


async def test_bolt_answers_the_challenge_of_a_request_url(slack: EmbeddedSlack) -> None:
    """As when the address is saved in the app's settings."""
    async with over_http(slack):
        assert await slack.verify_url()


async def test_a_request_that_is_not_signed_with_the_secret_is_refused(slack: EmbeddedSlack) -> None:
    """The person sees that the app did not take it."""
    async with over_http(slack):
        slack.state.signing_secret = "another"
        delivery = await slack.command(ROBIN, SALES, "/kickscale help")
    assert delivery.error == "http_client_error"
    assert delivery.shown == '/kickscale failed with the error "http_client_error"'


async def test_the_app_comes_back_after_a_refresh(slack: EmbeddedSlack) -> None:
    """Told to disconnect, the SDK opens another connection, with a new ticket."""
    async with over_sockets(slack):
        first = slack.sockets.connections
        await slack.sockets.disconnect("refresh_requested")
        await slack.wait_for(lambda: slack.sockets.connections and slack.sockets.connections != first)
        assert (await slack.command(ROBIN, SALES, "/kickscale help")).error == ""
