"""Everything that the bot asks of Slack, in one place."""

from bot.slack.auth import Auth
from bot.slack.channels import Channels
from bot.slack.files import Files
from bot.slack.messages import Messages
from bot.slack.people import People
from bot.slack.responses import Responses
from bot.slack.views import Views


class Slack:
    """The parts share their rate limits and what they remember."""

    def __init__(self, auth: Auth) -> None:
        calls = auth.calls
        self.auth = auth
        self.people = People(calls, self.auth)
        self.channels = Channels(calls, self.auth, self.people)
        self.messages = Messages(calls, self.auth)
        self.responses = Responses(calls)
        self.views = Views(calls)
        self.files = Files(calls)
