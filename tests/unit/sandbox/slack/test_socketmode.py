"""Socket Mode as Slack's documentation has it."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock
from tests.unit.sandbox.socketapp import SocketApp
from tests.world import ACK

ROBIN, SALES = "robin.rep", "sales-acme"


async def test_a_connection_begins_with_a_hello(app: SocketApp) -> None:
    """With how many there are, for which app, and for about how long."""
    assert app.hello["type"] == "hello"
    assert app.hello["num_connections"] == 1
    assert app.hello["connection_info"] == {"app_id": "A0SANDBOX1"}
    assert app.hello["debug_info"]["approximate_connection_time"] == 3600


async def test_a_ticket_is_good_for_one_connection(app: SocketApp) -> None:
    """The second use of it is refused, as is one that was never given."""
    url = await app.open()
    async with app.session.ws_connect(url):
        pass
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await app.session.ws_connect(url)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await app.session.ws_connect(url.replace("ticket=", "ticket=x"))


async def test_the_eleventh_connection_is_turned_away(app: SocketApp, slack: EmbeddedSlack) -> None:
    """Ten are kept."""
    others = [await app.session.ws_connect(await app.open()) for _ in range(10)]
    assert (await others[8].receive_json())["num_connections"] == 10
    assert (await others[9].receive_json())["reason"] == "too_many_websockets"
    assert len(slack.sockets.connections) == 10
    for socket in others:
        await socket.close()


async def test_a_command_comes_in_an_envelope(app: SocketApp, slack: EmbeddedSlack) -> None:
    """With every field of the documentation."""
    delivery = await slack.command(ROBIN, SALES, "/kickscale help")
    [envelope] = app.received
    assert envelope["type"] == "slash_commands"
    assert envelope["accepts_response_payload"] is True
    assert set(envelope["payload"]) == {
        *("token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name", "command", "text"),
        *("api_app_id", "is_enterprise_install", "response_url", "trigger_id"),
    }
    assert delivery.way == "socket"
    assert delivery.error == ""


async def test_an_acknowledgement_can_be_the_answer(app: SocketApp, slack: EmbeddedSlack) -> None:
    """Ephemeral unless it says otherwise."""
    app.answer = lambda _envelope: {"text": "for you"}
    await slack.command(ROBIN, SALES, "/kickscale help")
    app.answer = lambda _envelope: {"text": "for all", "response_type": "in_channel"}
    await slack.command(ROBIN, SALES, "/kickscale help")
    assert [message.text for message in slack.ephemerals(SALES, ROBIN)] == ["for you"]
    assert [message.text for message in slack.posts(SALES)] == ["for all"]


async def test_an_answer_in_the_acknowledgement_is_held_to_the_same_limits(
    app: SocketApp, slack: EmbeddedSlack
) -> None:
    """The delivery says what is wrong with it."""
    app.answer = lambda _envelope: {"blocks": [{"type": "section"}]}
    delivery = await slack.command(ROBIN, SALES, "/kickscale help")
    assert delivery.error == "invalid_blocks"
    assert "must define either `text` or `fields`" in delivery.problems[0]
    assert slack.ephemerals(SALES, ROBIN) == []


async def test_a_command_that_is_not_acknowledged_fails_before_the_persons_eyes(clock: ManualClock) -> None:
    """A late acknowledgement does not help any more."""
    async with EmbeddedSlack(clock=clock, ack_seconds=0.05) as slack, SocketApp(slack, lambda _: None) as app:
        delivery = await slack.command(ROBIN, SALES, "/kickscale help")
        assert delivery.shown == '/kickscale failed with the error "operation_timeout"'
        await app.socket.send_json({"envelope_id": app.received[0]["envelope_id"]})
        await slack.wait_for(lambda: slack.sockets.late)
        assert slack.sockets.late == [app.received[0]["envelope_id"]]


async def test_without_an_app_nothing_is_dispatched(slack: EmbeddedSlack) -> None:
    """Neither connected nor at an address."""
    delivery = await slack.command(ROBIN, SALES, "/kickscale help")
    assert (delivery.way, delivery.error) == ("none", "dispatch_failed")


async def test_payloads_go_round_the_connections(app: SocketApp, slack: EmbeddedSlack) -> None:
    """Any of them may get any payload."""
    async with SocketApp(slack) as other:
        assert other.hello["num_connections"] == 2
        for _ in range(4):
            await slack.command(ROBIN, SALES, "/kickscale help")
        assert len(app.received) == len(other.received) == 2


async def test_pings_are_answered(app: SocketApp) -> None:
    """With what was in them."""
    async with app.session.ws_connect(await app.open(), autoping=False) as socket:
        await socket.receive_json()
        await socket.ping(b"sdk-ping-pong:1")
        message = await socket.receive()
        assert (message.type, bytes(message.data)) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1")


async def test_a_warning_leaves_the_connection_and_a_refresh_ends_it(app: SocketApp, slack: EmbeddedSlack) -> None:
    """Both begin with a `disconnect` that has a reason."""
    await slack.sockets.disconnect("warning")
    assert (await slack.command(ROBIN, SALES, "/kickscale help")).error == ""
    await slack.sockets.disconnect("refresh_requested")
    assert slack.sockets.connections == ()
    await app.listening
    reasons = [envelope["reason"] for envelope in app.received if envelope["type"] == "disconnect"]
    assert reasons == ["warning", "refresh_requested"]


EVENT: dict[str, Any] = {
    "type": "app_mention",
    "user": "U0ROBIN001",
    "text": "hi",
    "ts": "1.0",
    "channel": "C0SALES001",
}


async def test_an_event_is_wrapped_as_the_events_api_wraps_it(app: SocketApp, slack: EmbeddedSlack) -> None:
    """With ids and the authorisation it was sent for."""
    await slack.event(EVENT)
    [envelope] = app.received
    assert (envelope["accepts_response_payload"], envelope["retry_attempt"]) == (False, 0)
    payload = envelope["payload"]
    assert payload["type"] == "event_callback"
    assert payload["event"].items() >= EVENT.items()
    assert payload["event_id"].startswith("Ev")
    assert payload["authorizations"][0]["user_id"] == "U0KICKBOT1"


async def test_an_event_is_sent_again_until_it_is_acknowledged(clock: ManualClock) -> None:
    """At once, after a minute, after five: with the same event_id, and the attempt counted."""
    async with EmbeddedSlack(clock=clock, ack_seconds=0.05) as slack, SocketApp(slack, lambda _: None) as app:
        assert (await slack.event(EVENT)).error == "operation_timeout"
        await slack.wait_for(lambda: len(slack.deliveries) == 2)
        for seconds, count in ((60, 3), (300, 4)):
            await asyncio.sleep(0)
            await clock.advance(seconds)
            await slack.wait_for(lambda count=count: len(slack.deliveries) == count)  # type: ignore[misc]
        assert [envelope["retry_attempt"] for envelope in app.received] == [0, 1, 2, 3]
        assert app.received[1]["retry_reason"] == "timeout"
        assert len({envelope["payload"]["event_id"] for envelope in app.received}) == 1


async def test_an_acknowledged_retry_is_the_last(clock: ManualClock) -> None:
    """Nothing more comes after it."""
    async with EmbeddedSlack(clock=clock, ack_seconds=0.05) as slack, SocketApp(slack) as app:
        app.answer = lambda envelope: {} if envelope["retry_attempt"] else None
        await slack.event(EVENT)
        slack.ack_seconds = ACK  # the retry has not begun yet
        await slack.wait_for(lambda: len(slack.deliveries) == 2)
        await clock.advance(1000)
        assert [delivery.error for delivery in slack.deliveries] == ["operation_timeout", ""]
