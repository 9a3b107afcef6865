"""The one question asked on every path: may this person, here, have this?

Fails closed: whoever can't be told apart from a stranger is one.
"""

from enum import StrEnum

from bot.errors import AccessDenied, SlackError
from bot.models import Conversation, Person
from bot.slack import Slack


class Wish(StrEnum):
    """What somebody wants to have."""

    CONVERSATIONS = "conversations"
    TRANSCRIPT = "transcript"
    RECORDING = "recording"
    SHARE = "share"
    STATUS = "status"
    UPLOAD = "upload"
    SUBSCRIBE = "subscribe"


class Access:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def admit(self, user: str, channel: str, wish: Wish) -> Person:
        """The person, when they may have `wish` in `channel`.

        Full members of the bot's own workspace may. Guests, bots, deactivated and outside people may not, nor
        anybody whom Slack does not tell about. Raises AccessDenied.
        """
        del channel, wish  # one rule for all of them as yet; callers say both, so that a narrower one finds them
        try:
            person = await self._slack.person(user)
        except SlackError as exc:
            raise AccessDenied("unknown") from exc
        if person.is_deleted:
            raise AccessDenied("deactivated")
        if person.is_bot:
            raise AccessDenied("bot")
        if person.is_outside:
            raise AccessDenied("outside")
        if person.is_guest:
            raise AccessDenied("guest")
        return person


def is_own(person: Person, conversation: Conversation) -> bool:
    """Whether `person` is the rep whose conversation it is, and so may see its personal metrics."""
    return bool(person.email) and person.email == conversation.owner.email.casefold()
