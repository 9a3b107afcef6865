"""What the listeners are given: every service of the running bot."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.access import Access
from bot.audience import Audience
from bot.audit import Audit
from bot.background import Background
from bot.clock import Clock
from bot.conversations import Conversations
from bot.deliveries import Deliveries
from bot.digests import Digests
from bot.erasure import Erasure
from bot.live import Live
from bot.metrics import Metrics
from bot.models import Person
from bot.offers import Offers
from bot.slack import Slack
from bot.status import StatusReader
from bot.storage import Database
from bot.subscriptions import Subscriptions
from bot.texts import Texts
from bot.transfer import Transfers
from bot.why import Why
from bot.zones import zone_of


@dataclass(frozen=True)
class Services:
    access: Access
    audience: Audience
    audit: Audit
    background: Background
    clock: Clock
    conversations: Conversations
    database: Database
    deliveries: Deliveries
    digests: Digests
    erasure: Erasure
    live: Live
    metrics: Metrics
    offers: Offers
    slack: Slack
    status: StatusReader
    subscriptions: Subscriptions
    texts: Texts
    transfers: Transfers
    why: Why
    default_timezone: str
    link_template: str

    def zone(self, person: Person) -> ZoneInfo:
        """The person's own time zone, else the default one."""
        return zone_of(person, self.default_timezone)
