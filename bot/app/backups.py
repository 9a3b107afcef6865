"""The wiring of `kickscale-bot backup` and `restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.access.audit import COMMAND_LINE
from bot.clock import Clock
from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.model.audit import AuditKind, AuditRow
from bot.model.backup import Contents
from bot.storage.sqlite.backups import back_up, check_backup, copied, put_in_place, record, unused

if TYPE_CHECKING:
    from bot.erasure.report import Outcome
    from bot.model.erasure import Subject


def make_backup(settings: Settings, target: Path, *, replace: bool) -> Contents:
    """Copy the database to a new file, or to one that may be replaced. Raises ConfigError and StorageFailed."""
    _require_file(settings)
    return back_up(settings.database_path, target, replace=replace)


def _require_file(settings: Settings) -> None:
    if settings.database_url:
        raise ConfigError("DATABASE_URL", "is set. Use PostgreSQL's own pg_dump and pg_restore: docs/scaling.md.")


class Restoring:
    """A backup that was checked and copied beside the database, and hasn't replaced it yet."""

    def __init__(self, copy: Path, settings: Settings, contents: Contents) -> None:
        self.contents = contents
        self.database = settings.database_path.resolve()
        self._copy = copy
        self._settings = settings.model_copy(update={"database_path": copy})

    async def take_over_erasures(self) -> "list[Subject] | None":
        """Let the copy know what was erased from the present database, and return what of that is in the copy.

        None if there is no present database. Without erasures, the copy isn't changed, so that an earlier version
        can use it; otherwise its schema is brought up to date.
        """
        from bot.storage.sqlite import Database  # noqa: PLC0415 the imports take longer than a backup
        from bot.storage.sqlite.erased_subjects import read_carried  # noqa: PLC0415 likewise

        carried = read_carried(self.database) if self.database.exists() else None
        if carried is None:
            return None
        if not (carried.subjects or carried.conversations):
            return []
        database = await Database.open(self._copy, create=False)
        try:
            await database.erased_subjects.carry_over(carried)
            return await database.erased_subjects.find()
        finally:
            await database.close()

    async def erase(self, subject: "Subject") -> "Outcome":
        """Erase a subject from the copy, and from Slack what is still there. Raises ConfigError and SlackError."""
        from bot.app.parts import open_parts  # noqa: PLC0415 likewise

        self._settings.require_run()
        async with open_parts(self._settings) as parts:
            return await parts.services.erasure.erase(subject, COMMAND_LINE)

    def finish(self, clock: Clock) -> Path | None:
        """Replace the database; return where the one before it is now. Raises ConfigError if a bot uses it.

        The audit says so: rows that were written since the backup are missing from it.
        """
        record(self._copy, AuditRow(AuditKind.CHANGED, 0, clock.now(), COMMAND_LINE, "", "restore", (), 0))
        return put_in_place(self._copy, self.database, clock.now())


@contextmanager
def open_backup(settings: Settings, backup: Path) -> Iterator[Restoring]:
    """Check a backup, and copy it beside the database; without `finish`, nothing of the copy stays.

    Blocks. Raises ConfigError for a backup that can't be restored, and if a bot uses the database.
    """
    from bot.storage.sqlite.migrations import known_steps  # noqa: PLC0415 likewise

    _require_file(settings)
    database = settings.database_path.resolve()
    if database.exists():
        if backup.samefile(database):
            raise ConfigError(str(backup), "is the database itself. Name a copy of it.")
        with unused(database):
            pass  # checked before there is work to do, and again at the end
    with copied(backup, database.parent) as copy:
        yield Restoring(copy, settings, check_backup(copy, backup, known_steps()))
