"""Where somebody is: the person one has chosen to be, a channel, and what is open beside it."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from bot.sandbox import cast
from bot.sandbox.page.reader import Reader, reader_of
from bot.sandbox.session import Session
from bot.sandbox.slack.state import Channel, User
from bot.sandbox.web.wording import Words

DIRECT = "kickscale"
"""What stands for the direct messages with the bot in an address."""


@dataclass(frozen=True, slots=True)
class Visit:
    session: Session
    user: User
    channel: Channel
    thread: str = ""
    """The ts of the message whose thread is open."""
    trace: int = 0
    """The number of the deed that is shown."""

    @classmethod
    def read(cls, session: Session, person: str, place: str, thread: str = "", trace: str = "") -> "Visit":
        """Return the visit that an address names. Raises LookupError if there is no such person or channel."""
        state = session.slack.state
        user = state.user(person)
        channel = state.im(user.id) if place == DIRECT else state.channel(place)
        if user.id not in channel.members:
            raise LookupError(f"{user.name} isn't in {place}.")
        return cls(session, user, channel, thread, int(trace) if trace.isdecimal() else 0)

    @property
    def words(self) -> Words:
        return Words(self.user.locale)

    @property
    def reader(self) -> Reader:
        return reader_of(self.session.slack.state, self.user)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.user.tz)

    @property
    def place(self) -> str:
        """What the channel is called."""
        return "Kickscale" if self.channel.is_im else f"#{self.channel.name}"

    @property
    def path(self) -> str:
        return address(self.user, self.channel)

    def beside(self, **what: str | int) -> str:
        """Return the address of the same place with something open beside it."""
        return f"{self.path}?{urlencode(what)}" if what else self.path

    def as_somebody_else(self, user: User) -> str:
        """Return the address of the same channel for somebody else, or of their first one if they aren't in it."""
        theirs = cast.channels_of(self.session.slack.state, user)
        return address(user, self.channel if self.channel in theirs else theirs[0])


def address(user: User, channel: Channel) -> str:
    return f"/{quote(user.name)}/{DIRECT if channel.is_im else quote(channel.name)}"
