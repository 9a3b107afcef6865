"""The composition root: settings → clients → services → Bolt's app, and their life from start to stop."""

import asyncio
import functools
import logging
import os
import secrets
import socket
from datetime import timedelta

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.access.policy import Policy
from bot.app.http import HttpServer
from bot.app.services import Services
from bot.clock import Clock, SystemClock
from bot.config.settings import Settings
from bot.conversations.lookup import Conversations
from bot.conversations.private_delivery import PrivateDeliveries
from bot.conversations.promises import Promises
from bot.conversations.questions import Questions
from bot.conversations.sharing import ShareComposer, Sharing
from bot.conversations.transcripts import Transcripts
from bot.digests.compose import Composer
from bot.digests.due import DueDigests
from bot.digests.news import News
from bot.digests.pausing import Pausing
from bot.digests.post_card import CardPoster
from bot.digests.post_digest import DigestPoster
from bot.digests.preview import Previews
from bot.digests.readers import Readers
from bot.digests.subscriptions import Subscriptions
from bot.digests.verdicts import Verdicts
from bot.digests.why import Why
from bot.digests.window import Windows
from bot.erasure.erase import Erasure
from bot.errors import ConfigError, SlackDenied, SlackError
from bot.jobs.outbox import Outbox
from bot.jobs.timers import Scheduler
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import Bindings
from bot.kickscale.uploading.sender import Sender
from bot.observe.metrics import Metrics
from bot.operations.status import StatusReader
from bot.slack.client import Slack, new_session
from bot.slack.files import SlackFiles
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import texts_in
from bot.tools.background import Background
from bot.uploads.offering import Offers
from bot.uploads.queue import Transfers
from bot.uploads.sources import Sources
from bot.uploads.thread_message import UploadMessages
from handlers import register_handlers

log = logging.getLogger(__name__)

REFRESH_BINDING = timedelta(days=1)
LOOK_FOR_DIGESTS = timedelta(minutes=1)
"""Besides the moments that are planned: another process may have changed the subscriptions."""
PRUNE = timedelta(hours=6)
FIRST_PRUNE = timedelta(minutes=10)
RECOVER = timedelta(minutes=10)
LOG_HEADS = timedelta(hours=1)
COUNT_JOBS = timedelta(seconds=30)
WATCH_SOCKET = timedelta(seconds=10)
"""Slack's addresses live for about as long, and the client tries as often."""
STOP_PATIENCE = 8.0
"""Seconds that answers under way are given at a stop: platforms kill ten seconds after they asked."""
SLACK_TIMEOUT = 30


