"""What is set for the recordings of a channel: off, offered, or uploaded without asking."""

from bot.access.audit import Audit
from bot.clock import Clock
from bot.model.audit import AuditKind
from bot.model.uploads import Attestation, ChannelUploads, UploadMode
from bot.storage.stores import UploadChannelStore


class UploadChannels:
    def __init__(self, channels: UploadChannelStore, audit: Audit, clock: Clock) -> None:
        self._channels = channels
        self._audit = audit
        self._clock = clock

    async def get(self, channel: str) -> ChannelUploads:
        return await self._channels.channel(channel)

    async def is_off(self, channel: str) -> bool:
        return (await self.get(channel)).mode is UploadMode.OFF

    async def set(self, channel: str, mode: UploadMode, by: str) -> ChannelUploads:
        """Set a channel. The person who sets it to `auto` has attested for all of its recordings from now on."""
        attestation = Attestation(by, self._clock.now()) if mode is UploadMode.AUTO else None
        setting = ChannelUploads(channel, mode, attestation)
        kinds = [AuditKind.CHANGED, *([AuditKind.ATTESTED] if attestation else [])]
        noted = [self._audit.row(kind, f"uploads {mode}", by=by, channel=channel) for kind in kinds]
        await self._channels.set_channel(setting, noted)
        return setting
