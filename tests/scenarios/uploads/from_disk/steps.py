"""Recordings on the disk, and an API to send them to."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.kickscale.binding.operations import Field, Source, Upload
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.uploads.from_disk.plan import Plan
from bot.uploads.from_disk.planner import Planner
from tests.clock import MONDAY_MORNING
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import environment_of, kickscale_settings

OPERATION = Upload(
    "/calls",
    fields=(
        Field("name", required=True),
        Field("date", required=True, format="date-time"),
        Field("duration", type="integer"),
        Field("customerDomains", type="array"),
        Field("externalCallId"),
    ),
    source=Source.DOCUMENT,
)


def plan(*paths: Path, operation: Upload = OPERATION, **common: str) -> Plan:
    planner = Planner(operation, ZoneInfo("Europe/Berlin"), MONDAY_MORNING, common)
    return asyncio.run(planner.plan(paths))


def environment(kickscale: EmbeddedKickscale) -> Mapping[str, str]:
    return environment_of(kickscale_settings(kickscale))


def recording(folder: Path, name: str, seconds: float) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(wav(seconds))
    return path
