"""`/kickscale` alone: what is useful here and now. And the greeting of somebody who writes for the first time."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import domains, ids
from bot.errors import Suggestion
from bot.model.conversation import Conversation
from bot.render.conversations import cards
from bot.render.kit.blocks import context, divider, inline, section
from bot.render.kit.commands import typed_command
from bot.render.kit.limits import Payload, message
from bot.render.kit.suggestions import suggestion_buttons
from bot.texts import Texts

DOMAIN = 90


@dataclass(frozen=True, slots=True)
class Start:
    """What is known of the place and the person."""

    customer: str = ""
    """The channel's customer, a domain."""
    latest: Conversation | None = None
    """The person's own latest call or meeting."""


def start_message(texts: Texts, start: Start, *, link_template: str) -> Payload:
    """Render what is useful here and now, with three buttons."""
    title = texts("start.title")
    blocks = [section(f"*{title}*")]
    if start.customer:
        blocks.append(section(texts("start.customer", customer=inline(domains.display(start.customer), DOMAIN))))
    if start.latest is not None:
        latest = cards.title_with_outcome(texts, start.latest, link_template)
        blocks += [
            section(
                f"{texts(f'start.latest.{start.latest.kind}')}\n{latest}",
                accessory=cards.details_button(texts, start.latest),
            ),
            context(cards.facts(texts, start.latest, with_domains=True)),
        ]
    blocks.append(suggestion_buttons(texts, _to_try(texts, start.customer)))
    blocks.append(context(texts("start.help", help=typed_command(texts, "help"))))
    return message(title, blocks)


def greeted_message(texts: Texts, payload: Payload) -> Payload:
    """Return an answer below a greeting, with three things to try unless the answer has buttons to try itself."""
    has_buttons = any(block.get("block_id") == ids.SUGGESTIONS for block in payload["blocks"])
    greeting = texts("start.greeting" if has_buttons else "start.greeting_try")
    to_try = [] if has_buttons else [suggestion_buttons(texts, _to_try(texts, ""))]
    return message(f"{greeting} {payload['text']}", [section(greeting), *to_try, divider(), *payload["blocks"]])


def _to_try(texts: Texts, customer: str) -> Sequence[Suggestion]:
    commands = [texts("start.try.lately"), texts("start.try.mine"), texts("start.try.help")]
    if customer:
        shown = domains.display(customer)
        commands[0] = texts("start.try.customer", customer=shown)
    return [Suggestion(command, command) for command in commands]
