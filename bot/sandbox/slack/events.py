"""Events that are sent to the app: https://docs.slack.dev/apis/events-api"""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.outbound import Delivery, Outbound
from bot.sandbox.slack.state import State

# The scope that an app needs for each: https://docs.slack.dev/reference/events
SCOPES = {
    "app_mention": "app_mentions:read",
    "file_shared": "files:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
# These have one for each kind of channel: https://docs.slack.dev/reference/events/member_joined_channel
_OF_CHANNELS = {"channel_shared", "member_joined_channel"}


class Events:
    def __init__(self, state: State, outbound: Outbound) -> None:
        self._state = state
        self._outbound = outbound

    async def send(self, event: Mapping[str, Any], *, repeats: int = 1, again: int = 0) -> Delivery:
        """Send an event, whatever the app subscribed to. Returns the first attempt.

        It is delivered `repeats` times as one event, and `again` times with other event ids: Slack does both.
        """
        payload = self._payload(event)
        delivery = await self._outbound.send_event(payload)
        for attempt in range(1, repeats):
            await self._outbound.send_event(payload, attempt)
        for _ in range(again):
            await self._outbound.send_event(self._payload(event))
        return delivery

    async def tell(self, event: Mapping[str, Any], *, repeats: int = 1, again: int = 0) -> None:
        """Send an event about a channel, if the app may get it."""
        if self._hears(event):
            await self.send(event, repeats=repeats, again=again)

    def _hears(self, event: Mapping[str, Any]) -> bool:
        """Return whether the app gets an event: it subscribed, has the scope, and is in the channel."""
        channel = self._state.channels[_channel_of(event)]
        name = str(event["type"])
        if name == "message":
            name = f"message.{channel.kind}"
        scope = f"{channel.kind}:read" if name in _OF_CHANNELS else SCOPES[name]
        is_allowed = name in self._state.subscriptions and scope in self._state.bot_scopes
        return is_allowed and self._state.is_in(channel.id)

    def _payload(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.slack.dev/apis/events-api#callback-field"""
        state = self._state
        channel = state.channels.get(_channel_of(event))
        return {
            "token": state.verification_token,
            "team_id": state.team_id,
            "api_app_id": state.app_id,
            "event": {"event_ts": state.new_ts(), **event},
            "type": "event_callback",
            "event_id": state.new_id("Ev"),
            "event_time": int(state.clock.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": state.team_id,
                    "user_id": state.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
            "event_context": state.new_id("EC"),
        }

    async def verify_url(self) -> bool:
        """Do what Slack does when a Request URL is saved: https://docs.slack.dev/reference/events/url_verification"""
        challenge = self._state.new_id("challenge")
        payload = {"token": self._state.verification_token, "challenge": challenge, "type": "url_verification"}
        delivery = self._outbound.note(await self._outbound.send("events_api", payload))
        return challenge in (delivery.answer.get("challenge"), delivery.answer.get("text"))


def _channel_of(event: Mapping[str, Any]) -> str:
    return str(event.get("channel") or event.get("channel_id") or "")
