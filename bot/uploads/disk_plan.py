"""Which recordings on the disk are to be uploaded, and with which details: all of it checked before anything is sent.

Files, folders, and CSV lists: a column a field of the bound upload operation, and one named `file` with the paths.
"""

import asyncio
import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import RecordingRefused
from bot.forms.upload import Form, Known, seconds_of, unasked
from bot.kickscale.binding.operations import Field, Source, Upload, UploadStyle
from bot.kickscale.uploading.fields import AUTOMATIC, Meaning, items, meaning, problem
from bot.model.uploads import OfferedFile
from bot.render.errors import cause
from bot.texts import Texts
from bot.uploads.recordings.names import from_name
from bot.uploads.recordings.sniff import recognised
from bot.uploads.recordings.tags import EDGE, read_tags, tail_length
from bot.uploads.sources import PathSource, require_taken

PATH_COLUMNS = ("file", "path", "recording")
NAMELESS = " "
"""What stands before the number of a column without a name: those that have one have no space there."""
REMEDY = "Save it as “CSV UTF-8”, as spreadsheets call it"
_SEPARATOR = re.compile(r"sep=(.)\r?\n")
"""What spreadsheets write before the first line to tell one another the delimiter."""
EARLIEST = datetime(2001, 1, 2, tzinfo=UTC)
"""A moment before it is one that some clock counts from, or a slip of the finger."""
AHEAD = timedelta(days=1)
"""How far a moment may be in the future: clocks differ, and so do zones."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One recording, and the values of the upload's fields."""

    path: Path
    size: int
    """Bytes."""
    fields: Mapping[str, str]
    sha256: str = ""
    """Of its bytes, once they were read."""


@dataclass(slots=True)
class Plan:
    recordings: list[Planned] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """One sentence each, with the file or the line that it is about."""
    skipped: dict[Path, str] = field(default_factory=dict)
    """What is left out, and why."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that may be a recording."""

    path: Path
    given: Mapping[str, str]
    """What its list says of it, by the names of the fields."""
    where: str
    """The file, or the line of a list, for a sentence about it."""
    is_found: bool = False
    """In a folder: nobody named it."""
    is_listed: bool = False
    """In a list."""


