"""*Share in channel* for what was found: only what everybody in the channel may see, and no transcripts."""

from dataclasses import replace

from bot.access.audience import Audience
from bot.errors import AccessDenied, GoneError
from bot.jobs.outbox import Draft, Subjects
from bot.model.commands import SearchCommand
from bot.model.conversation import Scope
from bot.model.people import Viewer
from bot.model.questions import Question
from bot.model.search import SearchAnswer
from bot.render.kit.subjects import domains_in
from bot.render.search.results import shared_results_message
from bot.search.search import Search
from bot.texts import texts_in


class SearchSharing:
    def __init__(self, search: Search, audience: Audience, *, link_template: str) -> None:
        self._search = search
        self._audience = audience
        self._link_template = link_template

    async def compose(self, question: Question, page: int, viewer: Viewer) -> Draft:
        """Return a page of what is found outside of transcripts, as everybody in the channel may see it.

        Raises AccessDenied if there is nothing that they may see, GoneError if nothing is found any more, and what
        `Search.answer` raises.
        """
        if not isinstance(question.command, SearchCommand):
            raise GoneError("question", question.id)
        answer = await self._search.answer(question, page, viewer, with_transcripts=False)
        if not answer.hits and self._search.has_transcripts:
            raise AccessDenied("listening_transcript")
        if not answer.hits:
            raise GoneError("search", question.id)
        public = await self._for_channel(viewer.channel, answer)
        payload = shared_results_message(
            texts_in(viewer.person.language, question.timezone),
            public,
            shared_by=viewer.person.id,
            link_template=self._link_template,
        )
        conversations = [hit.conversation for hit in public.hits]
        return Draft(payload, Subjects.of(conversations, (*question.command.domains, *domains_in(payload))))

    async def _for_channel(self, channel: str, answer: SearchAnswer) -> SearchAnswer:
        """Return what everybody may see of a page. How many there are in all is only said if they may see all."""
        judgement = await self._audience.judge(channel, [hit.conversation for hit in answer.hits])
        shown = [
            replace(hit, conversation=conversation)
            for hit, conversation in zip(answer.hits, judgement.conversations, strict=False)
            # That there is such a conversation already says that these words are in it.
            if hit.conversation.id not in judgement.withheld
        ]
        why = await self._audience.why_uncounted(channel)
        if not shown:
            raise AccessDenied(f"listening_{why or 'visibility'}")
        if why is None and len(shown) == len(answer.hits) and answer.command.filters.scope is Scope.EXTERNAL:
            return replace(answer, hits=tuple(shown))
        return replace(answer, hits=tuple(shown), total=len(shown), page=0, pages=1)
