"""Who may have what, and what a channel may be shown: the rules of the settings, as one value. Pure.

Fails closed: what a rule can't tell is not allowed. A reason is a key of the text catalogue (`access.<reason>`).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, Self

from bot import domains
from bot.model.conversation import Conversation, Participant
from bot.model.people import Listeners, Person, Viewer


class Wish(StrEnum):
    """What somebody wants to have."""

    CONVERSATIONS = "conversations"
    INTERNAL = "internal"
    TRANSCRIPT = "transcript"
    RECORDING = "recording"
    EMAIL_DRAFT = "email_draft"
    METRICS = "metrics"
    SHARE = "share"
    SUBSCRIBE = "subscribe"
    UPLOAD = "upload"


WORDS = ("all", "own", "self", "admins", "nobody")
OF_NO_CONVERSATION = ("all", "admins", "nobody")
"""The words for what is not about a certain conversation."""
_ID = re.compile(r"[UWS][A-Z0-9]{2,30}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}")
_SEPARATOR = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Who:
    """Who has a capability: one of the words, or the ids of users and user groups beside them.

    `all` who may ask; `own`: the owner of the conversation, whoever took part in it, and admins; `self`: the owner
    alone, also before admins; `admins`; `nobody`.
    """

    words: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str, words_for: Collection[str] = WORDS) -> Self:
        """Raises ValueError with the remedy."""
        found = set(_parts(text))
        words = {each.casefold() for each in found if each.casefold() in words_for}
        ids = {each for each in found if _ID.fullmatch(each)}
        if not found or len(words) + len(ids) < len(found):
            raise ValueError(f"must be one of {', '.join(words_for)}, or ids such as U0123456789, S0123456789")
        if len(words | ids) > 1 and words & {"nobody", "self"}:
            raise ValueError("nobody and self stand alone")
        return cls(frozenset(words), frozenset(ids))


Show = Literal["post", "bare", "hold"]
"""What goes into a channel where somebody listens: all of it, a card without content, or nothing."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The default is the settings' default."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    """Where one of these two names anybody, others may not ask."""
    channels: frozenset[str] = frozenset()
    """Where some are named, nobody may ask elsewhere."""
    admins: frozenset[str] = frozenset()
    """Ids of users and user groups."""
    bound: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The only customers of a channel, as normalised domains and patterns."""
    who: Mapping[Wish, Who] = field(default_factory=dict)
    """A capability that is not named is for all who may ask."""
    by_kickscale: bool = False
    """One sees what one owns or took part in, as in Kickscale itself."""
    guests: Show = "hold"
    outsiders: Show = "hold"

    @property
    def user_groups(self) -> frozenset[str]:
        """Those whose members have to be known."""
        ids = frozenset().union(self.groups, self.admins, *(who.ids for who in self.who.values()))
        return frozenset(each for each in ids if each.startswith("S"))

    # ---- who may ask -------------------------------------------------------------------------------------------------

    def refusal(self, viewer: Viewer, wish: Wish) -> str:
        """Why this person may not wish for this here, whatever conversation it is; empty where they may."""
        person = viewer.person
        standing = {
            "deactivated": person.is_deleted,
            "bot": person.is_bot,
            "outside": person.is_outside,
            "guest": person.is_guest,
        }
        if found := next((reason for reason, is_so in standing.items() if is_so), ""):
            return found
        ids = {person.id} | viewer.groups
        if (self.users or self.groups) and not (self.is_admin(viewer) or ids & (self.users | self.groups)):
            return "person"
        if self.channels and viewer.channel not in self.channels:
            return "channel"
        who = self._who(wish)
        could_have = "all" in who.words or {"own", "self"} & who.words or self._is_named(who, viewer)
        return "" if could_have else f"not_{wish}"

    def is_admin(self, viewer: Viewer) -> bool:
        return bool(({viewer.person.id} | viewer.groups) & self.admins)

    # ---- which conversations -----------------------------------------------------------------------------------------

    def hidden(self, viewer: Viewer, conversation: Conversation) -> str:
        """Why this person may not see this conversation here; empty where they may."""
        if not self.is_bound_to(viewer.channel, conversation):
            return "bound"
        if self.by_kickscale and not (self.is_admin(viewer) or took_part(viewer.person, conversation)):
            return "not_own"
        if conversation.is_internal and not self.has(viewer, Wish.INTERNAL, conversation):
            return "internal"
        return ""

    def is_bound_to(self, channel: str, conversation: Conversation) -> bool:
        """Whether it is about a customer of the channel, where that is bound to some."""
        return channel not in self.bound or domains.matches_any(self.bound[channel], conversation.customer_domains)

    def narrowed(self, channel: str, wanted: tuple[str, ...]) -> tuple[str, ...] | None:
        """The domains that are asked for in a channel: the channel's own where none is; None for one of no business."""
        bound = self.bound.get(channel)
        if bound is None:
            return wanted
        if all(any(domains.covers(pattern, each) for pattern in bound) for each in wanted):
            return wanted or bound
        return None

    def has(self, viewer: Viewer, wish: Wish, conversation: Conversation) -> bool:
        """Whether this person has this capability of this conversation."""
        who = self._who(wish)
        if "self" in who.words:
            return owns(viewer.person, conversation)
        return (
            "all" in who.words
            or self._is_named(who, viewer)
            or ("own" in who.words and (self.is_admin(viewer) or took_part(viewer.person, conversation)))
        )

    def cut(self, viewer: Viewer, conversation: Conversation) -> Conversation:
        """The conversation with what this person may see of it."""
        if not self.has(viewer, Wish.TRANSCRIPT, conversation):
            conversation = replace(conversation, transcript=())
        if not self.has(viewer, Wish.RECORDING, conversation):
            conversation = replace(conversation, recording_url="")
        if not self.has(viewer, Wish.EMAIL_DRAFT, conversation):
            conversation = replace(conversation, email_draft=None)
        if self.has(viewer, Wish.METRICS, conversation) and "self" not in self._who(Wish.METRICS).words:
            return conversation
        is_theirs = owns(viewer.person, conversation) and self.has(viewer, Wish.METRICS, conversation)
        return impersonal(conversation, keep=viewer.person if is_theirs else None)

    def is_for_all(self, wish: Wish) -> bool:
        """Whether whoever may ask has this capability of every conversation that they see."""
        return "all" in self._who(wish).words

    def _who(self, wish: Wish) -> Who:
        return self.who.get(wish, _ALL)

    def _is_named(self, who: Who, viewer: Viewer) -> bool:
        return bool(({viewer.person.id} | viewer.groups) & who.ids) or ("admins" in who.words and self.is_admin(viewer))

    # ---- who is listening --------------------------------------------------------------------------------------------

    def audience(self, listeners: Listeners) -> tuple[Show, str]:
        """What these may be shown, and because of whom: `guest`, `outside` or `shared`."""
        found: list[tuple[Show, str]] = [("post", "")]
        if listeners.is_shared:
            found.append((self.outsiders, "shared"))
        if any(each.is_outside for each in listeners.people):
            found.append((self.outsiders, "outside"))
        if any(each.is_guest and not each.is_outside for each in listeners.people):
            found.append((self.guests, "guest"))
        return max(found, key=lambda each: _SHOWS.index(each[0]))

    def may_all_see_everything(self, channel: str, listeners: Listeners) -> bool:
        """Whether nothing of any external conversation is kept from anybody there."""
        return channel not in self.bound and not self.by_kickscale and self.audience(listeners)[0] == "post"

    def may_all_see(self, listeners: Listeners, conversation: Conversation) -> bool:
        """Whether each of them could ask for it, where not everybody sees everything."""
        return all(self._may_hear(Viewer(each, channel=""), conversation) for each in listeners.people)

    def _may_hear(self, viewer: Viewer, conversation: Conversation) -> bool:
        if self.by_kickscale and not (took_part(viewer.person, conversation) or self.is_admin(viewer)):
            return False
        return not conversation.is_internal or self.has(viewer, Wish.INTERNAL, conversation)


