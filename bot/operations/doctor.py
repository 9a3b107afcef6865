"""`kickscale-bot doctor`: checks everything the bot depends on, without changing anything."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from bot.clock import Clock
from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.kickscale.binding.bind import Binding
from bot.kickscale.client import KickscaleClient
from bot.operations.app_update import FACT, check_events
from bot.operations.checks.channels import check_channels
from bot.operations.checks.check import Check
from bot.operations.checks.disk import check_disk
from bot.operations.checks.kickscale import check_credentials, check_document, check_key_age
from bot.operations.checks.sight import check_sight
from bot.operations.checks.slack import check_connection, check_people, check_token
from bot.slack.client import Slack


def find_missing_settings(settings: Settings) -> list[Check]:
    """Return a failed check for each setting that the bot (and so the doctor) can't do without."""
    return [
        Check("settings", ok=False, detail=f"{name} is not set", remedy=f"Set it to {what}.")
        for name, what in settings.missing()
    ]


def find_unknown_settings(settings: Settings) -> list[Check]:
    """Return a note for each variable that looks like a setting and isn't one."""
    return [Check("settings", ok=True, detail="unknown variable", remedy=sentence) for sentence in settings.unknown]


class Doctor:
    def __init__(  # noqa: PLR0917 everything that it checks
        self,
        settings: Settings,
        slack: Slack,
        kickscale: KickscaleClient,
        override: Callable[[Binding], Binding],
        inspect_database: Callable[[], str],
        read_fact: Callable[[str], tuple[Any, datetime] | None],
        clock: Clock,
    ) -> None:
        """`settings` must be complete.

        `inspect_database` describes the database, or raises ConfigError if the bot can't use it. `read_fact` returns
        what it has under a name. Both may block.
        """
        self._settings = settings
        self._slack = slack
        self._kickscale = kickscale
        self._override = override
        self._inspect_database = inspect_database
        self._read_fact = read_fact
        self._clock = clock

    async def examine(self) -> list[Check]:
        """Run all checks concurrently."""
        settings = self._settings
        groups = await asyncio.gather(
            check_token(self._slack, self._clock),
            check_people(settings.access_rules(), self._slack),
            check_channels(settings.access_rules(), self._slack),
            check_connection(settings.slack_app_token.get_secret_value(), self._slack),
            check_credentials(self._kickscale),
            check_sight(self._kickscale),
            check_document(self._kickscale, self._override, has_address=bool(settings.reached_at)),
            self._check_database(),
            asyncio.to_thread(self._check_files),
        )
        return [
            Check("settings", ok=True, detail="all required settings present"),
            *find_unknown_settings(settings),
            *(check for group in groups for check in group),
            Check("mirror", ok=True, detail=describe_mirror(settings.mirror_days, settings.mirror_transcripts)),
            *check_key_age(settings.kickscale_api_key_created, self._clock.now().date()),
        ]

    async def _check_database(self) -> list[Check]:
        try:
            detail = await asyncio.to_thread(self._inspect_database)
        except ConfigError as exc:
            return [Check("database", ok=False, detail="can't be used", remedy=str(exc))]
        return [Check("database", ok=True, detail=detail)]

    def _check_files(self) -> list[Check]:
        settings = self._settings
        stored = self._read_fact(FACT)
        is_file = not settings.database_url
        is_new = not settings.database_path.exists() if is_file else stored is None
        return [
            *(check_disk(settings.database_path) if is_file else ()),
            *check_events(stored, self._clock.now(), is_new=is_new),
        ]


def describe_mirror(days: int, transcripts: Literal["on", "off"]) -> str:
    """Return what of conversations is stored on this machine, and how to change that."""
    if not days:
        return "off (MIRROR_DAYS is 0), so no conversations are copied into the database"
    what = "names, summaries, participants, transcripts" if transcripts == "on" else "names, summaries, participants"
    return f"copies {what} etc. of the last {days} days into the database; MIRROR_DAYS=0 turns that off"


def report_as_json(report: Sequence[Check]) -> dict[str, Any]:
    """Return the report as JSON values; docs/scripts.md describes them."""
    return {"ok": all(check.ok for check in report), "checks": [asdict(check) for check in report]}


def describe(check: Check) -> str:
    """Return what follows the mark in a check's line: a remedy too, if there is one."""
    return f"{check.name}: {check.detail}{f'. {check.remedy}' if check.remedy else ''}"


def mark(check: Check) -> Literal["ok", "note", "FAIL"]:
    """Return the word that begins a check's line."""
    if not check.ok:
        return "FAIL"
    return "note" if check.remedy else "ok"
