"""The services around recordings and their uploads, put together."""

from dataclasses import dataclass

from bot.announcements.announcements import Announcements
from bot.app.foundation import Foundation
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import PrivateDeliveries
from bot.uploads.offers.acceptance import Acceptance, UploadForms
from bot.uploads.offers.automatic import AutomaticUploads
from bot.uploads.offers.backstop import Backstop
from bot.uploads.offers.book import OfferBook
from bot.uploads.offers.channels import UploadChannels
from bot.uploads.offers.edits import OfferEdits
from bot.uploads.offers.inspection import Inspection
from bot.uploads.offers.intake import Intake
from bot.uploads.offers.mentions import Mentions
from bot.uploads.offers.message import OfferMessages
from bot.uploads.offers.offering import Offering
from bot.uploads.offers.prefill import Prefiller
from bot.uploads.offers.promises import UploadPromises
from bot.uploads.offers.refusals import Refusals
from bot.uploads.offers.replies import Replies
from bot.uploads.operation import current_operation
from bot.uploads.sources import Sources
from bot.uploads.thread.composing import UploadComposer
from bot.uploads.thread.edits import MessageEdits, ProgressEdits
from bot.uploads.thread.known import KnownRecordings
from bot.uploads.thread.message import UploadMessages
from bot.uploads.thread.notifications import Notifications
from bot.uploads.thread.places import QueuePlaces
from bot.uploads.thread.summaries import Summaries
from bot.uploads.transfer.attempt import Tools
from bot.uploads.transfer.following import Calls, Following
from bot.uploads.transfer.queue import UploadQueue
from bot.uploads.transfer.serving import ServedRecordings
from bot.uploads.transfer.transfers import Transfers, looks_per_edit


@dataclass(frozen=True)
class UploadServices:
    """What the listeners, the HTTP server and the timers use of uploads."""

    acceptance: Acceptance
    channels: UploadChannels
    forms: UploadForms
    intake: Intake
    offering: Offering
    places: QueuePlaces
    queue: UploadQueue
    served: ServedRecordings


def build_uploads(
    base: Foundation, conversations: Conversations, deliveries: PrivateDeliveries, announcements: Announcements
) -> UploadServices:
    """Put the services together, and register their jobs."""
    settings, clock, jobs, outbox = base.settings, base.clock, base.queue, base.outbox
    slack, kickscale = base.clients.slack, base.clients.kickscale
    uploads, offers, ledger = base.stores.uploads, base.stores.offers, base.stores.ledger
    sources = Sources(slack, base.clients.downloads)
    operation = current_operation(base.bindings, kickscale)
    link_template = settings.kickscale_link_template

    # the message of an upload
    places = QueuePlaces(uploads, settings.upload_concurrency)
    notifications = Notifications(jobs, uploads, slack, outbox, clock, link_template)
    known = KnownRecordings(jobs, uploads, slack, outbox, notifications, clock)
    composer = UploadComposer(uploads, slack, base.audience, notifications, places, link_template)
    summaries = Summaries(offers, ledger, base.audience, deliveries)
    edits = MessageEdits(slack, composer, summaries, notifications)
    progress = ProgressEdits(uploads, edits, places, base.background)
    messages = UploadMessages(jobs, uploads, outbox, composer, edits, progress, notifications, clock)

    # the way to Kickscale
    calls = Calls(uploads, kickscale, conversations, operation)
    following = Following(jobs, uploads, calls, messages, clock)
    served = ServedRecordings(uploads, sources, clock)
    queue = UploadQueue(base.upload_queue, uploads, messages, progress, following, clock)
    tools = Tools(
        uploads=uploads,
        sources=sources,
        sender=base.clients.sender,
        client=kickscale,
        display=progress,
        clock=clock,
        operation=operation,
        public_url=settings.reached_at,
        fetched=served.fetched,
        looks_per_edit=looks_per_edit(settings.upload_concurrency),
    )
    transfers = Transfers(tools, messages, following, known, base.metrics)

    # from a shared recording to a promised upload
    channels = UploadChannels(base.stores.upload_channels, base.audit, announcements, clock)
    book = OfferBook(offers, uploads, slack, clock)
    inspection = Inspection(slack, sources, book, operation)
    refusals = Refusals(jobs, slack, clock)
    prefiller = Prefiller(slack, sources, base.stores.subscriptions, operation, clock, settings.default_timezone)
    promises = UploadPromises(uploads, base.audit, queue, known, clock)
    offer_edits = OfferEdits(jobs, book, inspection, slack, ledger, clock)
    offer_messages = OfferMessages(jobs, book, channels, offer_edits, slack, outbox, clock)
    acceptance = Acceptance(book, promises, offer_edits, clock)
    mentions = Mentions(slack, base.access)
    offering = Offering(
        channels,
        mentions,
        book,
        inspection,
        acceptance,
        AutomaticUploads(channels, book, base.access, prefiller, promises),
        offer_messages,
        Replies(mentions, refusals, slack, outbox),
        clock,
    )
    intake = Intake(jobs, channels)
    backstop = Backstop(book, slack, intake, clock)

    for service in (
        notifications,
        known,
        messages,
        following,
        refusals,
        offer_edits,
        offer_messages,
        offering,
        backstop,
    ):
        service.register_jobs(jobs)
    transfers.register_jobs(base.upload_queue)
    return UploadServices(
        acceptance=acceptance,
        channels=channels,
        forms=UploadForms(book, prefiller, base.access, slack, operation),
        intake=intake,
        offering=offering,
        places=places,
        queue=queue,
        served=served,
    )