class Planner:
    """`common` are values for every recording; a list's own go before them, and both before what a file tells."""

    def __init__(
        self, operation: Upload, texts: Texts, zone: ZoneInfo, now: datetime, common: Mapping[str, str]
    ) -> None:
        self._operation = operation
        self._texts = texts
        self._zone = zone
        self._now = now
        self._common = common
        self._names = {each.name.casefold(): each.name for each in operation.fields}
        self._plan = Plan()
        self._seen: set[Path] = set()
        self._candidates: list[_Candidate] = []

    async def plan(self, paths: Iterable[Path]) -> Plan:
        """What these files, folders and lists come to."""
        if self._operation.source is Source.DEFAULT:
            self._plan.problems.append(self._texts("upload.disk.no_operation"))
        elif self._operation.style is UploadStyle.URL:
            self._plan.problems.append(self._texts("upload.disk.fetched"))
        else:
            await asyncio.to_thread(self._gather, paths)
            for each in sorted(self._candidates, key=lambda each: not each.is_listed):  # a list tells more
                await self._add(each)
        return self._plan

    def _gather(self, paths: Iterable[Path]) -> None:
        if self._check_names(self._common, "--field"):
            self._common = {self._names[name.casefold()]: value for name, value in self._common.items()}
        for path in paths:
            if path.is_dir():
                self._search(path)
            elif path.suffix.lower() == ".csv":
                self._read_list(path)
            else:
                self._candidates.append(_Candidate(path, {}, str(path)))

    def _search(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.name.startswith("."):
                continue
            if path.is_file():
                self._candidates.append(_Candidate(path, {}, str(path), is_found=True))
            elif path.is_dir() and path.is_symlink():
                self._plan.skipped[path] = "a link to a folder. Name that folder itself to have its recordings uploaded"
            elif path.is_symlink():
                self._plan.skipped[path] = "a link that leads to no file"
            elif not path.is_dir():
                self._plan.skipped[path] = "not a regular file"

    def _text(self, path: Path) -> str | None:
        """Of a list; None where it can't be read, which is told."""
        try:
            return path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            why = f"can't be read ({exc.strerror})" if isinstance(exc, OSError) else f"is not text in UTF-8. {REMEDY}"
            self._plan.problems.append(f"{path}: {why}")
            return None

    def _read_list(self, path: Path) -> None:
        before = len(self._candidates) + len(self._plan.problems)
        text = self._text(path)
        if text is None:
            return
        said = _SEPARATOR.match(text)
        delimiter = said[1] if said else _delimiter(text)
        read = io.StringIO(text[said.end() :] if said else text, newline="")
        rows = csv.DictReader(read, delimiter=delimiter, skipinitialspace=True, strict=True)
        try:
            names = [name.strip() for name in rows.fieldnames or ()]
            where = next((name for name in names if name.casefold() in PATH_COLUMNS), None)
            if where is None:
                self._plan.problems.append(f"{path}: the first line needs a column named file")
                return
            rows.fieldnames = [name or f"{NAMELESS}{at}" for at, name in enumerate(names)]
            named = [name for name in names if name]
            named.remove(where)
            if not self._check_names(named, str(path)):
                return
            for row in rows:
                place = f"{path}, line {rows.line_num + bool(said)}"
                if not any(value.strip() for value in _values(row)):
                    continue  # spreadsheets leave such rows at the end
                if wrong := _wrong_in(row, where):
                    self._plan.problems.append(f"{place}: {wrong}")
                    continue
                given = {self._names[name.casefold()]: (row[name] or "").strip() for name in named}
                file = _on_disk(path.parent, row[where].strip())
                self._candidates.append(_Candidate(file, {k: v for k, v in given.items() if v}, place, is_listed=True))
            if before == len(self._candidates) + len(self._plan.problems):
                self._plan.problems.append(f"{path}: no line names a recording")
        except csv.Error as exc:
            self._plan.problems.append(f"{path}, line {rows.line_num + bool(said)}: {exc}")

    def _check_names(self, names: Iterable[str], where: str) -> bool:
        """Whether each is a field that a person may set, in whatever case, and none is there twice."""
        settable = {each.name for each in self._operation.fields if meaning(each) not in AUTOMATIC}
        wrong = []
        seen: set[str] = set()
        for name in names:
            folded = name.casefold()
            if folded in seen:
                wrong.append(f"{name} is there twice. Leave one of them out")
            elif folded not in self._names:
                wrong.append(f"{name} is not one of {', '.join(sorted(settable))}")
            elif self._names[folded] not in settable:
                wrong.append(f"{name} is set by the bot itself")
            seen.add(folded)
        self._plan.problems += [f"{where}: {each}" for each in wrong]
        return not wrong

    async def _add(self, candidate: _Candidate) -> None:
        where = candidate.where
        try:
            path = await asyncio.to_thread(candidate.path.resolve)
            if path in self._seen:
                if candidate.is_listed:  # which of two lines tells the details is not to be guessed
                    self._plan.problems.append(f"{where}: {path.name} is there twice. Leave one of them out")
                return
            self._seen.add(path)
            size, head, tail = await asyncio.to_thread(_read, path)
            if candidate.is_found and recognised(head) is None:
                self._plan.skipped[candidate.path] = "neither audio nor video" if size else "empty"
                return
            await require_taken(self._operation, PathSource(path, size))
        except (OSError, ValueError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) else str(exc)
            self._plan.problems.append(f"{where}: {candidate.path} can't be read ({reason})")
            return
        except RecordingRefused as exc:
            self._plan.problems.append(f"{where}: {plain(cause(self._texts, exc))}")
            return
        tags = read_tags(head, tail, size, now=self._now)
        told = self._told(path, size, tags.recorded_at, tags.duration)
        fields = {**told, **self._read_as_people_write({**self._common, **candidate.given})}
        self._plan.problems += [f"{where}: {each}" for each in self._wrong(fields)]
        self._plan.recordings.append(Planned(path, size, fields))

    def _told(self, path: Path, size: int, recorded_at: datetime | None, duration: float | None) -> dict[str, str]:
        """What the file itself and its name tell."""
        named = from_name(path.name)
        at = recorded_at or named.at
        starts_at = at.replace(tzinfo=at.tzinfo or self._zone) if at else None
        known = Known(OfferedFile("", path.name, size), named.title or path.stem, starts_at, duration)
        (values,), _ = unasked(Form("", (known,), self._operation))
        return values

    def _read_as_people_write(self, given: Mapping[str, str]) -> dict[str, str]:
        """Moments in UTC, lengths in seconds, options as the API writes them; what is none of these stays as it is,
        for `_wrong` to say so.
        """
        fields = {each.name: each for each in self._operation.fields}
        return {name: self._value(fields[name], value) if name in fields else value for name, value in given.items()}

    def _value(self, field: Field, value: str) -> str:
        if field.enum:
            options = {each.casefold(): each for each in field.enum}
            each_of = items(value) if field.type == "array" else [value]
            return ",".join(options.get(each.casefold(), each) for each in each_of)
        if meaning(field) is Meaning.DURATION:
            # A bare number is minutes to one person and seconds to another's telephone system.
            seconds = None if re.fullmatch(r"[\d.,]+", value) else seconds_of(value)
            return str(seconds) if seconds else f"{value}?"
        return self._utc(field, value) if _is_moment(field) else value

    def _utc(self, field: Field, value: str) -> str:
        # A field that takes a day alone takes the one in UTC, and that is to be the one that was written.
        zone = UTC if field.format == "date" else self._zone
        try:
            at = datetime.fromisoformat(value)
            return f"{at.replace(tzinfo=at.tzinfo or zone).astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
        except (ValueError, OverflowError):
            return value

    def _wrong(self, fields: Mapping[str, str]) -> Iterator[str]:
        for each in self._operation.fields:
            key = "" if meaning(each) in AUTOMATIC else problem(each, fields.get(each.name, ""))
            if key == "enum":
                yield f"{each.name}: {self._texts('upload.disk.enum', options=', '.join(each.enum))}"
            elif key == "whole_number" and meaning(each) is Meaning.DURATION:
                yield f"{each.name}: {self._texts('upload.disk.duration')}"
            elif key:
                yield f"{each.name}: {self._texts(f'upload.form.error.{key}')}"
        for each in filter(_is_moment, self._operation.fields):
            value = fields.get(each.name, "")
            if value and not problem(each, value) and not self._is_credible(value):
                yield (
                    f"{each.name}: {value} is in the future or before {EARLIEST:%Y-%m-%d}. "
                    f"Give the right one, with --field or in a list"
                )

    def _is_credible(self, value: str) -> bool:
        at = datetime.fromisoformat(value)
        return EARLIEST <= at.replace(tzinfo=at.tzinfo or UTC) <= self._now + AHEAD


def plain(mrkdwn: str) -> str:
    """A sentence of the catalogue for a terminal."""
    return html.unescape(mrkdwn.replace("*", ""))


def _on_disk(folder: Path, name: str) -> Path:
    """Where it is: some systems take an umlaut in a name apart, and spreadsheets write it as one."""
    for form in ("NFC", "NFD"):
        path = folder / unicodedata.normalize(form, name)
        if path.exists():
            return path
    return folder / name


def _read(path: Path) -> tuple[int, bytes, bytes]:
    """The size in bytes, the first and the last bytes."""
    stat = path.stat()
    if not S_ISREG(stat.st_mode):
        raise ValueError("it is not a regular file")
    size = stat.st_size
    with path.open("rb") as file:
        head = file.read(EDGE)
        file.seek(max(0, size - tail_length(head, size)))
        return size, head, file.read()


def _is_moment(field: Field) -> bool:
    is_moment = field.type == "string" and field.format in ("date", "date-time")
    return not field.enum and (is_moment or meaning(field) is Meaning.DATE)


def _wrong_in(row: Mapping[Any, Any], where: str) -> str:
    """What is wrong with a row whose column `where` has the path; empty where all is well."""
    if None in row:
        return "more values than columns"
    if any((value or "").strip() for name, value in row.items() if name.startswith(NAMELESS)):
        return "a value is in a column without a name. Give it one"
    return "" if (row[where] or "").strip() else f"the column {where} is empty. Fill in the recording's path"


def _values(row: Mapping[Any, Any]) -> Iterator[str]:
    """All values of a row: those beyond its columns are a list, and those that it lacks are None."""
    for value in row.values():
        yield from value if isinstance(value, list) else [value or ""]


def _delimiter(text: str) -> str:
    """A comma, or what spreadsheets of other countries write in its place."""
    first: str = text.partition("\n")[0]
    candidates: Sequence[str] = (",", ";", "\t")
    return max(candidates, key=first.count)
