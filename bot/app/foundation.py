"""What every capability needs: clients, database, queues, access."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from bot.access.audience import LISTENERS, Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.access.policy import Policy
from bot.app.basics import Basics
from bot.app.clients import Clients
from bot.app.command_intake import CommandIntake
from bot.clock import Clock
from bot.config.settings import Settings
from bot.conversations.typed_commands import TypedCommands
from bot.jobs.notices import NoticeBoard
from bot.jobs.outbox import Outbox
from bot.jobs.shared_limits import SharedLimits
from bot.jobs.timers import Timers
from bot.kickscale.binding.bind import Binding, with_overrides
from bot.kickscale.current_binding import CurrentBinding
from bot.observe.metrics import Metrics
from bot.storage.database import Database
from bot.storage.queue import Jobs
from bot.storage.stores import Stores
from bot.tools.background import BackgroundTasks


@dataclass(frozen=True)
class Foundation:
    settings: Settings
    clock: Clock
    database: Database
    stores: Stores
    clients: Clients
    bindings: CurrentBinding
    metrics: Metrics
    name: str
    """As in the intake, like the queue of answers."""
    queue: Jobs
    upload_queue: Jobs
    """Only for uploads, which may take an hour each."""
    answer_queue: Jobs
    typed_commands: TypedCommands
    notices: NoticeBoard
    timers: Timers
    background: BackgroundTasks
    audit: Audit
    access: Access
    audience: Audience
    outbox: Outbox

    @classmethod
    def build(cls, basics: Basics, intake: CommandIntake) -> Self:
        """Must run in an event loop. The caller closes it, and then the basics. Raises ConfigError."""
        settings, clock, metrics = basics.settings, basics.clock, basics.metrics
        database, name = intake.database, intake.name
        notices = NoticeBoard(database.notices, database.changes, name, clock)
        limits = SharedLimits(database.slack_turns, notices, clock)
        basics.slack.calls.share(limits)
        limits.hear_blocked(basics.slack.calls.block)
        clients = Clients.build(settings, clock, metrics, basics.slack)
        audit = Audit(database.audit, clock)
        policy = Policy(settings.access_rules())
        audience = Audience(clients.slack, policy, audit, clock)
        notices.on(LISTENERS, audience.forget)
        return cls(
            settings=settings,
            clock=clock,
            database=database,
            stores=database.stores,
            clients=clients,
            bindings=CurrentBinding(clients.kickscale, database.facts, clock, override_binding(settings)),
            metrics=metrics,
            name=name,
            queue=database.make_queue(clock, name),
            upload_queue=database.make_queue(clock, name, concurrency=settings.upload_concurrency),
            answer_queue=intake.answer_queue,
            typed_commands=intake.typed_commands,
            notices=notices,
            timers=Timers(clock),
            background=basics.background,
            audit=audit,
            access=Access(clients.slack, policy, audit),
            audience=audience,
            outbox=Outbox(clients.slack, database.ledger, clock),
        )

    async def close(self) -> None:
        """Close the clients, and log where the audit ends. All work must have stopped before."""
        await self.notices.stop()
        await self.bindings.stop()
        await self.clients.close()
        await self.audit.log_heads()


def override_binding(settings: Settings) -> Callable[[Binding], Binding]:
    """Return a function that replaces parts of a binding by what the settings say."""
    return functools.partial(with_overrides, overrides=settings.api_overrides())
