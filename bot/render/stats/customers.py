"""The answer to `customers`: who they are, when the last contact was, and who went quiet."""

from bot import domains, ids
from bot.model.stats import CustomerLine, CustomersAnswer
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, context, header, inline, section
from bot.render.kit.charts import table
from bot.render.kit.limits import Block, Payload, clip, message
from bot.render.stats.stats import ago
from bot.texts import Texts

NAME = 60


def customers_message(texts: Texts, answer: CustomersAnswer) -> Payload:
    """Return a page of the customers, with *Previous* and *More*."""
    if not answer.total:
        none = texts("customers.none")
        return message(none, [section(none)])
    heading = texts("customers.heading", count=answer.total)
    notes = [texts("customers.order"), texts("list.zone", zone=inline(answer.timezone, NAME))]
    if not answer.is_complete:
        notes.append(texts("customers.filling"))
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
        texts("customers.quiet_line", customer=inline(_name(texts, line), 2 * NAME), last=_last(texts, line))
        for line in answer.quiet
    ]
    if answer.quiet_total > len(answer.quiet):
        lines.append(texts("more.customer", count=answer.quiet_total - len(answer.quiet)))
    return [section("\n".join(lines))]


def _table(texts: Texts, answer: CustomersAnswer) -> Block:
    head = [texts(f"customers.column.{column}") for column in ("customer", "last")]
    return table([head, *((_name(texts, line), _last(texts, line)) for line in answer.shown)])


def _name(texts: Texts, line: CustomerLine) -> str:
    domain = domains.display(line.domain)
    return texts("customers.named", domain=domain, name=clip(line.name, NAME)) if line.name else domain


def _last(texts: Texts, line: CustomerLine) -> str:
    """Return the day of the last contact, and how many days ago that was."""
    if line.last_day is None or line.days_since is None:
        return texts("customers.unknown")
    return texts("customers.last", day=times.day(texts, line.last_day), ago=ago(texts, line.days_since))


def _buttons(texts: Texts, answer: CustomersAnswer) -> list[Block]:
    return [
        button(texts(f"customers.{name}"), action, value=str(page))
        for name, action, page in (
            ("previous", ids.CUSTOMERS_PREVIOUS, answer.page - 1),
            ("more", ids.CUSTOMERS_MORE, answer.page + 1),
        )
        if 0 <= page < answer.pages
    ]
