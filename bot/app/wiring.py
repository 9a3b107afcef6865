"""The composition root: settings → clients → services → Bolt's app, and their life from start to stop."""

import asyncio
import functools
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.access.policy import Policy
from bot.app.clients import kickscale_client, kickscale_sender, slack_client
from bot.app.http import HttpServer
from bot.app.services import Services
from bot.clock import LARGEST_DRIFT, Clock, SystemClock
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
from bot.errors import ConfigError, CredentialsRefused, KickscaleError, SlackDenied, SlackError, StorageFailed
from bot.jobs.outbox import Outbox
from bot.jobs.timers import SET_CLOCK, Scheduler
from bot.kickscale.current_binding import Bindings
from bot.observe.metrics import Metrics
from bot.operations.status import StatusReader
from bot.slack.client import Slack, new_session
from bot.slack.files import SlackFiles
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import texts_in
from bot.tools.background import Background
from bot.tools.proxies import proxy_of
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
WATCH_DATABASE = timedelta(minutes=1)
STOP_PATIENCE = 5.0
"""Seconds that everything under way is given together at a stop: platforms kill ten seconds after they asked, and
cancelling and closing takes a while under load."""
CLOSE_PATIENCE = 2.0
"""Seconds for Slack to agree to the end of its socket; it may not answer at all."""
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
        self.client = slack_client(settings, session, timeout=SLACK_TIMEOUT)
        slack = Slack(self.client, clock, observe=self.metrics.slack_call)
        self._kickscale = kickscale_client(settings, observe=self.metrics.kickscale_request)
        self._bindings = Bindings(self._kickscale, database, clock, settings.binding_override)
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._jobs = Jobs(database, clock, self._name)
        self._lanes = Jobs(database, clock, self._name, concurrency=settings.upload_concurrency)
        self._sender = kickscale_sender(settings, observe=self.metrics.kickscale_request)
        self._files = SlackFiles(
            settings.slack_bot_token.get_secret_value(), settings.slack_api_url, observe=self.metrics.slack_call
        )
        self._scheduler = Scheduler(clock)
        self._database_failure = ""
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
        if database.is_new:
            log.info("created the database %s", settings.database_path.resolve())
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
        """A bot that hears nothing, for one thing that the command line does beside one that runs, or without.

        Raises ConfigError where there is no database yet.
        """
        database = await Database.open(settings.database_path, create=False)
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
        with _no_slack_variables():
            app = AsyncApp(
                name="kickscale-bot",  # without one, Bolt reads the source of every caller on the stack for it
                client=self.client,
                signing_secret=signing_secret,
                request_verification_enabled=False,  # bot.app.http has verified it
                before_authorize=self._choose_proxy,
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
        self._scheduler.every(WATCH_DATABASE, "check the database", self._watch_database)
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
                heard=self.services.live.take_report,
                metrics_token=settings.metrics_token.get_secret_value(),
                clock=self.services.clock,
            )
            await self._http.start()
        if app_token:
            self._socket = AsyncSocketModeHandler(app, app_token, web_client=self.client)
            socket_url = await self._open_socket(app_token)
            self._socket.client.wss_uri = socket_url
            # Those of later addresses are on the same domain.
            self._socket.client.proxy = proxy_of(socket_url or settings.slack_api_url)
            self._scheduler.every(WATCH_SOCKET, "watch the socket", functools.partial(renew, self._socket.client))
            await self._socket.connect_async()  # type: ignore[no-untyped-call]

    async def _choose_proxy(self, client: AsyncWebClient, next_: Callable[[], Awaitable[None]]) -> None:
        """For the client that Bolt makes for each request: without a proxy, it would look for one itself."""
        client.proxy = self.client.proxy
        await next_()

    async def _check_bot_token(self) -> None:
        try:
            identity = await self.services.slack.identity()
            drift = identity.drift(self.services.clock.now())
            if drift is not None and abs(drift) > LARGEST_DRIFT:
                log.warning("this machine's clock is %s Slack's. %s", _by(drift), SET_CLOCK)
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

    async def check_credentials(self) -> None:
        """Log a warning if Kickscale refuses the API key or can't be reached; otherwise only an answer would tell."""
        try:
            await self._kickscale.check()
        except CredentialsRefused:
            log.warning(
                "Kickscale refuses KICKSCALE_API_KEY or KICKSCALE_CLIENT_ID, so questions can't be answered: make a "
                "new key under Settings → Integrations → API & Webhooks in Kickscale, set both, and restart the bot"
            )
        except KickscaleError as exc:
            log.warning("Kickscale could not be reached at the start (%s)", type(exc).__name__)

    async def _ready(self) -> dict[str, bool | str]:
        """Whether the database and Slack answer, for /readyz."""

        async def slack() -> bool:
            if self._socket is not None and not await self._socket.client.is_connected():
                return False
            try:
                await self.services.slack.check()
            except SlackError:
                return False
            return True

        async def database() -> bool | str:
            return await self.check_database() or True

        answers = await asyncio.gather(slack(), database())
        return dict(zip(("slack", "database"), answers, strict=True))

    async def check_database(self) -> str:
        """What is wrong with the database, without its path; empty where nothing is. The log is told of a change."""
        try:
            await self._database.check()
        except StorageFailed as exc:
            if exc.what != self._database_failure:
                log.error("%s", exc)  # noqa: TRY400 the cause is in it
            self._database_failure = exc.what
        else:
            if self._database_failure:
                log.warning("the database can be used again")
            self._database_failure = ""
        return self._database_failure

    async def _watch_database(self) -> None:
        await self.check_database()

    async def prune(self) -> None:
        """Erase what is older than the settings say, unless another bot on the database does."""
        if await self._prunes() and (now := await self._agreed_time()) is not None:
            kept = self._settings.messages_kept, self._settings.copies_kept
            await self.services.audit.cut(self._settings.audit_kept())
            await self.services.erasure.by_age(now, *kept, self._prunes)

    async def _agreed_time(self) -> datetime | None:
        """What time it is, if Slack agrees: a clock that is days ahead would have everything erased at once."""
        try:
            identity = await self.services.slack.check()
        except SlackError as exc:
            log.warning("nothing is erased for its age: Slack doesn't say what time it is (%s)", exc.code)
            return None
        now = self.services.clock.now()
        drift = identity.drift(now)
        if drift is None:
            log.warning("nothing is erased for its age: Slack doesn't say what time it is")
        elif abs(drift) > LARGEST_DRIFT:
            log.warning("nothing is erased for its age: this machine's clock is %s Slack's. %s", _by(drift), SET_CLOCK)
        else:
            return now
        return None

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
        self._scheduler.stop()
        # An upload may have an hour to go: it continues after the next start.
        await asyncio.gather(self._stop_answering(), self._jobs.stop(STOP_PATIENCE), self._lanes.stop())
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

    async def _stop_answering(self) -> None:
        """Hear nothing new, and finish the answers to what was heard."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + STOP_PATIENCE
        if self._socket is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_PATIENCE):
                    await self._socket.close_async()  # type: ignore[no-untyped-call]
        if self._http is not None:
            await self._http.stop()
        await self.services.background.stop(max(0.0, give_up - loop.time()))


@contextmanager
def _no_slack_variables() -> Iterator[None]:
    """Hide SLACK_… from Bolt, which reads the environment besides its arguments.

    A SLACK_BOT_TOKEN beside a client makes it log a warning, and a SLACK_CLIENT_ID with its secret turns on OAuth,
    which refuses every request (slack_bolt 1.30, `app/async_app.py`). Settings are read in `bot.config.settings` only.
    """
    hidden = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _by(drift: timedelta) -> str:
    return f"{abs(drift.total_seconds()):.0f} s {'ahead of' if drift > timedelta(0) else 'behind'}"


async def renew(client: SocketModeClient) -> None:
    """Let a client without a connection ask Slack for a new address.

    One that can't connect tries its address for ever (slack_sdk 3.47, `socket_mode/aiohttp/__init__.py`, `connect`),
    and Slack's are good once and for seconds: a network that fails in between would leave the bot deaf.
    """
    if not await client.is_connected():
        client.wss_uri = None
