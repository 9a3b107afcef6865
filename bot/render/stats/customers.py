"""The answer to `customers`: who they are, when the last contact was, and who went quiet."""

from bot import domains, ids
from bot.model.stats import CustomerLine, CustomersAnswer
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, header, inline, section
from bot.render.kit.charts import table
from bot.render.kit.limits import Block, Payload, message
from bot.render.stats.stats import ago
from bot.texts import Texts

NAME = 60


def customers_message(texts: Texts, answer: CustomersAnswer) -> Payload:
    """Return a page of the customers, with *Previous* and *More*."""
    if not answer.total:
        none = texts("customers.none")
        return message(none, [section(none), context(texts("customers.none_here"))])
    heading = texts("customers.heading", count=answer.total)
    notes = [texts("customers.order"), texts("list.zone", zone=inline(answer.timezone, NAME))]
    if answer.pages > 1:
        notes.append(texts("list.page", page=answer.page + 1, pages=answer.pages))
    buttons = _buttons(texts, answer)
    return message(
        heading,
        [header(heading), *_quiet(texts, answer), _table(texts, answer)],
        tail=[context(" · ".join(notes)), *([actions(buttons, ids.PAGING)] if buttons else [])],
    )


def _quiet(texts: Texts, answer: CustomersAnswer) -> list[Block]:
    if not answer.quiet:
        return []
    lines = [texts("customers.quiet", count=answer.quiet_total, days=answer.quiet_after)]
    lines += [
        texts("customers.quiet_line", customer=_name(texts, line), at=_last(texts, line), ago=_ago(texts, line))
        for line in answer.quiet
    ]
    if answer.quiet_total > len(answer.quiet):
        lines.append(texts("conversation.more", count=answer.quiet_total - len(answer.quiet)))
    return [section("\n".join(lines))]


def _table(texts: Texts, answer: CustomersAnswer) -> Block:
    head = [texts(f"customers.column.{column}") for column in ("domain", "name", "last", "ago")]
    rows = [(domains.display(line.domain), line.name, _last(texts, line), _ago(texts, line)) for line in answer.shown]
    return table([head, *rows])


def _name(texts: Texts, line: CustomerLine) -> str:
    domain = inline(domains.display(line.domain), NAME)
    name = inline(line.name, NAME)
    return texts("customers.named", domain=domain, name=name) if name else domain


def _last(texts: Texts, line: CustomerLine) -> str:
    return times.day(texts, line.last_day) if line.last_day else texts("customers.unknown")


def _ago(texts: Texts, line: CustomerLine) -> str:
    return texts("customers.unknown") if line.days_since is None else ago(texts, line.days_since)


def _buttons(texts: Texts, answer: CustomersAnswer) -> list[Block]:
    return [
        button(texts(f"customers.{name}"), action, value=str(page))
        for name, action, page in (
            ("previous", ids.CUSTOMERS_PREVIOUS, answer.page - 1),
            ("more", ids.CUSTOMERS_MORE, answer.page + 1),
        )
        if 0 <= page < answer.pages
    ]
