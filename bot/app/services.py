"""The services that listeners, timers and commands call."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.access.audience import Audience
from bot.access.audit import Audit
from bot.access.gate import Access
from bot.app.upload_services import UploadServices
from bot.clock import Clock
from bot.conversations.lookup import Conversations
from bot.conversations.questions import Questions
from bot.conversations.sharing import Sharing
from bot.conversations.transcripts import Transcripts
from bot.digests.compose import Composer
from bot.digests.due import DueDigests
from bot.digests.news import News
from bot.digests.preview import Previews
from bot.digests.subscriptions import Subscriptions
from bot.digests.why import Why
from bot.erasure.erase import Erasure
from bot.model.people import Person
from bot.observe.metrics import Metrics
from bot.operations.status import StatusReader
from bot.slack.client import Slack
from bot.tools.background import BackgroundTasks
from bot.tools.timezones import zone_or_default


@dataclass(frozen=True)
class Services:
    access: Access
    audience: Audience
    audit: Audit
    background: BackgroundTasks
    clock: Clock
    conversations: Conversations
    digest_composer: Composer
    digests: DueDigests
    erasure: Erasure
    live: News
    metrics: Metrics
    previews: Previews
    questions: Questions
    sharing: Sharing
    slack: Slack
    status: StatusReader
    subscriptions: Subscriptions
    transcripts: Transcripts
    uploads: UploadServices
    why: Why
    default_timezone: str
    link_template: str

    def zone(self, person: Person) -> ZoneInfo:
        """Return the person's own time zone, or else the default one."""
        return zone_or_default(person.timezone, self.default_timezone)
