"""The rules of access: who may ask, who may see which conversation, and what a channel may be shown. Pure.

If a rule can't tell for sure, the answer is no. `bot.access.gate` applies these rules to people, and
`bot.access.audience` to channels.
"""

from dataclasses import dataclass, replace

from bot import domains
from bot.email_addresses import fold, is_same
from bot.model.access import AccessRules, Capability, ChannelRule, Holders, Reach, Refusal, Sight, Withheld
from bot.model.conversation import Conversation, Insight, Participant, Scope
from bot.model.people import Listeners, Person, Viewer

EVERYBODY = Holders(frozenset({"all"}))
STRICTNESS: tuple[ChannelRule, ...] = ("post", "bare", "hold")
NOT_ALLOWED: dict[Capability, Refusal] = {
    Capability.CONVERSATIONS: "not_conversations",
    Capability.INTERNAL: "not_internal",
    Capability.TRANSCRIPT: "not_transcript",
    Capability.RECORDING: "not_recording",
    Capability.EMAIL_DRAFT: "not_email_draft",
    Capability.METRICS: "not_metrics",
    Capability.SHARE: "not_share",
    Capability.SUBSCRIBE: "not_subscribe",
    Capability.UPLOAD: "not_upload",
}


@dataclass(frozen=True, slots=True)
class Policy:
    rules: AccessRules

    # ---- who may ask -------------------------------------------------------------------------------------------------

    def refusal(self, viewer: Viewer, capability: Capability) -> Refusal | None:
        """Return why this person can't have this capability here for any conversation; None if they can."""
        person, rules = viewer.person, self.rules
        if person.is_deleted:
            return "deactivated"
        if person.is_bot:
            return "bot"
        if person.is_outside:
            return "outside"
        if person.is_guest:
            return "guest"
        is_listed = bool(_ids(viewer) & (rules.users | rules.groups))
        if (rules.users or rules.groups) and not (self.is_admin(viewer) or is_listed):
            return "person"
        if rules.channels and viewer.channel not in rules.channels:
            return "channel"
        holders = self._holders(capability)
        if {"all", "own", "self"} & holders.words or self._is_named(holders, viewer):
            return None
        return NOT_ALLOWED[capability]

    def is_admin(self, viewer: Viewer) -> bool:
        return bool(_ids(viewer) & self.rules.admins)

    # ---- which conversations -----------------------------------------------------------------------------------------

    def why_hidden(self, viewer: Viewer, conversation: Conversation) -> Refusal | None:
        """Return why this person may not see this conversation here; None if they may."""
        if not self.covers(viewer.channel, conversation):
            return "bound"
        if self._is_somebody_elses(viewer, conversation):
            return "not_own"
        if conversation.is_internal and not self.has(viewer, Capability.INTERNAL, conversation):
            return "internal"
        return None

    def hides_none(self, viewer: Viewer, wanted: tuple[str, ...], scope: Scope) -> bool:
        """Return whether this person may see here all conversations of these domains and this scope, whatever they are.

        False if that depends on more than the domains and the scope.
        """
        if self.rules.by_kickscale or self.narrow_domains(viewer.channel, wanted) != wanted:
            return False
        return scope is Scope.EXTERNAL or self._has_always(viewer, Capability.INTERNAL)

    def covers(self, channel: str, conversation: Conversation) -> bool:
        """Return whether a conversation is about a customer of this channel. A channel without any is for all."""
        bound = self.rules.bound
        return channel not in bound or domains.matches_any(bound[channel], conversation.customer_domains)

    def narrow_domains(self, channel: str, typed: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the domains to look for: those typed, or else the channel's own. None if one isn't the channel's."""
        bound = self.rules.bound.get(channel)
        if bound is None:
            return typed
        if all(any(domains.covers(pattern, domain) for pattern in bound) for domain in typed):
            return typed or bound
        return None

    def has(self, viewer: Viewer, capability: Capability, conversation: Conversation) -> bool:
        """Return whether this person has a capability for this conversation."""
        holders = self._holders(capability)
        if "self" in holders.words:
            return owns(viewer.person, conversation)
        return self._has_always(viewer, capability) or (
            "own" in holders.words and took_part(viewer.person, conversation)
        )

    def _has_always(self, viewer: Viewer, capability: Capability) -> bool:
        """Return whether this person has a capability for every conversation."""
        holders = self._holders(capability)
        return "self" not in holders.words and (
            "all" in holders.words
            or self._is_named(holders, viewer)
            or ("own" in holders.words and self.is_admin(viewer))
        )

    def sight(self, viewer: Viewer) -> Sight:
        """Return what `why_hidden` and `has` say of all conversations at once."""
        is_all = not self.rules.by_kickscale or self.is_admin(viewer)
        return Sight(
            address=fold(viewer.person.email),
            customers=self.rules.bound.get(viewer.channel),
            conversations="all" if is_all else "took_part",
            internal=self._reach(viewer, Capability.INTERNAL),
            transcripts=self._reach(viewer, Capability.TRANSCRIPT),
        )

    def _reach(self, viewer: Viewer, capability: Capability) -> Reach:
        holders = self._holders(capability)
        if "self" in holders.words:
            return "owns"
        if self._has_always(viewer, capability):
            return "all"
        return "took_part" if "own" in holders.words else "none"

    def redact(self, viewer: Viewer, conversation: Conversation) -> Conversation:
        """Return the conversation without the parts that this person may not see."""
        may_read = self.has(viewer, Capability.TRANSCRIPT, conversation)
        if not may_read:
            conversation = conversation.replace(transcript=())
        if not may_read or conversation.is_consent_missing:
            conversation = without_quotes(conversation)
        if not self.has(viewer, Capability.RECORDING, conversation):
            conversation = conversation.replace(recording_url="")
        if not self.has(viewer, Capability.EMAIL_DRAFT, conversation):
            conversation = conversation.replace(email_draft=None)
        has_metrics = self.has(viewer, Capability.METRICS, conversation)
        if has_metrics and "self" not in self._holders(Capability.METRICS).words:
            return conversation
        is_about_viewer = has_metrics and owns(viewer.person, conversation)
        return impersonal(conversation, keep=viewer.person if is_about_viewer else None)

    def is_for_all(self, capability: Capability) -> bool:
        """Return whether everybody who may ask has this capability for every conversation that they see."""
        return "all" in self._holders(capability).words

    def _holders(self, capability: Capability) -> Holders:
        return self.rules.holders.get(capability, EVERYBODY)

    def _is_named(self, holders: Holders, viewer: Viewer) -> bool:
        return bool(_ids(viewer) & holders.ids) or ("admins" in holders.words and self.is_admin(viewer))

    def _is_somebody_elses(self, viewer: Viewer, conversation: Conversation) -> bool:
        return self.rules.by_kickscale and not (self.is_admin(viewer) or took_part(viewer.person, conversation))

    # ---- what a channel may be shown ---------------------------------------------------------------------------------

    def channel_rule(self, listeners: Listeners) -> tuple[ChannelRule, Withheld | None]:
        """Return the strictest rule for the people in a channel, and the reason why it applies."""
        applying: list[tuple[ChannelRule, Withheld | None]] = [("post", None)]
        if listeners.is_shared:
            applying.append((self.rules.outsiders, "shared"))
        if any(person.is_outside for person in listeners.people):
            applying.append((self.rules.outsiders, "outside"))
        if any(person.is_guest and not person.is_outside for person in listeners.people):
            applying.append((self.rules.guests, "guest"))
        return max(applying, key=lambda rule: STRICTNESS.index(rule[0]))

    def may_all_see_everything(self, channel: str, listeners: Listeners) -> bool:
        """Return whether everybody in a channel may see every external conversation."""
        return channel not in self.rules.bound and not self.why_uncounted(listeners)

    def why_uncounted(self, listeners: Listeners) -> Withheld | None:
        """Return why not everybody in a channel may see every external conversation that can be asked for there."""
        rule, because = self.channel_rule(listeners)
        if rule != "post":
            return because
        return "visibility" if self.rules.by_kickscale else None

    def may_all_see(self, listeners: Listeners, conversation: Conversation) -> bool:
        """Return whether everybody in a channel could ask for this conversation, wherever they may ask."""
        return all(self._may_see(Viewer(person, channel=""), conversation) for person in listeners.people)

    def _may_see(self, viewer: Viewer, conversation: Conversation) -> bool:
        if self._is_somebody_elses(viewer, conversation):
            return False
        return not conversation.is_internal or self.has(viewer, Capability.INTERNAL, conversation)


def _ids(viewer: Viewer) -> frozenset[str]:
    """Return the ids by which the settings may name this person."""
    return viewer.groups | {viewer.person.id}


# ---- whose a conversation is, and what others may see of it ----------------------------------------------------------


def owns(person: Person, conversation: Conversation) -> bool:
    """Return whether `person` is the rep whose conversation it is, by the email address."""
    return is_same(person.email, conversation.owner.email)


def took_part(person: Person, conversation: Conversation) -> bool:
    """Return whether `person` owns the conversation or took part in it, by the email address."""
    return owns(person, conversation) or any(
        is_same(person.email, participant.email) for participant in conversation.participants
    )


def impersonal(conversation: Conversation, keep: Person | None = None) -> Conversation:
    """Return the conversation without figures about people, except for those about `keep`, its owner."""
    participants = tuple(
        participant
        if participant.talk_share is None or (keep and _is(keep, participant, conversation))
        else replace(participant, talk_share=None)
        for participant in conversation.participants
    )
    if keep:
        return conversation.replace(participants=participants)
    return conversation.replace(participants=participants, metrics=(), rating="", feedback="")


def public(conversation: Conversation) -> Conversation:
    """Return what everybody in a channel may see of the conversation."""
    return without_quotes(impersonal(conversation)).replace(transcript=(), recording_url="", email_draft=None)


def without_quotes(conversation: Conversation) -> Conversation:
    """Return the conversation without what was said word for word: that is part of the transcript."""
    if not any(insight.quote for insight in conversation.insights):
        return conversation
    insights = (Insight(insight.title, insight.text) for insight in conversation.insights)
    return conversation.replace(insights=tuple(insight for insight in insights if insight.title or insight.text))


def bare(conversation: Conversation) -> Conversation:
    """Return the conversation without any content: only that there is one, and when."""
    return Conversation(id=conversation.id, kind=conversation.kind, starts_at=conversation.starts_at, is_withheld=True)


def _is(owner: Person, participant: Participant, conversation: Conversation) -> bool:
    """Return whether a participant is the owner, by the email address; by the name if the participant has none."""
    if participant.email:
        return is_same(participant.email, owner.email)
    return bool(participant.name) and participant.name == conversation.owner.name
