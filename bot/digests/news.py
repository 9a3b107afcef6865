"""Finding news: conversations whose card is missing in a channel that subscribed to them, or out of date.

Kickscale's webhook only reports meetings, and may not be set up. So calls and meetings are also looked for at regular
intervals. For each card that may have to change, a job is promised, which reads the conversation again and decides by
what it finds then.
"""

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.digests.card_promises import CardPromises
from bot.digests.window import LOOK_BACK
from bot.errors import KickscaleError, RangeTooWide
from bot.jobs.lease import Lease
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding
from bot.kickscale.window import read_window
from bot.model.conversation import Conversation
from bot.model.digests import Subscription
from bot.storage.stores import SubscriptionStore

log = logging.getLogger(__name__)

RECENT = timedelta(days=1)
"""Most conversations are analysed within hours of their start: these are read each time."""
READ_ALL = timedelta(hours=1)
"""How often everything is read that may have changed."""


class News:
    def __init__(
        self,
        *,
        subscriptions: SubscriptionStore,
        cards: CardPromises,
        client: KickscaleClient,
        bindings: CurrentBinding,
        clock: Clock,
        lease: Lease,
        interval: timedelta,
    ) -> None:
        """`poll` is called once an `interval`. With the `lease`, only one of the bots on a database looks."""
        self._subscriptions = subscriptions
        self._cards = cards
        self._client = client
        self._bindings = bindings
        self._clock = clock
        self._lease = lease
        self._interval = interval
        self._read_all_at = clock.elapsed() - READ_ALL

    async def take_report(self, meeting: Conversation) -> None:
        """Promise the cards of a meeting that the webhook reports as analysed. A repeat does nothing."""
        # The webhook reports internal meetings too, and only the list of external ones tells them apart. If this one
        # has no customer's domain, `poll` finds it in that list; otherwise the job asks. Its cards are checked anyway.
        live = await self._live() if meeting.customer_domains else []
        await self._cards.promise([meeting], live, is_reported=True)

    async def poll(self) -> None:
        """Look for what was analysed or has changed, unless nobody subscribed or another bot looks."""
        live = await self._live()
        now = self._clock.now()
        # The lease ends before this bot's own next look, so that another bot takes over if this one dies.
        if not live or not await self._lease.take(self._interval * 0.9):
            return
        looked_at = self._clock.elapsed()
        is_whole = looked_at - self._read_all_at >= READ_ALL
        await self._bindings.ready()
        try:
            conversations = await read_window(self._client, now - (LOOK_BACK if is_whole else RECENT), now)
        except (KickscaleError, RangeTooWide) as exc:
            log.warning("checking for new conversations failed (%s); will check again", type(exc).__name__)
            return
        await self._cards.promise([conversation for conversation in conversations if conversation.is_analysed], live)
        if is_whole:
            self._read_all_at = looked_at

    async def _live(self) -> list[Subscription]:
        return [subscription for subscription in await self._subscriptions.active() if subscription.live]
