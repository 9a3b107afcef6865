"""The services around recordings and their uploads, put together."""

from dataclasses import dataclass

from bot.app.foundation import Foundation
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import PrivateDeliveries
from bot.uploads.acceptance import Acceptance, UploadForms
from bot.uploads.attempt import Tools
from bot.uploads.automatic import AutomaticUploads
from bot.uploads.backstop import Backstop
from bot.uploads.channels import UploadChannels
from bot.uploads.composing import UploadComposer
from bot.uploads.following import Calls, Following
from bot.uploads.inspection import Inspection
from bot.uploads.known import KnownRecordings
from bot.uploads.mentions import Mentions
from bot.uploads.message_edits import MessageEdits, ProgressEdits
from bot.uploads.notifications import Notifications
from bot.uploads.offer_book import OfferBook
from bot.uploads.offer_message import OfferMessages
from bot.uploads.offering import Offering
from bot.uploads.operation import current_operation
from bot.uploads.places import QueuePlaces
from bot.uploads.prefill import Prefiller
from bot.uploads.promises import UploadPromises
from bot.uploads.queue import UploadQueue
from bot.uploads.refusals import Refusals
from bot.uploads.serving import ServedRecordings
from bot.uploads.sources import Sources
from bot.uploads.summaries import Summaries
from bot.uploads.thread_message import UploadMessages
from bot.uploads.transfers import Transfers, looks_per_edit


@dataclass(frozen=True)
class UploadServices:
    """What the listeners, the HTTP server and the timers use of uploads."""

    acceptance: Acceptance
    backstop: Backstop
    channels: UploadChannels
    forms: UploadForms
    offering: Offering
    places: QueuePlaces
    queue: UploadQueue
    served: ServedRecordings


def build_uploads(base: Foundation, conversations: Conversations, deliveries: PrivateDeliveries) -> UploadServices:
    """Put the services together, and register their jobs."""
    settings, clock, jobs, outbox = base.settings, base.clock, base.queue, base.outbox
    slack, kickscale = base.clients.slack, base.clients.kickscale
    uploads, offers, ledger = base.database.uploads, base.database.uploads, base.database.ledger
    sources = Sources(slack, base.clients.slack_files)
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
    channels = UploadChannels(base.database.uploads, base.audit, clock)
    book = OfferBook(offers, uploads, clock)
    inspection = Inspection(slack, sources, book, operation)
    refusals = Refusals(jobs, slack, clock)
    prefiller = Prefiller(slack, sources, base.database.subscriptions, operation, clock, settings.default_timezone)
    promises = UploadPromises(uploads, base.audit, queue, known, clock)
    offer_messages = OfferMessages(jobs, book, uploads, channels, inspection, slack, outbox, ledger, clock)
    acceptance = Acceptance(book, promises, offer_messages, clock)
    offering = Offering(
        jobs,
        channels,
        base.access,
        book,
        inspection,
        Mentions(slack),
        refusals,
        acceptance,
        AutomaticUploads(channels, book, base.access, prefiller, promises),
        offer_messages,
        outbox,
        clock,
    )
    backstop = Backstop(jobs, channels, book, slack, offering, clock)

    for service in (notifications, known, messages, following, refusals, offer_messages, offering, backstop):
        service.register_jobs(jobs)
    transfers.register_jobs(base.upload_queue)
    return UploadServices(
        acceptance=acceptance,
        backstop=backstop,
        channels=channels,
        forms=UploadForms(book, prefiller, base.access, slack, operation),
        offering=offering,
        places=places,
        queue=queue,
        served=served,
    )
