"""What is set for the recordings of a channel: off, offered, or uploaded without asking."""

from bot.access.audit import Audit
from bot.announcements.announcements import Announcement, Announcements
from bot.clock import Clock
from bot.model.audit import AuditKind
from bot.model.people import Person
from bot.model.uploads import Attestation, ChannelUploads, UploadMode
from bot.render.uploads.offers import announced_text
from bot.storage.upload_stores import UploadChannelStore
from bot.texts import texts_in


class UploadChannels:
    def __init__(self, channels: UploadChannelStore, audit: Audit, announcements: Announcements, clock: Clock) -> None:
        self._channels = channels
        self._audit = audit
        self._announcements = announcements
        self._clock = clock

    async def get(self, channel: str) -> ChannelUploads:
        return await self._channels.channel(channel)

    async def is_off(self, channel: str) -> bool:
        return (await self.get(channel)).mode is UploadMode.OFF

    async def set(self, channel: str, mode: UploadMode, person: Person) -> ChannelUploads:
        """Set what happens in a channel, and tell it who did. With `auto`, they attest for all its recordings."""
        before, by = await self.get(channel), person.id
        attestation = Attestation(by, self._clock.now()) if mode is UploadMode.AUTO else None
        setting = ChannelUploads(channel, mode, attestation)
        kinds = [AuditKind.CHANGED, *([AuditKind.ATTESTED] if attestation else [])]
        noted = [self._audit.row(kind, f"uploads {mode}", by=by, channel=channel) for kind in kinds]
        await self._channels.set_channel(setting, noted)
        if before.mode is not mode:
            text = announced_text(texts_in(person.language), setting, by=by)
            await self._announcements.promise(Announcement(channel, by, text, person.language))
        return setting
