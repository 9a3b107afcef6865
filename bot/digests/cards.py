"""Which live subscriptions a conversation's card is for."""

from collections.abc import Iterable

from bot.access.audience import Audience
from bot.digests.job_kinds import CARD
from bot.digests.rules import is_news
from bot.domains import matches_any
from bot.model.conversation import Conversation
from bot.model.digests import Subscription


def card_key(channel: str, conversation: str) -> str:
    """Return the key of a conversation's card in a channel, and of the job that posts it."""
    return f"{CARD.name}:{channel}:{conversation}"


def find_subscribed(live: Iterable[Subscription], conversation: Conversation, audience: Audience) -> list[Subscription]:
    """Return the live subscriptions to one of its customers, in channels that are for this customer."""
    return [
        subscription
        for subscription in live
        if matches_any(subscription.domains, conversation.customer_domains)
        and audience.covers(subscription.channel, conversation)
    ]


def find_first_with_news(subscriptions: Iterable[Subscription], conversation: Conversation) -> Subscription | None:
    """Return the first subscription for which the conversation is news, and not from before the subscription."""
    return next((subscription for subscription in subscriptions if is_news(subscription, conversation)), None)
