"""What the listeners are given: every service of the running bot."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.app.upload_services import UploadServices
from bot.clock import Clock
from bot.conversations.deliveries import Deliveries
from bot.conversations.lookup import Conversations
from bot.digests.digests import Digests
from bot.digests.live_cards import Live
from bot.digests.subscriptions import Subscriptions
from bot.digests.why import Why
from bot.erasure.erase import Erasure
from bot.model.people import Person
from bot.observe.metrics import Metrics
from bot.operations.status import StatusReader
from bot.slack.client import Slack
from bot.storage.sqlite import Database
from bot.texts import Texts
from bot.tools.background import Background
from bot.tools.timezones import zone_or_default


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
    slack: Slack
    status: StatusReader
    subscriptions: Subscriptions
    texts: Texts
    uploads: UploadServices
    why: Why
    default_timezone: str
    link_template: str

    def zone(self, person: Person) -> ZoneInfo:
        """The person's own time zone, else the default one."""
        return zone_or_default(person.timezone, self.default_timezone)
