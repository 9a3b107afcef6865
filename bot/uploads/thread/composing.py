"""What the message of an upload says."""

from dataclasses import replace

from bot.access.audience import Audience
from bot.model.conversation import Conversation
from bot.model.uploads import Progress, Upload
from bot.render.kit.limits import Payload
from bot.render.uploads.progress import upload_message, without_api_words
from bot.slack.client import Slack
from bot.storage.upload_stores import UploadStore
from bot.texts import texts_in
from bot.uploads.thread.known import address_of
from bot.uploads.thread.notifications import Notifications
from bot.uploads.thread.places import QueuePlaces


class UploadComposer:
    def __init__(  # noqa: PLR0917 all that the message shows comes from somewhere
        self,
        uploads: UploadStore,
        slack: Slack,
        audience: Audience,
        notifications: Notifications,
        places: QueuePlaces,
        link_template: str,
    ) -> None:
        self._uploads = uploads
        self._slack = slack
        self._audience = audience
        self._notifications = notifications
        self._places = places
        self._link_template = link_template

    async def compose(
        self, upload: Upload, progress: Progress | None = None, conversation: Conversation | None = None
    ) -> Payload:
        """Return the message as its channel may read it."""
        first = await self._uploads.get(upload.same_as) if upload.same_as else None
        if first is not None and first.channel != upload.channel:
            upload, first = replace(upload, call=upload.call or first.call), None
        return upload_message(
            texts_in(upload.language),
            await self._for_channel(upload),
            progress or await self._places.of(upload),
            conversation=conversation,
            first=first,
            address=await address_of(self._slack, first) if first else "",
            link_template=self._link_template,
        )

    async def _for_channel(self, upload: Upload) -> Upload:
        """Leave out the API's own words if not everybody may read them. The person who attested gets them."""
        is_by_api = upload.failure is not None and upload.failure.is_by_api
        if not is_by_api or await self._audience.hears_everything(upload.channel):
            return upload
        await self._notifications.promise_words(upload)
        return without_api_words(upload)
