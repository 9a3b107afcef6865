"""The wiring: builds the services from what all need. One function per capability; uploads have their own module."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.announcements.announcements import Announcements
from bot.app.foundation import Foundation
from bot.conversations.clicks import CLICK_JOB
from bot.conversations.direct_answers import ANSWER_JOB
from bot.conversations.lists import Lists
from bot.conversations.lookup import Conversations
from bot.conversations.mentions import MENTION_JOB
from bot.conversations.private_delivery import PrivateDeliveries
from bot.conversations.promises import Promises
from bot.conversations.questions import Questions
from bot.conversations.sharing import ComposeOther, ShareComposer, Sharing
from bot.conversations.transcripts import Transcripts
from bot.conversations.typed_commands import COMMAND_JOB
from bot.customers.customers import Customers
from bot.digests.card_promises import CardPromises
from bot.digests.compose import Composer
from bot.digests.due import DueDigests
from bot.digests.edit_card import CardEditor
from bot.digests.news import News
from bot.digests.pausing import Pausing
from bot.digests.post_card import CardPoster
from bot.digests.post_digest import DigestPoster
from bot.digests.preview import Previews
from bot.digests.readers import Readers
from bot.digests.send_card import CardSender
from bot.digests.send_digest import DigestSender
from bot.digests.subscriptions import Subscriptions
from bot.digests.verdicts import Verdicts
from bot.digests.why import Why
from bot.digests.window import Windows
from bot.erasure.erase import Erasure
from bot.jobs.lease import Lease
from bot.kickscale.patient_reader import PatientReader
from bot.mirror.mirror import Mirror
from bot.model.questions import Shareable
from bot.operations.key_reminders import KeyReminders
from bot.operations.status import StatusReader
from bot.search.search import Search
from bot.search.sharing import SearchSharing
from bot.stats.customers import CustomerList
from bot.stats.sharing import StatsSharing
from bot.stats.stats import Statistics
from bot.tools import timezones

# ---- announcements ---------------------------------------------------------------------------------------------------


def build_announcements(base: Foundation) -> Announcements:
    announcements = Announcements(base.queue, base.outbox, base.audience, base.clock)
    announcements.register_jobs(base.queue)
    return announcements


# ---- conversations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConversationParts:
    lookup: Conversations
    lists: Lists
    questions: Questions
    sharing: Sharing
    transcripts: Transcripts
    deliveries: PrivateDeliveries


def build_conversations(base: Foundation, others: Mapping[type[Shareable], ComposeOther]) -> ConversationParts:
    """Build what lists and single conversations need. `others` compose other rooms' answers to be shared."""
    slack = base.clients.slack
    link_template = base.settings.kickscale_link_template
    promises = Promises(base.queue, base.clients.slack, base.outbox, base.clock)
    lookup = Conversations(base.clients.kickscale, base.bindings, base.access, base.clock)
    lists = Lists(base.clients.kickscale, base.bindings, base.clock)
    questions = Questions(base.stores.questions, lookup, lists, slack=slack, access=base.access, clock=base.clock)
    composer = ShareComposer(questions, lookup, base.access, base.audience, link_template=link_template, others=others)
    sharing = Sharing(promises, base.outbox, composer, base.audit, base.metrics)
    transcripts = Transcripts(promises, base.outbox, slack, lookup, base.audit, metrics=base.metrics)
    deliveries = PrivateDeliveries(base.queue, base.outbox, slack, lookup, base.clock, link_template=link_template)
    for service in (sharing, transcripts, deliveries):
        service.register_jobs(base.queue)
    return ConversationParts(lookup, lists, questions, sharing, transcripts, deliveries)


# ---- digests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DigestParts:
    due: DueDigests
    windows: Windows
    composer: Composer
    news: News
    previews: Previews
    subscriptions: Subscriptions
    why: Why


