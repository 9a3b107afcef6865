"""`/kickscale stats` and `/kickscale customers`, and the buttons of the latter's answer."""

import functools
import re

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.app.services import Services
from bot.errors import GoneError
from bot.model.access import Capability
from bot.model.commands import CustomersCommand, StatsCommand
from bot.model.people import Viewer
from bot.render.kit.limits import Payload
from bot.render.stats.customers import customers_message
from bot.render.stats.stats import stats_message
from bot.texts import texts_for
from handlers.clicks import Body, channel_of, value_of
from handlers.taking_clicks import answer_click, take


def register(app: AsyncApp, services: Services) -> None:
    @app.action(re.compile(f"^({ids.CUSTOMERS_PREVIOUS}|{ids.CUSTOMERS_MORE})$"))
    async def turn(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(answer_click, services, "customers page", body, action, show_page, replace=True)
        await take(services, ack, body, work)


async def show_stats(services: Services, viewer: Viewer, command: StatsCommand) -> Payload:
    question = await services.questions.keep(viewer, command, services.zone(viewer.person).key)
    stats = await services.statistics.read(viewer, command, question.timezone)
    return stats_message(texts_for(viewer.person), question, stats)


async def show_customers(services: Services, viewer: Viewer, _command: CustomersCommand) -> Payload:
    return await _page(services, viewer, 0)


async def show_page(services: Services, body: Body, action: Body) -> Payload:
    """*Previous* and *More*: another page in place of this one."""
    viewer = await services.access.admit(body["user"]["id"], channel_of(body), Capability.CONVERSATIONS)
    if not re.fullmatch("[0-9]{1,4}", value_of(action)):
        raise GoneError("other")
    return await _page(services, viewer, int(value_of(action)))


async def _page(services: Services, viewer: Viewer, page: int) -> Payload:
    customers = await services.customer_list.page(viewer, page, services.zone(viewer.person).key)
    return customers_message(texts_for(viewer.person), customers)
