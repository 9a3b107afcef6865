"""The services that listeners, timers and commands call."""

from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.model.people import Person
from bot.tools.timezones import zone_or_default
from bot.tools.turns import Turns

if TYPE_CHECKING:
    from bot.announcements.announcements import Announcements
    from bot.app.foundation import Foundation
    from bot.app.reading import Reading
    from bot.app.upload_services import UploadServices
    from bot.app.wiring import ConversationParts, DigestParts, StatsParts
    from bot.conversations.clicks import Clicks
    from bot.conversations.direct_answers import DirectAnswers
    from bot.conversations.lookup import Conversations
    from bot.conversations.mentions import Mentions
    from bot.conversations.own_latest import OwnLatest
    from bot.conversations.questions import Questions
    from bot.conversations.sharing import Sharing
    from bot.conversations.transcripts import Transcripts
    from bot.conversations.typed_commands import TypedCommands
    from bot.customers.customers import Customers
    from bot.digests.compose import Composer
    from bot.digests.due import DueDigests
    from bot.digests.news import News
    from bot.digests.preview import Previews
    from bot.digests.subscriptions import Subscriptions
    from bot.digests.why import Why
    from bot.erasure.erase import Erasure
    from bot.jobs.outbox import Draft
    from bot.kickscale.patient_reader import PatientReader
    from bot.mirror.mirror import Mirror
    from bot.model.people import Viewer
    from bot.model.questions import Question
    from bot.operations.key_reminders import KeyReminders
    from bot.operations.status import StatusReader
    from bot.search.search import Search
    from bot.search.sharing import SearchSharing
    from bot.stats.customers import CustomerList
    from bot.stats.stats import Statistics


