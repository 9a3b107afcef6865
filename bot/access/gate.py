"""The one question asked on every path to Kickscale: may this person, here, have this?

Fails closed: whoever can't be told apart from a stranger is one. What was shown, and what was refused, is remembered.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from bot import domains
from bot.access.audit import Audit
from bot.access.consent import require_consent
from bot.access.policy import Policy, Wish
from bot.errors import AccessDenied, AccessUndecided, GoneError, SlackError, SlackUnavailable
from bot.model.audit import AuditKind
from bot.model.commands import ListCommand
from bot.model.conversation import Conversation, Scope
from bot.model.people import Viewer
from bot.slack.client import Slack

ASKED_OF_ONE: Mapping[Wish, Callable[[Conversation], bool]] = {
    Wish.EMAIL_DRAFT: lambda each: each.email_draft is not None,
    Wish.METRICS: lambda each: bool(each.metrics or each.rating or each.feedback),
    Wish.INTERNAL: lambda each: each.is_internal,
}
"""What *Details* shows beside the conversation itself, and how to tell that it does."""


class Access:
    def __init__(self, slack: Slack, policy: Policy, audit: Audit) -> None:
        self._slack = slack
        self._policy = policy
        self._audit = audit

    # ---- who may ask -------------------------------------------------------------------------------------------------

    async def admit(self, user: str, channel: str, wish: Wish) -> Viewer:
        """The person, when they may wish for this in `channel`, whatever conversation it is of.

        Raises AccessDenied, and AccessUndecided if Slack doesn't answer.
        """
        try:
            person, groups = await asyncio.gather(self._slack.person(user), self._groups(user))
        except SlackError as exc:
            await self._audit.note(AuditKind.REFUSED, "unknown", by=user, channel=channel)
            raise (AccessUndecided() if isinstance(exc, SlackUnavailable) else AccessDenied("unknown")) from exc
        viewer = Viewer(person, channel, groups)
        if reason := self._policy.refusal(viewer, wish):
            await self._refuse(viewer, reason)
        return viewer

    async def _groups(self, user: str) -> frozenset[str]:
        """Which of the user groups that the settings name somebody is in."""
        named = sorted(self._policy.user_groups)
        members = await asyncio.gather(*(self._slack.group(each) for each in named))
        return frozenset(group for group, users in zip(named, members, strict=True) if user in users)

    async def _refuse(self, viewer: Viewer, reason: str, conversations: Sequence[Conversation] = ()) -> NoReturn:
        await self._refused(viewer, reason, conversations)
        raise AccessDenied(reason, self._values(viewer.channel))

    async def _refused(self, viewer: Viewer, reason: str, conversations: Sequence[Conversation]) -> None:
        ids = [each.id for each in conversations]
        await self._audit.note(
            AuditKind.REFUSED, reason, by=viewer.person.id, channel=viewer.channel, conversations=ids
        )

    def _values(self, channel: str) -> dict[str, str]:
        bound = ", ".join(map(domains.display, self._policy.bound.get(channel, ())))
        return {"domains": bound} if bound else {}

    # ---- which conversations -----------------------------------------------------------------------------------------

    async def narrow(self, viewer: Viewer, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """The domains that are asked for here: the channel's own where none is named. Raises AccessDenied."""
        narrowed = self._policy.narrowed(viewer.channel, wanted)
        if narrowed is None:
            await self._refuse(viewer, "bound")
        return narrowed

    async def require_scope(self, viewer: Viewer, command: ListCommand) -> None:
        """Raises AccessDenied where a list asks for internal conversations, which are for others alone."""
        if command.filters.scope is not Scope.EXTERNAL and (reason := self._policy.refusal(viewer, Wish.INTERNAL)):
            await self._refuse(viewer, reason)

    def sees(self, viewer: Viewer, conversation: Conversation) -> bool:
        """Whether it may be in a list for this person."""
        return not self._policy.hidden(viewer, conversation)

    @property
    def knows_own(self) -> bool:
        """Whether it makes a difference whose conversation it is."""
        return self._policy.by_kickscale

    def sees_all(self, viewer: Viewer) -> bool:
        """Whether nothing is kept from this person for being somebody else's."""
        return not self.knows_own or self._policy.is_admin(viewer)

    def may(self, viewer: Viewer, wish: Wish, conversation: Conversation) -> bool:
        """Whether this person has the capability of this conversation."""
        return not self._policy.refusal(viewer, wish) and self._policy.has(viewer, wish, conversation)

    @property
    def knows_internal(self) -> bool:
        """Whether it makes a difference which conversations are internal."""
        return not self._policy.is_for_all(Wish.INTERNAL)

    async def shown(self, viewer: Viewer, conversations: Sequence[Conversation], what: str) -> tuple[Conversation, ...]:
        """The conversations of a list as this person may see them. What is shown is remembered."""
        ids = [each.id for each in conversations]
        await self._audit.note(AuditKind.ASKED, what, by=viewer.person.id, channel=viewer.channel, conversations=ids)
        return tuple(self._policy.cut(viewer, each) for each in conversations)

    async def open(self, viewer: Viewer, conversation: Conversation, wish: Wish = Wish.CONVERSATIONS) -> Conversation:
        """One conversation as this person may see it, for `wish`. Raises AccessDenied, and GoneError for no consent.

        What is shown is remembered; a transcript or a recording is by whoever hands it out, with `used`.
        """
        if reason := self._policy.hidden(viewer, conversation):
            await self._refuse(viewer, reason, [conversation])
        if not self.may(viewer, wish, conversation):
            await self._refuse(viewer, f"not_{wish}", [conversation])
        seen = self._policy.cut(viewer, conversation)
        if wish is not Wish.CONVERSATIONS:
            await self._require_consent(viewer, seen)
            return seen
        await self.shown(viewer, [conversation], conversation.kind)
        for each, is_there in ASKED_OF_ONE.items():
            if is_there(seen):
                await self.used(viewer, each, seen)
        return seen

    async def used(self, viewer: Viewer, wish: Wish, conversation: Conversation) -> None:
        """Remember that this person was given the capability of this conversation."""
        await self._audit.note(
            AuditKind.USED, wish, by=viewer.person.id, channel=viewer.channel, conversations=[conversation.id]
        )

    async def _require_consent(self, viewer: Viewer, conversation: Conversation) -> None:
        try:
            require_consent(conversation)
        except GoneError as exc:
            await self._refused(viewer, exc.what, [conversation])
            raise
