"""Everything that the bot asks of Slack, in one place."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.observe.requests import Observe, ignore
from bot.slack.auth import Auth
from bot.slack.calls import Calls, Limits
from bot.slack.channels import Channels
from bot.slack.files import Files
from bot.slack.messages import Messages
from bot.slack.people import People
from bot.slack.responses import Responses
from bot.slack.views import Views


class Slack:
    """The parts share their rate limits and what they remember."""

    def __init__(
        self, client: AsyncWebClient, clock: Clock, *, observe: Observe = ignore, limits: Limits | None = None
    ) -> None:
        """`limits` are shared with other bots of the same app."""
        calls = Calls(client, clock, observe, limits)
        self.block = calls.block
        self.auth = Auth(calls)
        self.people = People(calls, self.auth)
        self.channels = Channels(calls, self.auth, self.people)
        self.messages = Messages(calls, self.auth)
        self.responses = Responses(calls)
        self.views = Views(calls)
        self.files = Files(calls)
