"""`/kickscale status`."""

from bot.app.services import Services
from bot.model.commands import StatusCommand
from bot.model.people import Viewer
from bot.render.kit.limits import Payload
from bot.render.operations.status import status_message
from bot.texts import texts_in


async def show_status(services: Services, viewer: Viewer, _command: StatusCommand) -> Payload:
    return status_message(
        texts_in(viewer.person.language), await services.status.read(), is_admin=services.access.is_admin(viewer)
    )
