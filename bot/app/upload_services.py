"""The services around recordings and their uploads, put together."""

from dataclasses import dataclass

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.clock import Clock
from bot.config.settings import Settings
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import PrivateDeliveries
from bot.jobs.outbox import Outbox
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import Bindings
from bot.kickscale.uploading.sender import Sender
from bot.observe.metrics import Metrics
from bot.slack.client import Slack
from bot.slack.files import SlackFiles
from bot.storage.sqlite import Database
from bot.storage.stores import JobQueue
from bot.tools.background import Background
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


@dataclass(frozen=True)
class UploadParts:
    """What the services are put together from."""

    settings: Settings
    clock: Clock
    database: Database
    jobs: JobQueue
    lanes: JobQueue
    """The queue in which as many transfers run as are allowed at a time."""
    slack: Slack
    outbox: Outbox
    files: SlackFiles
    kickscale: KickscaleClient
    sender: Sender
    bindings: Bindings
    metrics: Metrics
    background: Background
    audit: Audit
    access: Access
    audience: Audience
    conversations: Conversations
    deliveries: PrivateDeliveries


def build_uploads(parts: UploadParts) -> UploadServices:
    """Put the services together, and register their jobs."""
    settings, clock, jobs, slack = parts.settings, parts.clock, parts.jobs, parts.slack
    uploads, offers, ledger = parts.database.uploads, parts.database.uploads, parts.database.ledger
    outbox = parts.outbox
    sources = Sources(slack, parts.files)
    operation = current_operation(parts.bindings, parts.kickscale)
    link_template = settings.kickscale_link_template

    # the message of an upload
    places = QueuePlaces(uploads, settings.upload_concurrency)
    notifications = Notifications(jobs, uploads, slack, outbox, clock, link_template)
    known = KnownRecordings(jobs, uploads, slack, outbox, notifications, clock)
    composer = UploadComposer(uploads, slack, parts.audience, notifications, places, link_template)
    summaries = Summaries(offers, ledger, parts.audience, parts.deliveries)
    edits = MessageEdits(slack, composer, summaries, notifications)
    progress = ProgressEdits(uploads, edits, places, parts.background)
    messages = UploadMessages(jobs, uploads, outbox, composer, edits, progress, notifications, clock)

    # the way to Kickscale
    calls = Calls(uploads, parts.kickscale, parts.conversations, operation)
    following = Following(jobs, uploads, calls, messages, clock)
    served = ServedRecordings(uploads, sources, clock)
    queue = UploadQueue(parts.lanes, uploads, messages, progress, following, clock)
    tools = Tools(
        uploads=uploads,
        sources=sources,
        sender=parts.sender,
        client=parts.kickscale,
        display=progress,
        clock=clock,
        operation=operation,
        public_url=settings.reached_at,
        fetched=served.fetched,
        looks_per_edit=looks_per_edit(settings.upload_concurrency),
    )
    transfers = Transfers(tools, messages, following, known, parts.metrics)

    # from a shared recording to a promised upload
    channels = UploadChannels(parts.database.uploads, parts.audit, clock)
    book = OfferBook(offers, uploads, clock)
    inspection = Inspection(slack, sources, book, operation)
    refusals = Refusals(jobs, slack, clock)
    prefiller = Prefiller(slack, sources, parts.database.subscriptions, operation, clock, settings.default_timezone)
    promises = UploadPromises(uploads, parts.audit, queue, known, clock)
    offer_edits = OfferEdits(jobs, book, inspection, slack, ledger, clock)
    offer_messages = OfferMessages(jobs, book, channels, offer_edits, outbox, clock)
    acceptance = Acceptance(book, promises, offer_edits, clock)
    mentions = Mentions(slack, parts.access)
    offering = Offering(
        channels,
        mentions,
        book,
        inspection,
        acceptance,
        AutomaticUploads(channels, book, parts.access, prefiller, promises),
        offer_messages,
        Replies(mentions, refusals, outbox),
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
    transfers.register_jobs(parts.lanes)
    return UploadServices(
        acceptance=acceptance,
        channels=channels,
        forms=UploadForms(book, prefiller, parts.access, slack, operation),
        intake=intake,
        offering=offering,
        places=places,
        queue=queue,
        served=served,
    )
