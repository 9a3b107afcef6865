"""Edits the card of a conversation, so that it shows what the channel may see of the conversation now."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.access.audience import Audience
from bot.access.policy import bare
from bot.digests.pausing import Pausing
from bot.errors import SlackError, SlackUnavailable
from bot.model.conversation import Conversation
from bot.model.digests import Card, Subscription
from bot.render.conversations.card_message import card_message
from bot.render.digests.live_card import fingerprint
from bot.slack.client import Slack
from bot.slack.failures import is_closed
from bot.storage.stores import CardStore, Ledger
from bot.texts import texts_in

log = logging.getLogger(__name__)


class CardEditor:
    def __init__(
        self,
        *,
        cards: CardStore,
        ledger: Ledger,
        slack: Slack,
        audience: Audience,
        pausing: Pausing,
        link_template: str,
    ) -> None:
        self._cards = cards
        self._ledger = ledger
        self._slack = slack
        self._audience = audience
        self._pausing = pausing
        self._link_template = link_template

    async def edit(
        self,
        card: Card,
        conversation: Conversation,
        concerned: Sequence[Subscription],
        withdrawn: str,
        seen: str,
        *,
        language: str,
    ) -> None:
        """Have the card show the conversation as it is now, without content if it is `withdrawn`, which says why.

        If nobody subscribes to it any more, the card stays as it is. Raises SlackUnavailable.
        """
        shown = fingerprint(conversation)
        if shown != seen and card.seen:
            # A record that holds less than the list, or an answer from before the change: the next look reads it again.
            seen = ""
        if withdrawn:
            conversation = bare(conversation)
            shown = fingerprint(conversation)
            if withdrawn == "internal":
                seen = ""  # so that the card comes back once a look finds it among the external ones
        elif not concerned:
            shown, seen = card.shown, card.seen  # edited once somebody subscribes to it again
        has_changed = bool(card.ts) and shown != card.shown
        if has_changed and not await self._edit_message(card, conversation, concerned, withdrawn, language):
            shown, seen = card.shown, card.seen
        await self._cards.put(replace(card, shown=shown, seen=seen, version=card.version + 1))

    async def _edit_message(
        self,
        card: Card,
        conversation: Conversation,
        concerned: Sequence[Subscription],
        withdrawn: str,
        language: str,
    ) -> bool:
        """Edit the message; False if it has to wait, until its channel may see it or a subscription is resumed.

        Raises SlackUnavailable.
        """
        shown = conversation
        try:
            if withdrawn:
                await self._audience.note_withheld(card.channel, withdrawn, [conversation.id])
            else:
                judgement = await self._audience.judge(card.channel, [conversation])
                if judgement.is_held:
                    return False
                (shown,) = judgement.conversations
            await self._ledger.learn(card.channel, card.ts, domains=conversation.customer_domains)
            followed_by = None if withdrawn else _find_reason(card, concerned)
            payload = card_message(
                texts_in(language), shown, link_template=self._link_template, followed_by=followed_by
            )
            await self._slack.messages.edit(card.channel, card.ts, payload)
        except SlackUnavailable:
            raise
        except SlackError as exc:
            if is_closed(exc):
                for subscription in concerned:
                    await self._pausing.pause(subscription, exc.code or "slack")
                return False
            # Somebody deleted it: it isn't posted again.
            log.info("the card for %s in %s can't be edited (%s)", card.conversation, card.channel, exc.code)
        return True


def _find_reason(card: Card, concerned: Sequence[Subscription]) -> Subscription | None:
    """Return the subscription for which the card was posted, or another one that is the reason now."""
    posted_for = (subscription for subscription in concerned if subscription.id == card.subscription)
    return next(posted_for, next(iter(concerned), None))
