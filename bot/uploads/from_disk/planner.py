"""Plans which recordings to upload from disk and with which details, before anything is sent."""

import asyncio
import html
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from stat import S_ISREG
from zoneinfo import ZoneInfo

from bot.errors import RecordingRefused
from bot.forms.upload import unasked
from bot.kickscale.binding.operations import Source, Upload, UploadStyle
from bot.model.upload_form import CommonDetails, RecordingDetails
from bot.model.uploads import OfferedFile
from bot.render.errors import cause
from bot.texts import texts_in
from bot.texts.languages import ENGLISH
from bot.tools.terminal import is_text
from bot.uploads.from_disk.csv_list import FieldNames, read_list
from bot.uploads.from_disk.field_values import FieldValues
from bot.uploads.from_disk.plan import Candidate, Plan, Planned
from bot.uploads.from_disk.search import RENAME, search
from bot.uploads.recordings.names import from_name
from bot.uploads.recordings.sniff import recognised
from bot.uploads.recordings.tags import EDGE, Tags, read_tags, tail_length
from bot.uploads.sources import PathSource, require_accepted


class Planner:
    """`common` has values for every recording. A list's values override them, and both override the file's own."""

    def __init__(self, operation: Upload, zone: ZoneInfo, now: datetime, common: Mapping[str, str]) -> None:
        self._operation = operation
        self._zone = zone
        self._now = now
        self._common = common
        self._names = FieldNames(operation)
        self._values = FieldValues(operation, zone, now)
        self._plan = Plan()
        self._seen: set[Path] = set()

    async def plan(self, paths: Iterable[Path]) -> Plan:
        """Return the plan for these files, folders and lists."""
        if self._operation.source is Source.DEFAULT:
            self._plan.problems.append(texts_in(ENGLISH)("upload.disk.no_operation"))
        elif self._operation.style is UploadStyle.URL:
            self._plan.problems.append(texts_in(ENGLISH)("upload.disk.fetched"))
        else:
            candidates = await asyncio.to_thread(self._gather, paths)
            # A list says more about a recording than a folder.
            for candidate in sorted(candidates, key=lambda candidate: not candidate.is_listed):
                await self._add(candidate)
        return self._plan

    def _gather(self, paths: Iterable[Path]) -> list[Candidate]:
        problems = self._names.find_problems(self._common)
        self._plan.problems += [f"--field: {problem}" for problem in problems]
        if not problems:
            self._common = {self._names.exact(name): value for name, value in self._common.items()}
        self._plan.problems += [
            f"--field {name}: the value isn't UTF-8 text" for name, value in self._common.items() if not is_text(value)
        ]
        candidates: list[Candidate] = []
        for path in paths:
            if path.is_dir():
                candidates += search(path, self._plan)
            elif path.suffix.lower() == ".csv":
                candidates += read_list(path, self._names, self._plan)
            else:
                candidates.append(Candidate(path, {}, str(path)))
        return candidates

    async def _add(self, candidate: Candidate) -> None:
        where = candidate.where
        try:
            path = await asyncio.to_thread(candidate.path.resolve)
            if not is_text(path.name):
                self._plan.problems.append(f"{where}: the name of {path} isn't UTF-8 text. {RENAME}")
                return
            if path in self._seen:
                if candidate.is_listed:  # nobody can guess which of two lines has the right details
                    self._plan.problems.append(f"{where}: {path.name} is listed twice. Remove one of them.")
                return
            self._seen.add(path)
            size, head, tail = await asyncio.to_thread(_read, path)
            if candidate.is_found and recognised(head) is None:
                self._plan.skipped[candidate.path] = "not an audio or video file" if size else "empty file"
                return
            await require_accepted(self._operation, PathSource(path, size))
        except (OSError, ValueError, RuntimeError) as exc:  # the last: a circle of links, up to Python 3.12
            reason = exc.strerror if isinstance(exc, OSError) else str(exc)
            self._plan.problems.append(f"{where}: {candidate.path} can't be read ({reason})")
            return
        except RecordingRefused as exc:
            self._plan.problems.append(f"{where}: {plain(cause(texts_in(ENGLISH), exc))}")
            return
        learned = self._learn(path, size, read_tags(head, tail, size, now=self._now))
        fields = {**learned, **self._values.read({**self._common, **candidate.values})}
        self._plan.problems += [f"{where}: {problem}" for problem in self._values.find_problems(fields)]
        self._plan.recordings.append(Planned(path, size, fields))
        self._plan.date_field = self._values.date_field
        if self._plan.date_field and not fields.get(self._plan.date_field):
            self._plan.undated.append(path)

    def _learn(self, path: Path, size: int, tags: Tags) -> dict[str, str]:
        """Return the details found in the file and its name."""
        named = from_name(path.name)
        at = tags.recorded_at or named.at
        starts_at = at.replace(tzinfo=at.tzinfo or self._zone) if at else None
        details = RecordingDetails(OfferedFile("", path.name, size), named.title or path.stem, starts_at, tags.duration)
        common = CommonDetails(direction=named.direction, caller=named.caller, callee=named.callee)
        (values,), _ = unasked(self._operation, (details,), common)
        return values


def plain(mrkdwn: str) -> str:
    """Return a text from the catalogue for a terminal."""
    return html.unescape(mrkdwn.replace("*", ""))


def _read(path: Path) -> tuple[int, bytes, bytes]:
    """Return the size in bytes, the first bytes, and the last ones."""
    stat = path.stat()
    if not S_ISREG(stat.st_mode):
        raise ValueError("not a regular file")
    size = stat.st_size
    with path.open("rb") as file:
        head = file.read(EDGE)
        file.seek(max(0, size - tail_length(head, size)))
        return size, head, file.read()
