"""The wiring: builds every part of the bot, and of each command, from the settings. One function a capability."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.app.clients import Clients
from bot.app.foundation import Foundation, override_binding
from bot.app.services import Services
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings
from bot.conversations.deliveries import Deliveries
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import Held
from bot.digests.digests import Digests
from bot.digests.live_cards import Live
from bot.digests.subscriptions import Subscriptions
from bot.digests.why import Why
from bot.digests.window import Windows
from bot.erasure.erase import Erasure
from bot.observe.metrics import Metrics
from bot.operations.doctor import Doctor
from bot.operations.status import StatusReader
from bot.storage.sqlite import Database
from bot.storage.sqlite.inspection import inspect
from bot.uploads.from_disk import History
from bot.uploads.offering import Offers
from bot.uploads.queue import Transfers
from bot.uploads.sources import Sources
from bot.uploads.thread_message import UploadMessages

DOCTOR_SLACK_TIMEOUT = 15
"""Seconds."""
STOP_PATIENCE = 5.0
"""Seconds that everything under way is given together at a stop: platforms kill ten seconds after they asked, and
cancelling and closing takes a while under load."""


def build_services(base: Foundation) -> Services:
    """Everything that listeners, timers and commands call. Nothing runs yet."""
    conversations = build_conversations(base)
    uploads = build_uploads(base, conversations)
    digests = build_digests(base, conversations)
    return Services(
        access=base.access,
        audience=base.audience,
        audit=base.audit,
        background=base.background,
        clock=base.clock,
        conversations=conversations.lookup,
        database=base.database,
        deliveries=conversations.deliveries,
        digests=digests.digests,
        erasure=build_erasure(base),
        live=digests.live,
        metrics=base.metrics,
        offers=uploads.offers,
        slack=base.clients.slack,
        status=build_status(base),
        subscriptions=digests.subscriptions,
        texts=base.texts,
        transfers=uploads.transfers,
        why=digests.why,
        default_timezone=base.settings.default_timezone,
        link_template=base.settings.kickscale_link_template,
    )


# ---- conversations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConversationParts:
    lookup: Conversations
    held: Held
    deliveries: Deliveries


def build_conversations(base: Foundation) -> ConversationParts:
    lookup = Conversations(base.clients.kickscale, base.bindings, base.clients.slack, base.access, base.clock)
    held = Held(
        jobs=base.queue,
        database=base.database,
        slack=base.clients.slack,
        access=base.access,
        conversations=lookup,
        clock=base.clock,
        texts=base.texts,
        link_template=base.settings.kickscale_link_template,
    )
    deliveries = Deliveries(
        jobs=base.queue,
        database=base.database,
        slack=base.clients.slack,
        access=base.access,
        audience=base.audience,
        audit=base.audit,
        conversations=lookup,
        clock=base.clock,
        texts=base.texts,
        link_template=base.settings.kickscale_link_template,
        metrics=base.metrics,
    )
    return ConversationParts(lookup, held, deliveries)


# ---- uploads ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UploadParts:
    transfers: Transfers
    offers: Offers


def build_uploads(base: Foundation, conversations: ConversationParts) -> UploadParts:
    settings = base.settings
    sources = Sources(base.clients.slack, base.clients.slack_files)
    messages = UploadMessages(
        jobs=base.queue,
        database=base.database,
        slack=base.clients.slack,
        background=base.background,
        audience=base.audience,
        held=conversations.held,
        clock=base.clock,
        texts=base.texts,
        lanes=settings.upload_concurrency,
        link_template=settings.kickscale_link_template,
    )
    transfers = Transfers(
        jobs=base.queue,
        lanes=base.upload_queue,
        database=base.database,
        sources=sources,
        sender=base.clients.sender,
        client=base.clients.kickscale,
        bindings=base.bindings,
        conversations=conversations.lookup,
        messages=messages,
        clock=base.clock,
        metrics=base.metrics,
        public_url=settings.reached_at,
        concurrency=settings.upload_concurrency,
    )
    offers = Offers(
        jobs=base.queue,
        database=base.database,
        audit=base.audit,
        slack=base.clients.slack,
        sources=sources,
        access=base.access,
        transfers=transfers,
        messages=messages,
        clock=base.clock,
        texts=base.texts,
        default_timezone=settings.default_timezone,
    )
    return UploadParts(transfers, offers)


# ---- digests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DigestParts:
    digests: Digests
    live: Live
    subscriptions: Subscriptions
    why: Why


def build_digests(base: Foundation, conversations: ConversationParts) -> DigestParts:
    settings = base.settings
    digests = Digests(
        jobs=base.queue,
        database=base.database,
        audit=base.audit,
        slack=base.clients.slack,
        access=base.access,
        audience=base.audience,
        windows=Windows(base.clients.kickscale, base.bindings, base.clock),
        clock=base.clock,
        texts=base.texts,
        metrics=base.metrics,
        link_template=settings.kickscale_link_template,
        plan=lambda waits: base.scheduler.replan("digests", waits, digests.run_due),
    )
    live = Live(
        jobs=base.queue,
        database=base.database,
        audit=base.audit,
        slack=base.clients.slack,
        client=base.clients.kickscale,
        bindings=base.bindings,
        conversations=conversations.lookup,
        audience=base.audience,
        held=conversations.held,
        clock=base.clock,
        texts=base.texts,
        metrics=base.metrics,
        link_template=settings.kickscale_link_template,
        holder=base.name,
        interval=timedelta(seconds=settings.live_poll_seconds),
    )
    subscriptions = Subscriptions(
        database=base.database,
        audit=base.audit,
        slack=base.clients.slack,
        clock=base.clock,
        default_timezone=settings.default_timezone,
        changed=digests.plan,
    )
    why = Why(
        database=base.database,
        conversations=conversations.lookup,
        subscriptions=subscriptions,
        audience=base.audience,
        access=base.access,
        slack=base.clients.slack,
        clock=base.clock,
    )
    return DigestParts(digests, live, subscriptions, why)


# ---- erasure and operations ------------------------------------------------------------------------------------------


def build_erasure(base: Foundation) -> Erasure:
    return Erasure(base.database, base.clients.slack, base.audit, base.clock, base.texts)


def build_status(base: Foundation) -> StatusReader:
    return StatusReader(base.settings, base.clients.kickscale, base.bindings, base.database, base.clock)


# ---- what the commands get -------------------------------------------------------------------------------------------


async def open_database(path: Path, *, create: bool) -> Database:
    """The bot's database, which the caller closes. A missing one is created if `create` says so; else ConfigError."""
    return await Database.open(path, create=create)


def build_disk_upload(settings: Settings, database: Database, clock: Clock) -> History:
    """Uploads from the disk, which need nothing of Slack's. It closes its own clients at the end of its run."""
    return History(settings, database, clock)


@asynccontextmanager
async def open_doctor(settings: Settings) -> AsyncIterator[Doctor]:
    clock = SystemClock()
    clients = Clients.build(settings, clock, Metrics(), slack_timeout=DOCTOR_SLACK_TIMEOUT)
    try:
        yield Doctor(settings, clients.slack, clients.kickscale, override_binding(settings), inspect, clock)
    finally:
        await clients.close()


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
    """Raises ConfigError if there is no database yet."""
    base = Foundation.build(settings, SystemClock(), await open_database(settings.database_path, create=False))
    try:
        parts = Parts(base)
        await base.bindings.start()
        yield parts
    finally:
        await base.queue.stop(STOP_PATIENCE)
        await base.background.stop(STOP_PATIENCE)
        await base.close()
