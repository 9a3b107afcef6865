"""`/kickscale search`, and the buttons of its answer."""

import functools
import re

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.app.services import Services
from bot.model.access import Capability
from bot.model.commands import SearchCommand
from bot.model.people import Viewer
from bot.model.questions import Question
from bot.render.kit.limits import Payload
from bot.render.search.results import results_message
from bot.texts import texts_for
from handlers.clicks import Body, channel_of, question_of
from handlers.taking_clicks import answer_click, take


def register(app: AsyncApp, services: Services) -> None:
    @app.action(re.compile(f"^({ids.SEARCH_PREVIOUS}|{ids.SEARCH_MORE})$"))
    async def turn(ack: AsyncAck, body: Body, action: Body) -> None:
        work = functools.partial(answer_click, services, "search page", body, action, show_page, replace=True)
        await take(services, ack, body, work)


async def find(services: Services, viewer: Viewer, command: SearchCommand) -> Payload:
    command = await services.search.settle(viewer, command)
    question = await services.questions.keep(viewer, command, services.zone(viewer.person).key)
    return await _page(services, viewer, question, 0)


async def show_page(services: Services, body: Body, action: Body) -> Payload:
    """*Previous* and *More*: another page in place of this one."""
    viewer = await services.access.admit(body["user"]["id"], channel_of(body), Capability.CONVERSATIONS)
    id_, page = question_of(action)
    return await _page(services, viewer, await services.questions.get(id_), page)


async def _page(services: Services, viewer: Viewer, question: Question, page: int) -> Payload:
    found = await services.search.answer(question, page, viewer)
    return results_message(texts_for(viewer.person), question, found, link_template=services.link_template)
