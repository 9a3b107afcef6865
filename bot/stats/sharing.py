"""*Share in channel* for statistics, where everybody may see every conversation that is counted."""

from dataclasses import replace

from bot.access.audience import Audience
from bot.errors import AccessDenied, GoneError
from bot.jobs.outbox import Draft, Subjects
from bot.model.commands import StatsCommand
from bot.model.people import Viewer
from bot.model.questions import Question
from bot.render.kit.charts import without_charts
from bot.render.kit.subjects import domains_in
from bot.render.stats.stats import shared_stats_message
from bot.stats.stats import Statistics
from bot.texts import texts_in


class StatsSharing:
    def __init__(self, statistics: Statistics, audience: Audience) -> None:
        self._statistics = statistics
        self._audience = audience

    async def compose(self, question: Question, _page: int, viewer: Viewer) -> Draft:
        """Return the statistics as they are now, without the viewer's own figures.

        Raises AccessDenied if not everybody in the channel may see what is counted, and what `Statistics.read` raises.
        """
        if not isinstance(question.command, StatsCommand):
            raise GoneError("question", question.id)
        if (why := await self._audience.why_uncounted(viewer.channel)) is not None:
            raise AccessDenied(f"listening_{why}")
        stats = await self._statistics.read(viewer, question.command, question.timezone)
        texts = texts_in(viewer.person.language, question.timezone)
        payload = shared_stats_message(texts, replace(stats, own=None), shared_by=viewer.person.id)
        domains = (*question.command.domains, *domains_in(payload))
        return Draft(payload, Subjects(domains=tuple(dict.fromkeys(domains))), without_charts(payload))
