"""*Share in channel*: posts an answer once for everybody in the channel, with the name of the person who shared it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.conversations.lookup import Conversations
from bot.conversations.promises import Promises, Reply
from bot.conversations.questions import Questions
from bot.errors import AccessDenied
from bot.jobs.outbox import Draft, Entry, Outbox, PostProgress, Subjects
from bot.model.access import Capability
from bot.model.audit import AuditKind, AuditRow
from bot.model.commands import ListCommand, ShowCommand
from bot.model.conversation import Conversation
from bot.model.job import Job, JobKind, Note
from bot.model.people import Viewer
from bot.model.questions import Question, Shareable
from bot.observe.metrics import Metrics
from bot.render.conversations.share import shared_conversation, shared_list
from bot.storage.stores import JobQueue
from bot.texts import texts_in

EVENT_TYPE = "kickscale_share"


@dataclass(frozen=True, slots=True)
class ShareRequest:
    question: str
    """Its id."""
    page: int
    channel: str
    user: str

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        return ()


SHARE = JobKind("share", ShareRequest, PostProgress)


class Sharing:
    def __init__(
        self, promises: Promises, outbox: Outbox, composer: "ShareComposer", audit: Audit, metrics: Metrics
    ) -> None:
        self._promises = promises
        self._outbox = outbox
        self._composer = composer
        self._audit = audit
        self._metrics = metrics

    def register_jobs(self, queue: JobQueue) -> None:
        self._promises.register(queue, SHARE, self._post)

    async def share(self, request: ShareRequest, reply: Reply) -> bool:
        """Promise to post this page of an answer, and return True; False if that was promised before."""
        key = f"share:{request.question}:{request.page}:{request.channel}"
        return await self._promises.make(SHARE, key, request, reply)

    async def _post(self, job: Job[ShareRequest, PostProgress], note: Note[PostProgress]) -> None:
        request = job.payload

        def audit_row(subjects: Subjects) -> AuditRow:
            return self._audit.row(
                AuditKind.USED,
                SHARE.name,
                by=request.user,
                channel=request.channel,
                conversations=subjects.conversations,
            )

        entry = Entry(job.key, SHARE.name, EVENT_TYPE, request.channel, job.created_at, by=request.user)
        # Every attempt checks again who may share and who is in the channel, unless the message is there already.
        await self._outbox.post_once(job, note, entry, lambda: self._composer.compose(request), audit=audit_row)
        self._metrics.posted(SHARE.name)


ComposeOther = Callable[[Question, int, Viewer], Awaitable[Draft]]
"""Composes a page of another room's answer. Raises AccessDenied if the channel's members may not have it."""


class ShareComposer:
    """Composes the message as everybody in the channel may see it."""

    def __init__(
        self,
        questions: Questions,
        conversations: Conversations,
        access: Access,
        audience: Audience,
        *,
        link_template: str,
        others: Mapping[type[Shareable], ComposeOther],
    ) -> None:
        self._questions = questions
        self._conversations = conversations
        self._access = access
        self._audience = audience
        self._link_template = link_template
        self._others = others

    async def compose(self, request: ShareRequest) -> Draft:
        """Return the message. Raises AccessDenied if the person or the channel's members may not have it."""
        viewer = await self._access.admit(request.user, request.channel, Capability.SHARE)
        question = await self._questions.get(request.question)
        match question.command:
            case ListCommand() as command:
                return await self._page(question, command, request.page, viewer)
            case ShowCommand() as command:
                return await self._conversation(command, viewer)
            case command:
                return await self._others[type(command)](question, request.page, viewer)

    async def _page(self, question: Question, command: ListCommand, page: int, viewer: Viewer) -> Draft:
        answer = await self._questions.answer(question, page, viewer)
        public = await self._for_channel(viewer.channel, answer.shown)
        unreadable = 0 if self._access.shows_only_own else answer.unreadable
        payload = shared_list(
            texts_in(viewer.person.language, question.timezone),  # its days are in that zone, and so are its times
            question,
            replace(answer, shown=public, unreadable=unreadable, latest=None),
            shared_by=viewer.person.id,
            link_template=self._link_template,
        )
        return Draft(payload, Subjects.of(answer.shown, command.domains))

    async def _conversation(self, command: ShowCommand, viewer: Viewer) -> Draft:
        conversation = await self._conversations.open(viewer, command.kind, command.id)
        (public,) = await self._for_channel(viewer.channel, [conversation])
        payload = shared_conversation(
            texts_in(viewer.person.language), public, shared_by=viewer.person.id, link_template=self._link_template
        )
        return Draft(payload, Subjects.of([conversation]))

    async def _for_channel(self, channel: str, conversations: Sequence[Conversation]) -> tuple[Conversation, ...]:
        judgement = await self._audience.judge(channel, conversations)
        if judgement.is_held:
            raise AccessDenied(f"listening_{judgement.why}")
        return judgement.conversations
