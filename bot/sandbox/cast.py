"""The people one can be in the sandbox, and the channels they are in."""

from dataclasses import replace
from typing import Literal

from bot.sandbox.slack.state import Channel, State, User
from bot.sandbox.slack.world import TEAM
from bot.texts.languages import ENGLISH, GERMAN

Role = Literal["rep", "lead", "admin", "guest", "outsider"]

HERE = "sales-acme"
"""The channel in which one begins."""
REPS = {ENGLISH: "robin.rep", GERMAN: "jana.vogt"}
"""The rep one begins as, by the language of the company whose conversations there are."""
ADMIN = User("U0ADA00001", "ada.admin", "Ada Admin", "ada.admin@example.com", "Europe/Berlin", TEAM, is_admin=True)
_LOCALES = {ENGLISH: "en-US", GERMAN: "de-DE"}


def add_admin(state: State, company: str) -> None:
    """Add an admin, and make them and the company's rep members of all channels that a rep is in."""
    state.users[ADMIN.id] = ADMIN
    first, own = state.user(REPS[ENGLISH]).id, state.user(REPS[company]).id
    for channel in list(state.channels.values()):
        if first in channel.members:
            members = dict.fromkeys((*channel.members, own, ADMIN.id))
            state.channels[channel.id] = replace(channel, members=tuple(members))


def cast(state: State, company: str) -> dict[Role, User]:
    """Return the people that one can be."""
    return {
        "rep": state.user(REPS[company]),
        "lead": state.user("lea.lead"),
        "admin": state.user(ADMIN.id),
        "guest": state.user("gus.guest"),
        "outsider": state.user("pat.partner"),
    }


def channels_of(state: State, user: User) -> list[Channel]:
    """Return the channels that somebody is in, apart from direct messages."""
    return [channel for channel in state.channels.values() if user.id in channel.members and not channel.is_im]


def speak(state: State, language: str) -> None:
    """Set everybody's Slack to a language."""
    state.users.update({user.id: replace(user, locale=_LOCALES[language]) for user in state.users.values()})