_ALL = Who(frozenset({"all"}))
_SHOWS: tuple[Show, ...] = ("post", "bare", "hold")


def owns(person: Person, conversation: Conversation) -> bool:
    """Whether `person` is the rep whose conversation it is."""
    return bool(person.email) and person.email.casefold() == conversation.owner.email.casefold()


def took_part(person: Person, conversation: Conversation) -> bool:
    """Whether `person` owns it or is among its participants, by the e-mail address."""
    address = person.email.casefold()
    return owns(person, conversation) or (
        bool(address) and any(each.email.casefold() == address for each in conversation.participants)
    )


def impersonal(conversation: Conversation, keep: Person | None = None) -> Conversation:
    """Without any figure about a person, but for those about `keep`, whose conversation it is."""
    participants = tuple(
        each if keep and _is_about(keep, conversation, each) else replace(each, talk_share=None)
        for each in conversation.participants
    )
    if keep:
        return replace(conversation, participants=participants)
    return replace(conversation, participants=participants, metrics=(), rating="", feedback="")


def public(conversation: Conversation) -> Conversation:
    """What everybody in a channel may be shown of it."""
    return replace(impersonal(conversation), transcript=(), recording_url="", email_draft=None)


def bare(conversation: Conversation) -> Conversation:
    """That there is one, and when: nobody's name and nothing of what was said."""
    return Conversation(id=conversation.id, kind=conversation.kind, starts_at=conversation.starts_at, is_withheld=True)


def _is_about(person: Person, conversation: Conversation, participant: Participant) -> bool:
    """By the address; by the owner's name where the participant has none."""
    if participant.email:
        return participant.email.casefold() == person.email.casefold()
    return bool(participant.name) and participant.name == conversation.owner.name


# ---- the settings' values --------------------------------------------------------------------------------------------


def read_ids(text: str, kinds: str) -> frozenset[str]:
    """Ids of these kinds (`U` users, `S` user groups, `C` channels). Raises ValueError with the remedy."""
    pattern = {"U": re.compile(r"[UW][A-Z0-9]{2,30}"), "S": re.compile(r"S[A-Z0-9]{2,30}"), "C": _CHANNEL}
    found = _parts(text)
    if not all(any(pattern[kind].fullmatch(each) for kind in kinds) for each in found):
        examples = " or ".join(f"{kind}0123456789" for kind in kinds)
        raise ValueError(f"must be ids such as {examples}, with commas between them")
    return frozenset(found)


def read_bound(text: str) -> dict[str, tuple[str, ...]]:
    """`C0123456789=acme.com,*.acme.com C0987654321=example.com`. Raises ValueError with the remedy."""
    found: dict[str, tuple[str, ...]] = {}
    for each in text.split():
        channel, _, names = each.strip(";").partition("=")
        try:
            wanted = tuple(domains.normalise(name) for name in names.split(",") if name)
        except ValueError:
            wanted = ()
        if not _CHANNEL.fullmatch(channel) or not wanted or channel in found:
            raise ValueError("must be such as C0123456789=acme.com,*.acme.com with a space before the next channel")
        found[channel] = wanted
    return found


def _parts(text: str) -> Collection[str]:
    return [each for each in _SEPARATOR.split(text.strip()) if each]