class Services:
    """Each capability is built when it is first used, or by `build`."""

    def __init__(self, base: "Foundation") -> None:
        self._base = base
        self.access = base.access
        self.audience = base.audience
        self.audit = base.audit
        self.background = base.background
        self.clock = base.clock
        self.metrics = base.metrics
        self.outbox = base.outbox
        self.slack = base.clients.slack
        self.default_timezone = base.settings.default_timezone
        self.link_template = base.settings.kickscale_link_template
        self.turns = Turns()
        """In which answers begin."""

    def build(self) -> None:
        """Build what nobody has used yet, so that all kinds of jobs are registered."""
        _ = self._conversations, self.uploads, self._digests, self.erasure, self.status, self.key_reminders

    def zone(self, person: Person) -> ZoneInfo:
        """Return the person's own time zone, or else the default one."""
        return zone_or_default(person.timezone, self.default_timezone)

    async def forget_listeners(self, channel: str) -> None:
        """Have every bot read again who is in a channel, since somebody joined it or it was shared."""
        from bot.access.audience import LISTENERS

        self.audience.forget(channel)
        await self._base.notices.tell(LISTENERS, channel)

    async def forget_expired(self) -> None:
        """Free the memory of what was read for answers and digests and isn't used any more."""
        self._conversations.lists.forget_expired()
        self._digests.windows.forget_expired()
        self.customers.forget_expired()

    # ---- announcements -----------------------------------------------------------------------------------------------

    @cached_property
    def _announcements(self) -> "Announcements":
        from bot.app.wiring import build_announcements

        return build_announcements(self._base)

    # ---- conversations -----------------------------------------------------------------------------------------------

    @cached_property
    def _conversations(self) -> "ConversationParts":
        from bot.app.wiring import build_conversations
        from bot.model.commands import SearchCommand, StatsCommand

        others = {SearchCommand: self._compose_search, StatsCommand: self._compose_stats}
        return build_conversations(self._base, others)

    @property
    def conversations(self) -> "Conversations":
        return self._conversations.lookup

    @property
    def questions(self) -> "Questions":
        return self._conversations.questions

    @property
    def sharing(self) -> "Sharing":
        return self._conversations.sharing

    @property
    def transcripts(self) -> "Transcripts":
        return self._conversations.transcripts

    @cached_property
    def direct_answers(self) -> "DirectAnswers":
        from bot.conversations.direct_answers import DirectAnswers

        base, stores = self._base, self._base.stores
        return DirectAnswers(
            base.answer_queue, base.clients.slack, base.outbox, stores.ledger, stores.facts, clock=base.clock
        )

    @property
    def typed_commands(self) -> "TypedCommands":
        return self._base.typed_commands

    @cached_property
    def mentions(self) -> "Mentions":
        from bot.conversations.mentions import Mentions

        return Mentions(self._base.answer_queue, self._base.clock)

    @cached_property
    def clicks(self) -> "Clicks":
        from bot.conversations.clicks import Clicks

        return Clicks(self._base.answer_queue, self._base.clock)

    @cached_property
    def own_latest(self) -> "OwnLatest":
        from bot.conversations.own_latest import OwnLatest

        return OwnLatest(self._base.stores.mirror(), self.conversations, self.access, self.clock)

    # ---- uploads -----------------------------------------------------------------------------------------------------

    @cached_property
    def uploads(self) -> "UploadServices":
        from bot.app.upload_services import build_uploads

        parts = self._conversations
        return build_uploads(self._base, parts.lookup, parts.deliveries, self._announcements)

    # ---- digests -----------------------------------------------------------------------------------------------------

    @cached_property
    def _digests(self) -> "DigestParts":
        from bot.app.wiring import build_digests

        return build_digests(self._base, self._conversations, self._announcements)

    @property
    def digest_composer(self) -> "Composer":
        return self._digests.composer

    @property
    def digests(self) -> "DueDigests":
        return self._digests.due

    @property
    def live(self) -> "News":
        return self._digests.news

    @property
    def previews(self) -> "Previews":
        return self._digests.previews

    @property
    def subscriptions(self) -> "Subscriptions":
        return self._digests.subscriptions

    @property
    def why(self) -> "Why":
        return self._digests.why

    # ---- what the bot reads for itself -------------------------------------------------------------------------------

    @cached_property
    def reading(self) -> "Reading":
        """Hears what is read for others as soon as it is built: not by `build`, which commands call too."""
        from bot.app.reading import Reading

        return Reading(self._base.clients.kickscale, self.customers, self.mirror, self._base.background)

    @cached_property
    def _patient_reader(self) -> "PatientReader":
        from bot.kickscale.patient_reader import PatientReader

        return PatientReader(self._base.clients.kickscale, self._base.bindings, self.clock)

    @cached_property
    def customers(self) -> "Customers":
        from bot.app.wiring import build_customers

        return build_customers(self._base, self._patient_reader)

    @cached_property
    def mirror(self) -> "Mirror":
        from bot.app.wiring import build_mirror

        return build_mirror(self._base, self._patient_reader)

    # ---- search and statistics ---------------------------------------------------------------------------------------

    @cached_property
    def search(self) -> "Search":
        from bot.app.wiring import build_search

        return build_search(self._base, self.customers, self.mirror)

    @cached_property
    def _search_sharing(self) -> "SearchSharing":
        from bot.app.wiring import build_search_sharing

        return build_search_sharing(self._base, self.search)

    @cached_property
    def _stats(self) -> "StatsParts":
        from bot.app.wiring import build_stats

        return build_stats(self._base, self.customers, self.mirror)

    # These are built when something of theirs is shared.

    async def _compose_search(self, question: "Question", page: int, viewer: "Viewer") -> "Draft":
        return await self._search_sharing.compose(question, page, viewer)

    async def _compose_stats(self, question: "Question", page: int, viewer: "Viewer") -> "Draft":
        return await self._stats.sharing.compose(question, page, viewer)

    @property
    def statistics(self) -> "Statistics":
        return self._stats.statistics

    @property
    def customer_list(self) -> "CustomerList":
        return self._stats.customer_list

    # ---- erasure and operations --------------------------------------------------------------------------------------

    @cached_property
    def erasure(self) -> "Erasure":
        from bot.app.wiring import build_erasure

        return build_erasure(self._base)

    @cached_property
    def key_reminders(self) -> "KeyReminders":
        from bot.app.wiring import build_key_reminders

        return build_key_reminders(self._base)

    @cached_property
    def status(self) -> "StatusReader":
        from bot.app.wiring import build_status

        return build_status(self._base, self.mirror)
