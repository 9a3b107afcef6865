"""`/kickscale digest preview`: what a digest would contain now, as far as the person who asks may see it."""

from bot.access.gate import Access
from bot.digests.compose import Composer
from bot.digests.due import DueDigests
from bot.digests.subscriptions import Subscriptions
from bot.errors import GoneError
from bot.model.commands import DigestAddCommand
from bot.model.digests import DigestPreview
from bot.model.people import Viewer


class Previews:
    def __init__(self, subscriptions: Subscriptions, due: DueDigests, composer: Composer, access: Access) -> None:
        self._subscriptions = subscriptions
        self._due = due
        self._composer = composer
        self._access = access

    async def preview(self, viewer: Viewer, target: str) -> DigestPreview:
        """Preview the next digest of the subscriptions with this id or domain; if none comes, that of a new one.

        If it would be the first one, and nothing has happened yet, preview the digest before it instead.
        Raises GoneError for an id that isn't there, AccessDenied, KickscaleError, RangeTooWide.
        """
        try:
            matching = await self._subscriptions.find(viewer.channel, target)
        except GoneError:
            if "." not in target and target != "*":  # an id
                raise
            matching = []
        coming = [
            (upcoming.due.at, subscription)
            for subscription in matching
            if (upcoming := await self._due.upcoming(subscription)) is not None
        ]
        if coming:
            _, subscription = min(coming, key=lambda pair: pair[0])
        else:
            domains = matching[0].domains if matching else await self._access.narrow(viewer, (target,))
            subscription = self._subscriptions.draft(DigestAddCommand(domains), viewer.person, viewer.channel)
        digest, is_earlier = await self._composer.preview(subscription), False
        if not digest.conversations:
            earlier = await self._composer.preview_last_period(subscription)
            if earlier is not None and earlier.conversations:
                digest, is_earlier = earlier, True
        visible = [conversation for conversation in digest.conversations if self._access.sees(viewer, conversation)]
        shown = await self._access.show(viewer, visible, "preview")
        return DigestPreview(digest.cut(shown), () if coming else tuple(matching), is_earlier)