def build_digests(base: Foundation, conversations: ConversationParts, announcements: Announcements) -> DigestParts:
    settings, stores, slack = base.settings, base.stores, base.clients.slack
    due = DueDigests(
        base.queue,
        stores.subscriptions,
        stores.digests,
        base.clock,
        plan=lambda waits: base.timers.replan("digests", waits, due.run_due),
    )
    windows = Windows(base.clients.kickscale, base.bindings, base.clock)
    composer = Composer(windows, stores.digests, base.audience, base.clock)
    pausing = Pausing(
        queue=base.queue,
        subscriptions=stores.subscriptions,
        audit=base.audit,
        slack=slack,
        outbox=base.outbox,
        clock=base.clock,
    )
    readers = Readers(slack, base.access, base.audience)
    digest_poster = DigestPoster(
        queue=base.queue,
        subscriptions=stores.subscriptions,
        digests=stores.digests,
        composer=composer,
        readers=readers,
        sender=DigestSender(
            subscriptions=stores.subscriptions,
            readers=readers,
            outbox=base.outbox,
            clock=base.clock,
            metrics=base.metrics,
            link_template=settings.kickscale_link_template,
        ),
        pausing=pausing,
        clock=base.clock,
    )
    card_poster = CardPoster(
        subscriptions=stores.subscriptions,
        cards=stores.cards,
        conversations=conversations.lookup,
        audience=base.audience,
        sender=CardSender(
            cards=stores.cards,
            outbox=base.outbox,
            audience=base.audience,
            deliveries=conversations.deliveries,
            clock=base.clock,
            metrics=base.metrics,
            link_template=settings.kickscale_link_template,
        ),
        editor=CardEditor(
            cards=stores.cards,
            ledger=stores.ledger,
            slack=slack,
            audience=base.audience,
            pausing=pausing,
            link_template=settings.kickscale_link_template,
        ),
        pausing=pausing,
        clock=base.clock,
    )
    for poster in (digest_poster, pausing, card_poster):
        poster.register_jobs(base.queue)
    news = News(
        subscriptions=stores.subscriptions,
        cards=CardPromises(base.queue, stores.cards, base.audience, base.clock),
        client=base.clients.kickscale,
        bindings=base.bindings,
        clock=base.clock,
        lease=Lease(stores.leases, "look for news", base.name, base.clock),
        interval=timedelta(seconds=settings.live_poll_seconds),
    )
    subscriptions = Subscriptions(
        store=stores.subscriptions,
        audit=base.audit,
        announcements=announcements,
        slack=slack,
        clock=base.clock,
        default_timezone=settings.default_timezone,
        on_change=due.plan,
    )
    verdicts = Verdicts(
        queue=base.queue,
        subscriptions=stores.subscriptions,
        digests=stores.digests,
        cards=stores.cards,
        due=due,
        conversations=conversations.lookup,
        audience=base.audience,
        clock=base.clock,
    )
    why = Why(
        ledger=stores.ledger,
        audit=stores.audit,
        conversations=conversations.lookup,
        access=base.access,
        slack=slack,
        verdicts=verdicts,
    )
    previews = Previews(subscriptions, due, composer, base.access)
    return DigestParts(due, windows, composer, news, previews, subscriptions, why)


# ---- what the bot reads for itself -----------------------------------------------------------------------------------


def build_customers(base: Foundation, reader: PatientReader) -> Customers:
    lease = Lease(base.stores.leases, "read for customers", base.name, base.clock)
    return Customers(base.stores.customers(), base.stores.facts, reader, base.access, lease, base.clock)


def build_mirror(base: Foundation, reader: PatientReader) -> Mirror:
    settings = base.settings
    return Mirror(
        base.stores.mirror(),
        reader,
        Lease(base.stores.leases, "read for the mirror", base.name, base.clock),
        base.clock,
        settings.mirror_days,
        timezones.zone(settings.default_timezone),
        with_transcripts=settings.mirror_transcripts == "on",
    )


# ---- search and statistics -------------------------------------------------------------------------------------------


def build_search(base: Foundation, customers: Customers, mirror: Mirror) -> Search:
    return Search(
        base.stores.mirror(),
        customers,
        mirror,
        slack=base.clients.slack,
        access=base.access,
        with_transcripts=base.settings.mirror_transcripts == "on",
    )


def build_search_sharing(base: Foundation, search: Search) -> SearchSharing:
    return SearchSharing(search, base.audience, link_template=base.settings.kickscale_link_template)


@dataclass(frozen=True)
class StatsParts:
    statistics: Statistics
    sharing: StatsSharing
    customer_list: CustomerList


def build_stats(base: Foundation, customers: Customers, mirror: Mirror) -> StatsParts:
    statistics = Statistics(base.stores.mirror(), customers, mirror, base.access, base.clock)
    sharing = StatsSharing(statistics, base.audience)
    return StatsParts(statistics, sharing, CustomerList(customers, base.access, base.clock))


# ---- erasure and operations ------------------------------------------------------------------------------------------


def build_erasure(base: Foundation) -> Erasure:
    return Erasure(base.stores.erasures, base.stores.subscriptions, base.clients.slack, base.audit, base.clock)


def build_key_reminders(base: Foundation) -> KeyReminders:
    reminders = KeyReminders(
        base.settings.kickscale_api_key_created,
        base.settings.access_rules().admins,
        base.queue,
        base.outbox,
        base.clients.slack,
        base.stores.facts,
        base.clock,
    )
    reminders.register_jobs(base.queue)
    return reminders


def build_status(base: Foundation, mirror: Mirror) -> StatusReader:
    return StatusReader(
        base.settings,
        base.clients.kickscale,
        base.bindings,
        base.stores.health,
        base.queue,
        {kind.name for kind in (COMMAND_JOB, CLICK_JOB, MENTION_JOB, ANSWER_JOB)},
        mirror.state,
        base.clock,
    )
