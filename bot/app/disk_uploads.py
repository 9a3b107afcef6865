"""The composition root of `kickscale-bot upload`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.access.audit import Audit
from bot.app.clients import kickscale_client, kickscale_sender
from bot.app.command_intake import instance_name
from bot.app.foundation import override_binding
from bot.clock import Clock
from bot.config.settings import Settings
from bot.kickscale.binding import operations
from bot.kickscale.current_binding import CurrentBinding
from bot.storage.database import Database
from bot.tools.terminal import echo
from bot.uploads.from_disk.planner import Planner
from bot.uploads.from_disk.report import Report
from bot.uploads.from_disk.sources import DiskSources
from bot.uploads.from_disk.uploads import DiskUploads
from bot.uploads.transfer.attempt import Tools
from bot.uploads.transfer.record import ProgressDisplay


async def upload_from_disk(  # noqa: PLR0917 what the command line gives
    settings: Settings,
    database: Database,
    clock: Clock,
    paths: Sequence[Path],
    common: Mapping[str, str],
    attested_by: str,
    *,
    dry_run: bool,
) -> Report:
    """Upload recordings, print problems and the progress on stderr, and return the results."""
    client = kickscale_client(settings)
    sender = kickscale_sender(settings)
    bindings = CurrentBinding(client, database.facts, clock, override_binding(settings))
    own: set[int] = set()
    queue = database.make_queue(clock, instance_name(), concurrency=settings.upload_concurrency, only=own)
    sources = DiskSources()

    async def operation() -> operations.Upload:
        return client.binding.upload

    def tools(display: ProgressDisplay) -> Tools:
        return Tools(database.uploads, sources, sender, client, display, clock, operation)

    uploads = DiskUploads(queue, own, sources, database.uploads, Audit(database.audit, clock), clock, tools)
    uploads.register_jobs(queue)
    try:
        await bindings.start()
        await bindings.refresh()
        if bindings.failure:
            echo("Kickscale's OpenAPI document can't be read, so the last known version is used.", err=True)
        zone = ZoneInfo(settings.default_timezone)
        plan = await Planner(client.binding.upload, zone, clock.now(), common).plan(paths)
        return await uploads.run(plan, attested_by, dry_run=dry_run)
    finally:
        await queue.stop()
        await bindings.stop()
        await client.aclose()
        await sender.aclose()
