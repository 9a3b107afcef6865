"""The messages that are posted in place of a digest: that it failed, or that its subscription is paused."""

from collections.abc import Callable
from datetime import date

from bot import domains, ids
from bot.errors import BotError
from bot.model.digests import Subscription
from bot.render.errors import cause, known_text
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, inline, section
from bot.render.kit.icons import WARNING
from bot.render.kit.limits import Block, Payload, message
from bot.texts import Texts, formatting

DOMAIN = 90
NAMED = 3
"""How many of a subscription's domains are named; the others are counted."""
Show = Callable[[str, int], str]
"""Turns a text from outside into plain_text (`label`) or mrkdwn (`inline`)."""


def failed_message(
    texts: Texts, subscription: Subscription, day: date, why: BotError | None, held: str = "", *, with_button: bool
) -> Payload:
    """Render the message in place of a digest that couldn't be made in time; `held` as in Digest.

    With `with_button`, it can be tried again.
    """
    text = texts(
        "digestpost.failed",
        what=customers(texts, subscription, inline),
        day=times.day(texts, day),
        why=cause(texts, why) if why is not None else texts("errors.unexpected"),
    )
    again = button(texts("errors.again"), ids.DIGEST_AGAIN, value=f"{subscription.id}:{day}")
    return message(
        text,
        [
            section(f"{WARNING} {text}", block_id=ids.ERROR),
            *held_reason(texts, subscription, held),
            *([actions([again], ids.AGAIN)] if with_button else ()),
        ],
    )


def paused_message(texts: Texts, subscription: Subscription, why: str) -> Payload:
    """Render the message that tells a creator that their subscription was paused; `why` is Slack's own word."""
    text = texts(
        "digestpost.paused",
        id=inline(subscription.id, 20),
        what=customers(texts, subscription, inline),
        channel=subscription.channel,
        why=refusal(texts, why),
    )
    return message(text, [section(text)])


def refusal(texts: Texts, why: str) -> str:
    """Return mrkdwn for Slack's own word for why nothing can be posted in a channel."""
    return known_text(texts, f"digestpost.why.{why}") or texts("digestpost.why.other", code=inline(why, 60))


def held_reason(texts: Texts, subscription: Subscription, held: str) -> list[Block]:
    """Render why this goes to one person instead of the subscription's channel; nothing if it doesn't."""
    return [section(texts(f"digestpost.held.{held}", channel=subscription.channel))] if held else []


def named_domains(subscription: Subscription) -> tuple[str, ...]:
    """Return the domains and patterns that each message of the subscription names, whatever else is in it."""
    return () if domains.EVERY in subscription.domains else subscription.domains[:NAMED]


def customers(texts: Texts, subscription: Subscription, show: Show) -> str:
    """Return the names of the subscription's customers."""
    if domains.EVERY in subscription.domains:
        return texts("digestpost.everybody")
    names = [show(domains.display(pattern), DOMAIN) for pattern in named_domains(subscription)]
    if len(subscription.domains) > NAMED:
        names.append(texts("more.customer", count=len(subscription.domains) - NAMED))
    return formatting.join(texts.language, names)
