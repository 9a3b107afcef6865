"""The wiring: builds every part of the bot, and of each command, from the settings. One function a capability."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.app.database import open_database
from bot.app.foundation import Foundation
from bot.app.services import Services
from bot.app.upload_services import build_uploads
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.conversations.lists import Lists
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import PrivateDeliveries
from bot.conversations.promises import Promises
from bot.conversations.questions import Questions
from bot.conversations.sharing import ShareComposer, Sharing
from bot.conversations.transcripts import Transcripts
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
from bot.operations.status import StatusReader

STOP_PATIENCE = 5.0
"""Seconds that all running work gets at a stop: platforms kill ten seconds after they asked, and cancelling and closing
takes a while under load."""


def build_services(base: Foundation) -> Services:
    """Build everything that listeners, timers and commands call. Nothing runs yet."""
    conversations = build_conversations(base)
    uploads = build_uploads(base, conversations.lookup, conversations.deliveries)
    digests = build_digests(base, conversations)
    return Services(
        access=base.access,
        audience=base.audience,
        audit=base.audit,
        background=base.background,
        clock=base.clock,
        conversations=conversations.lookup,
        digest_composer=digests.composer,
        digests=digests.due,
        erasure=build_erasure(base),
        live=digests.news,
        metrics=base.metrics,
        previews=digests.previews,
        questions=conversations.questions,
        sharing=conversations.sharing,
        slack=base.clients.slack,
        status=build_status(base),
        subscriptions=digests.subscriptions,
        transcripts=conversations.transcripts,
        uploads=uploads,
        why=digests.why,
        default_timezone=base.settings.default_timezone,
        link_template=base.settings.kickscale_link_template,
    )


# ---- conversations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConversationParts:
    lookup: Conversations
    questions: Questions
    sharing: Sharing
    transcripts: Transcripts
    deliveries: PrivateDeliveries


def build_conversations(base: Foundation) -> ConversationParts:
    slack = base.clients.slack
    link_template = base.settings.kickscale_link_template
    promises = Promises(base.queue, base.outbox, base.clock)
    lookup = Conversations(base.clients.kickscale, base.bindings, base.access, base.clock)
    lists = Lists(base.clients.kickscale, base.bindings, base.clock)
    questions = Questions(base.stores.questions, lookup, lists, slack=slack, access=base.access, clock=base.clock)
    composer = ShareComposer(questions, lookup, base.access, base.audience, link_template=link_template)
    sharing = Sharing(promises, base.outbox, composer, base.audit, base.metrics)
    transcripts = Transcripts(promises, base.outbox, slack, lookup, base.audit, metrics=base.metrics)
    deliveries = PrivateDeliveries(base.queue, base.outbox, slack, lookup, base.clock, link_template=link_template)
    for service in (sharing, transcripts, deliveries):
        service.register_jobs(base.queue)
    return ConversationParts(lookup, questions, sharing, transcripts, deliveries)


# ---- digests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DigestParts:
    due: DueDigests
    composer: Composer
    news: News
    previews: Previews
    subscriptions: Subscriptions
    why: Why


def build_digests(base: Foundation, conversations: ConversationParts) -> DigestParts:
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
    return DigestParts(due, composer, news, previews, subscriptions, why)


# ---- erasure and operations ------------------------------------------------------------------------------------------


def build_erasure(base: Foundation) -> Erasure:
    return Erasure(base.stores.erasures, base.clients.slack, base.audit, base.clock)


def build_status(base: Foundation) -> StatusReader:
    return StatusReader(
        base.settings, base.clients.kickscale, base.bindings, base.stores.health, base.queue, base.clock
    )


# ---- what the commands get -------------------------------------------------------------------------------------------


class Parts:
    """The services without a running bot, for one thing that the command line does, whether or not a bot runs."""

    def __init__(self, base: Foundation) -> None:
        self.services = build_services(base)
        self._base = base

    async def do_jobs(self) -> None:
        """Do the jobs that are due, and return."""
        await self._base.queue.start()
        await self._base.queue.idle()


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Open the services for one command, and close them at the end. Raises ConfigError if there is no database yet."""
    base = Foundation.build(settings, SystemClock(), await open_database(settings.database_path, create=False))
    try:
        parts = Parts(base)
        await base.bindings.start()
        yield parts
    finally:
        await base.queue.stop(STOP_PATIENCE)
        await base.background.stop(STOP_PATIENCE)
        await base.close()
