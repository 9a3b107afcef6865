"""The gate that every request to Kickscale passes: may this person see this, in this channel?

Somebody whom Slack can't identify gets nothing. What is shown and what is refused is written to the audit log.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from bot import domains
from bot.access.audit import Audit
from bot.access.consent import require_consent
from bot.access.policy import NOT_ALLOWED, Policy
from bot.errors import AccessDenied, AccessUndecided, GoneError, SlackError, SlackUnavailable
from bot.model.access import Capability, Refusal, Sight
from bot.model.audit import AuditKind
from bot.model.conversation import Conversation, Scope
from bot.model.people import Viewer
from bot.slack.client import Slack

AUDITED_DETAILS: Mapping[Capability, Callable[[Conversation], bool]] = {
    Capability.EMAIL_DRAFT: lambda conversation: conversation.email_draft is not None,
    Capability.METRICS: lambda conversation: bool(conversation.metrics or conversation.rating or conversation.feedback),
    Capability.INTERNAL: lambda conversation: conversation.is_internal,
    Capability.TRANSCRIPT: lambda conversation: any(insight.quote for insight in conversation.insights),
}
"""The capabilities that *Details* make use of, and how to tell from a conversation whether they did."""


class Access:
    def __init__(self, slack: Slack, policy: Policy, audit: Audit) -> None:
        self._slack = slack
        self._policy = policy
        self._audit = audit

    # ---- who may ask -------------------------------------------------------------------------------------------------

    async def admit(self, user: str, channel: str, capability: Capability) -> Viewer:
        """Return who the Slack user is, if they may ask for this in `channel`. No conversation is judged here.

        Raises AccessDenied, and AccessUndecided if Slack doesn't answer.
        """
        try:
            person, groups = await asyncio.gather(self._slack.people.get(user), self._groups_of(user))
        except SlackError as exc:
            await self._audit.note(AuditKind.REFUSED, "unknown", by=user, channel=channel)
            raise (AccessUndecided() if isinstance(exc, SlackUnavailable) else AccessDenied("unknown")) from exc
        viewer = Viewer(person, channel, groups)
        if (refusal := self._policy.refusal(viewer, capability)) is not None:
            await self._refuse(viewer, refusal)
        return viewer

    async def _groups_of(self, user: str) -> frozenset[str]:
        """Return the user's groups, of those that the settings name."""
        groups = sorted(self._policy.rules.user_groups)
        members = await asyncio.gather(*(self._slack.people.get_group(group) for group in groups))
        return frozenset(group for group, users in zip(groups, members, strict=True) if user in users)

    async def _refuse(self, viewer: Viewer, refusal: Refusal, conversations: Sequence[Conversation] = ()) -> NoReturn:
        await self._note_refusal(viewer, refusal, conversations)
        customers = ", ".join(map(domains.display, self._policy.rules.bound.get(viewer.channel, ())))
        raise AccessDenied(refusal, {"domains": customers} if customers else {})

    async def _note_refusal(self, viewer: Viewer, why: str, conversations: Sequence[Conversation]) -> None:
        ids = [conversation.id for conversation in conversations]
        await self._audit.note(AuditKind.REFUSED, why, by=viewer.person.id, channel=viewer.channel, conversations=ids)

    # ---- which conversations -----------------------------------------------------------------------------------------

    async def narrow(self, viewer: Viewer, typed: tuple[str, ...]) -> tuple[str, ...]:
        """Return the domains to look for: those typed, or else the channel's own.

        Raises AccessDenied if one of them isn't a customer of the channel.
        """
        narrowed = self._policy.narrow_domains(viewer.channel, typed)
        if narrowed is None:
            await self._refuse(viewer, "bound")
        return narrowed

    async def require_scope(self, viewer: Viewer, scope: Scope) -> None:
        """Raise AccessDenied if internal conversations are asked for and the person may see none at all."""
        if scope is Scope.EXTERNAL:
            return
        if (refusal := self._policy.refusal(viewer, Capability.INTERNAL)) is not None:
            await self._refuse(viewer, refusal)

    def sees(self, viewer: Viewer, conversation: Conversation) -> bool:
        """Return whether a conversation may be in this person's lists."""
        return self._policy.why_hidden(viewer, conversation) is None

    def hides_none(self, viewer: Viewer, wanted: tuple[str, ...], scope: Scope) -> bool:
        """Return whether this person may see all of a list of these domains and this scope: see `Policy.hides_none`."""
        return self._policy.hides_none(viewer, wanted, scope)

    def sight(self, viewer: Viewer) -> Sight:
        """Return which conversations this person may see here, for a database that applies it before it counts."""
        return self._policy.sight(viewer)

    @property
    def shows_only_own(self) -> bool:
        """Whether people who aren't admins only see their own conversations."""
        return self._policy.rules.by_kickscale

    def is_admin(self, viewer: Viewer) -> bool:
        """Return whether this person is one of the bot's admins."""
        return self._policy.is_admin(viewer)

    def sees_all(self, viewer: Viewer) -> bool:
        """Return whether this person also sees conversations that are other people's."""
        return not self.shows_only_own or self.is_admin(viewer)

    def may(self, viewer: Viewer, capability: Capability, conversation: Conversation) -> bool:
        """Return whether this person has a capability for this conversation."""
        return self._policy.refusal(viewer, capability) is None and self._policy.has(viewer, capability, conversation)

    def may_ever(self, viewer: Viewer, capability: Capability) -> bool:
        """Return whether this person has a capability for some conversations, e.g. their own."""
        return self._policy.refusal(viewer, capability) is None

    @property
    def restricts_internal(self) -> bool:
        """Whether internal conversations are only for some people."""
        return not self._policy.is_for_all(Capability.INTERNAL)

    async def show(self, viewer: Viewer, conversations: Sequence[Conversation], what: str) -> tuple[Conversation, ...]:
        """Return what this person may see of the conversations in a list, and note in the audit log that they do."""
        ids = [conversation.id for conversation in conversations]
        await self._audit.note(AuditKind.ASKED, what, by=viewer.person.id, channel=viewer.channel, conversations=ids)
        return tuple(self._policy.redact(viewer, conversation) for conversation in conversations)

    async def open(
        self, viewer: Viewer, conversation: Conversation, capability: Capability = Capability.CONVERSATIONS
    ) -> Conversation:
        """Return what this person, who asks for `capability`, may see of a conversation, and note it in the audit log.

        If it is a transcript or a recording, the caller notes that with `note_use`, once it is handed out. Raises
        AccessDenied, and GoneError without consent to the recording.
        """
        if (refusal := self._policy.why_hidden(viewer, conversation)) is not None:
            await self._refuse(viewer, refusal, [conversation])
        if not self.may(viewer, capability, conversation):
            await self._refuse(viewer, NOT_ALLOWED[capability], [conversation])
        visible = self._policy.redact(viewer, conversation)
        if capability is not Capability.CONVERSATIONS:
            await self._require_consent(viewer, visible)
            return visible
        await self.show(viewer, [conversation], conversation.kind)
        for detail, is_there in AUDITED_DETAILS.items():
            if is_there(visible):
                await self.note_use(viewer, detail, visible)
        return visible

    async def note_use(self, viewer: Viewer, capability: Capability, conversation: Conversation) -> None:
        """Note in the audit log that this person made use of a capability."""
        await self._audit.note(
            AuditKind.USED, capability, by=viewer.person.id, channel=viewer.channel, conversations=[conversation.id]
        )

    async def _require_consent(self, viewer: Viewer, conversation: Conversation) -> None:
        try:
            require_consent(conversation)
        except GoneError as exc:
            await self._note_refusal(viewer, exc.what, [conversation])
            raise
