"""`/kickscale status`."""

from bot.app.services import Services
from bot.model.commands import StatusCommand
from bot.model.people import Viewer
from bot.render.kit.limits import Payload
from bot.render.operations.status import status_message
from bot.texts import texts_for


async def show_status(services: Services, viewer: Viewer, _command: StatusCommand) -> Payload:
    return status_message(
        texts_for(viewer.person), await services.status.read(), is_admin=services.access.is_admin(viewer)
    )
