"""Everything that the bot asks of Slack, in one place."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.observe.requests import Observe, ignore
from bot.slack.auth import Auth, Identity
from bot.slack.calls import Calls
from bot.slack.channels import Channels
from bot.slack.failures import DIRECT_MESSAGE, is_closed, may_pass
from bot.slack.files import Files
from bot.slack.messages import POST_INTERVAL, Messages
from bot.slack.payloads import Payload
from bot.slack.people import AT_ONCE, People
from bot.slack.responses import Responses
from bot.slack.session import new_session
from bot.slack.views import Views

__all__ = [
    "AT_ONCE",
    "DIRECT_MESSAGE",
    "POST_INTERVAL",
    "Identity",
    "Payload",
    "Slack",
    "is_closed",
    "may_pass",
    "new_session",
]


class Slack:
    """The parts share their rate limits and what they remember."""

    def __init__(self, client: AsyncWebClient, clock: Clock, *, observe: Observe = ignore) -> None:
        calls = Calls(client, clock, observe)
        self.auth = Auth(calls)
        self.people = People(calls, self.auth)
        self.channels = Channels(calls, self.auth, self.people)
        self.messages = Messages(calls, self.auth)
        self.responses = Responses(calls)
        self.views = Views(calls)
        self.files = Files(calls)

        self.identity = self.auth.identity
        self.check = self.auth.check
        self.open_socket = self.auth.open_socket
        self.person = self.people.person
        self.group = self.people.group
        self.listeners = self.channels.listeners
        self.can_read = self.channels.can_read
        self.is_in = self.channels.is_in
        self.is_member = self.channels.is_member
        self.require_member = self.channels.require_member
        self.open_dm = self.channels.open_dm
        self.direct_messages = self.channels.direct_messages
        self.post = self.messages.post
        self.edit = self.messages.edit
        self.delete = self.messages.delete
        self.ephemeral = self.messages.ephemeral
        self.find_posted = self.messages.find_posted
        self.message = self.messages.message
        self.thread = self.messages.thread
        self.permalink = self.messages.permalink
        self.respond = self.responses.respond
        self.open_view = self.views.open_view
        self.push_view = self.views.push_view
        self.update_view = self.views.update_view
        self.file = self.files.file
        self.put_file = self.files.put_file
        self.share_file = self.files.share_file
        self.delete_file = self.files.delete_file
        self.is_file_shared = self.files.is_file_shared