class Bot:
    """The running bot. `await Bot.start(settings)`, and `await bot.stop()`."""

    def __init__(self, settings: Settings, clock: Clock, database: Database, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._database = database
        self._session = session
        self._socket: AsyncSocketModeHandler | None = None
        self._http: HttpServer | None = None
        self.metrics = Metrics()
        self.client = AsyncWebClient(
            token=settings.slack_bot_token.get_secret_value(),
            base_url=settings.slack_api_url,
            session=session,
            timeout=SLACK_TIMEOUT,
            retry_handlers=[],
        )
        slack = Slack(self.client, clock, observe=self.metrics.slack_call)
        self._kickscale = KickscaleClient(
            settings.kickscale_base_url,
            settings.kickscale_api_key.get_secret_value(),
            settings.kickscale_client_id.get_secret_value(),
            hosts=settings.storage_hosts,
            observe=self.metrics.kickscale_request,
        )
        self._bindings = Bindings(self._kickscale, database, clock, settings.binding_override)
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._jobs = Jobs(database, clock, self._name)
        self._lanes = Jobs(database, clock, self._name, concurrency=settings.upload_concurrency)
        self._sender = Sender(
            settings.kickscale_base_url,
            settings.kickscale_api_key.get_secret_value(),
            settings.kickscale_client_id.get_secret_value(),
            hosts=settings.storage_hosts,
            observe=self.metrics.kickscale_request,
        )
        self._files = SlackFiles(
            settings.slack_bot_token.get_secret_value(), settings.slack_api_url, observe=self.metrics.slack_call
        )
        self._scheduler = Scheduler()
        texts = texts_in()
        audit = Audit(database.audit, clock)
        policy = Policy(settings.access_rules())
        access = Access(slack, policy, audit)
        audience = Audience(slack, policy, audit, clock)
        link_template = settings.kickscale_link_template
        outbox = Outbox(slack, database.ledger, clock)
        promises = Promises(self._jobs, outbox, clock)
        conversations = Conversations(self._kickscale, self._bindings, access, clock)
        questions = Questions(database.questions, conversations, slack, access, clock)
        composer = ShareComposer(questions, conversations, access, audience, link_template=link_template)
        sharing = Sharing(promises, outbox, composer, audit, self.metrics)
        transcripts = Transcripts(promises, outbox, slack, conversations, audit, metrics=self.metrics)
        held = PrivateDeliveries(self._jobs, outbox, slack, conversations, clock, link_template=link_template)
        for service in (sharing, transcripts, held):
            service.register_jobs(self._jobs)
        background = Background()
        sources = Sources(slack, self._files)
        messages = UploadMessages(
            jobs=self._jobs,
            database=database,
            slack=slack,
            background=background,
            audience=audience,
            held=held,
            clock=clock,
            texts=texts,
            lanes=settings.upload_concurrency,
            link_template=settings.kickscale_link_template,
        )
        transfers = Transfers(
            jobs=self._jobs,
            lanes=self._lanes,
            database=database,
            sources=sources,
            sender=self._sender,
            client=self._kickscale,
            bindings=self._bindings,
            conversations=conversations,
            messages=messages,
            clock=clock,
            metrics=self.metrics,
            public_url=settings.reached_at,
            concurrency=settings.upload_concurrency,
        )
        digests = DueDigests(
            self._jobs,
            database.subscriptions,
            database.digests,
            clock,
            plan=lambda waits: self._scheduler.replan("digests", waits, digests.run_due),
        )
        digest_composer = Composer(Windows(self._kickscale, self._bindings, clock), database.digests, audience, clock)
        pausing = Pausing(
            queue=self._jobs,
            subscriptions=database.subscriptions,
            audit=audit,
            slack=slack,
            outbox=outbox,
            clock=clock,
        )
        digest_poster = DigestPoster(
            queue=self._jobs,
            subscriptions=database.subscriptions,
            digests=database.digests,
            outbox=outbox,
            composer=digest_composer,
            readers=Readers(slack, access, audience),
            pausing=pausing,
            clock=clock,
            metrics=self.metrics,
            link_template=link_template,
        )
        news = News(
            queue=self._jobs,
            subscriptions=database.subscriptions,
            cards=database.cards,
            leases=database.leases,
            client=self._kickscale,
            bindings=self._bindings,
            audience=audience,
            clock=clock,
            holder=self._name,
            interval=timedelta(seconds=settings.live_poll_seconds),
        )
        card_poster = CardPoster(
            subscriptions=database.subscriptions,
            cards=database.cards,
            ledger=database.ledger,
            outbox=outbox,
            slack=slack,
            conversations=conversations,
            audience=audience,
            deliveries=held,
            pausing=pausing,
            clock=clock,
            metrics=self.metrics,
            link_template=link_template,
        )
        for poster in (digest_poster, pausing, card_poster):
            poster.register_jobs(self._jobs)
        subscriptions = Subscriptions(
            store=database.subscriptions,
            audit=audit,
            slack=slack,
            clock=clock,
            default_timezone=settings.default_timezone,
            on_change=digests.plan,
        )
        verdicts = Verdicts(
            queue=self._jobs,
            subscriptions=database.subscriptions,
            digests=database.digests,
            cards=database.cards,
            due=digests,
            conversations=conversations,
            audience=audience,
            clock=clock,
        )
        self.services = Services(
            access=access,
            audience=audience,
            audit=audit,
            background=background,
            clock=clock,
            conversations=conversations,
            database=database,
            digest_composer=digest_composer,
            digests=digests,
            erasure=Erasure(database, slack, audit, clock, texts),
            live=news,
            metrics=self.metrics,
            offers=Offers(
                jobs=self._jobs,
                database=database,
                audit=audit,
                slack=slack,
                sources=sources,
                access=access,
                transfers=transfers,
                messages=messages,
                clock=clock,
                texts=texts,
                default_timezone=settings.default_timezone,
            ),
            previews=Previews(subscriptions, digests, digest_composer, access),
            questions=questions,
            sharing=sharing,
            slack=slack,
            status=StatusReader(settings, self._kickscale, self._bindings, database, clock),
            subscriptions=subscriptions,
            texts=texts,
            transcripts=transcripts,
            transfers=transfers,
            why=Why(
                ledger=database.ledger,
                audit=database.audit,
                conversations=conversations,
                access=access,
                slack=slack,
                verdicts=verdicts,
            ),
            default_timezone=settings.default_timezone,
            link_template=settings.kickscale_link_template,
        )

    @classmethod
    async def start(cls, settings: Settings, clock: Clock | None = None) -> "Bot":
        """Everything up and Slack connected, or a ConfigError that names the setting at fault."""
        clock = clock or SystemClock()
        database = await Database.open(settings.database_path)
        session = new_session(SLACK_TIMEOUT)
        bot = cls(settings, clock, database, session)
        try:
            await bot._start()
        except BaseException:
            await bot.stop()
            raise
        return bot

    @classmethod
    async def beside(cls, settings: Settings) -> "Bot":
        """A bot that hears nothing, for one thing that the command line does beside one that runs, or without."""
        database = await Database.open(settings.database_path)
        session = new_session(SLACK_TIMEOUT)
        bot = cls(settings, SystemClock(), database, session)
        await bot._bindings.start()
        return bot

    async def do_jobs(self) -> None:
        """Do what is due of the jobs, and return."""
        await self._jobs.start()
        await self._jobs.idle()

    @property
    def address(self) -> str:
        """Where the bot is reached: its HTTP address, Slack's socket, or both."""
        parts = ["Socket Mode"] if self._socket is not None else []
        return " and ".join([*parts, *([self._http.url] if self._http is not None else [])])

    async def _start(self) -> None:
        settings = self._settings
        signing_secret = settings.slack_signing_secret.get_secret_value()
        app_token = settings.slack_app_token.get_secret_value()
        app = AsyncApp(
            name="kickscale-bot",  # without one, Bolt reads the source of every caller on the stack for it
            client=self.client,
            signing_secret=signing_secret or None,
            request_verification_enabled=False,  # bot.app.http has verified it
        )
        register_handlers(app, self.services)
        await self._bindings.start()
        await self._check_bot_token()
        await self.services.audit.log_heads()
        await self.services.transfers.recover()
        await self._jobs.start()
        await self._lanes.start()
        self._scheduler.every(LOOK_FOR_DIGESTS, "look for digests", self.services.digests.run_due)
        self._scheduler.every(timedelta(seconds=settings.live_poll_seconds), "look for news", self.services.live.poll)
        self._scheduler.every(RECOVER, "recover uploads", self.services.transfers.recover)
        self._scheduler.every(REFRESH_BINDING, "refresh the binding", self._bindings.refresh)
        # Soon, or a bot that is deployed anew each day might never come to it.
        self._scheduler.every(PRUNE, "prune", self.prune, first=FIRST_PRUNE)
        self._scheduler.every(LOG_HEADS, "tell the audit's heads", self.services.audit.log_heads)
        self._scheduler.every(COUNT_JOBS, "count the jobs", self._count_jobs)
        self._scheduler.start()
        await self.services.digests.run_due()
        if settings.http_port is not None:
            self._http = HttpServer(
                settings.host,
                settings.http_port,
                app=app,
                signing_secret=signing_secret,
                metrics=self.metrics,
                ready=self._ready,
                recording=self.services.transfers.served,
                webhook_secret=settings.kickscale_webhook_secret.get_secret_value(),
                heard=self.services.live.heard,
                clock=self.services.clock,
            )
            await self._http.start()
        if app_token:
            self._socket = AsyncSocketModeHandler(app, app_token, web_client=self.client)
            self._socket.client.wss_uri = await self._open_socket(app_token)
            self._scheduler.every(WATCH_SOCKET, "watch the socket", functools.partial(renew, self._socket.client))
            await self._socket.connect_async()  # type: ignore[no-untyped-call]

    async def _check_bot_token(self) -> None:
        try:
            await self.services.slack.identity()
        except SlackDenied as exc:
            raise ConfigError(
                "SLACK_BOT_TOKEN", f"Slack refuses it ({exc.code}); copy it anew from the app's page"
            ) from exc
        except SlackError as exc:
            log.warning("Slack did not answer at the start (%s)", exc.code)

    async def _open_socket(self, app_token: str) -> str | None:
        """The first socket's address. The SDK would ask for one again and again with a token that is refused."""
        try:
            return await self.services.slack.open_socket(app_token) or None
        except SlackDenied as exc:
            raise ConfigError(
                "SLACK_APP_TOKEN", f"Slack refuses it ({exc.code}); make one with the scope connections:write"
            ) from exc
        except SlackError as exc:
            log.warning("Slack gave no address for a socket at the start (%s)", exc.code)
            return None

    async def _ready(self) -> dict[str, bool]:
        """Whether the database and Slack answer, for /readyz."""

        async def slack() -> bool:
            if self._socket is not None and not await self._socket.client.is_connected():
                return False
            try:
                await self.services.slack.check()
            except SlackError:
                return False
            return True

        async def database() -> bool:
            try:
                await self._database.ping()
            except Exception:  # noqa: BLE001 whatever it is, the database does not answer
                return False
            return True

        answers = await asyncio.gather(slack(), database())
        return dict(zip(("slack", "database"), answers, strict=True))

    async def prune(self) -> None:
        """Erase what is older than the settings say, unless another bot on the database does."""
        if await self._prunes():
            await self.services.audit.cut(self._settings.audit_kept())
            await self.services.erasure.by_age(self._settings.messages_kept, self._settings.copies_kept, self._prunes)

    async def _prunes(self) -> bool:
        """Whether it is this bot's to erase what is old, of those on the database."""
        now = self.services.clock.now()
        return await self._database.leases.take("prune", self._name, now, PRUNE.total_seconds() / 2)

    async def _count_jobs(self) -> None:
        self.metrics.jobs(await self._database.jobs.unfinished())

    async def idle(self) -> None:
        """Return once every answer is given and every job that is due is done."""
        await self.services.background.idle()
        await self._jobs.idle()  # an offer may promise uploads,
        await self._lanes.idle()  # which promise what comes after them
        await self._jobs.idle()
        await self.services.background.idle()

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, and close everything."""
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        if self._http is not None:
            await self._http.stop()
        self._scheduler.stop()
        # An upload may have an hour to go: it is gone on with after the next start.
        await asyncio.gather(
            self.services.background.stop(STOP_PATIENCE), self._jobs.stop(STOP_PATIENCE), self._lanes.stop()
        )
        await self.services.background.stop(0)  # what a job began while it came to its end
        await self._bindings.stop()
        await self._files.aclose()
        await self._sender.aclose()
        await self._kickscale.aclose()
        await self._session.close()
        try:
            await self.services.audit.log_heads()
        finally:
            await self._database.close()


async def renew(client: SocketModeClient) -> None:
    """Let a client without a connection ask Slack for a new address.

    One that can't connect tries its address for ever (slack_sdk 3.47, `socket_mode/aiohttp/__init__.py`, `connect`),
    and Slack's are good once and for seconds: a network that fails in between would leave the bot deaf.
    """
    if not await client.is_connected():
        client.wss_uri = None
