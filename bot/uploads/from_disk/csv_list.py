"""CSV lists of recordings: a column named `file` with the paths, and one for each field of the upload operation."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.kickscale.binding.operations import Upload
from bot.kickscale.uploading.fields import AUTOMATIC, meaning
from bot.uploads.from_disk.plan import Candidate, Plan

PATH_COLUMNS = ("file", "path", "recording")
NAMELESS = " "
"""What precedes the number of a column without a name. Names of other columns contain no space there."""
REMEDY = "In your spreadsheet program, save it as “CSV UTF-8”."
_SEPARATOR = re.compile(r"sep=(.)\r?\n")
"""The line with the delimiter that spreadsheet programs may put first."""


class FieldNames:
    """The names of the operation's fields, in any case."""

    def __init__(self, operation: Upload) -> None:
        self._names = {field.name.casefold(): field.name for field in operation.fields}
        self._settable = {field.name for field in operation.fields if meaning(field) not in AUTOMATIC}

    def exact(self, name: str) -> str:
        """Return the API's spelling of a name that `find_problems` accepts."""
        return self._names[name.casefold()]

    def find_problems(self, names: Iterable[str]) -> list[str]:
        """Return a sentence for each name that isn't a field people may set, or that is given twice."""
        problems = []
        seen: set[str] = set()
        for name in names:
            folded = name.casefold()
            if folded in seen:
                problems.append(f"{name} is given twice. Remove one of them.")
            elif folded not in self._names:
                problems.append(f"{name} isn't one of the possible details: {', '.join(sorted(self._settable))}")
            elif self._names[folded] not in self._settable:
                problems.append(f"{name} is set by the bot, so leave it out")
            seen.add(folded)
        return problems


def read_list(path: Path, names: FieldNames, plan: Plan) -> list[Candidate]:
    """Return the recordings in a list, and add whatever is wrong with it to the plan's problems."""
    before = len(plan.problems)
    text = _text(path, plan)
    if text is None:
        return []
    candidates: list[Candidate] = []
    separator = _SEPARATOR.match(text)
    delimiter = separator[1] if separator else _delimiter(text)
    lines = io.StringIO(text[separator.end() :] if separator else text, newline="")
    rows = csv.DictReader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        columns = _columns(path, rows, names, plan)
        if columns is None:
            return []
        path_column, fields = columns
        for row in rows:
            place = f"{path}, line {rows.line_num + bool(separator)}"
            if not any(value.strip() for value in _values(row)):
                continue  # spreadsheets leave such rows at the end
            if problem := _problem(row, path_column):
                plan.problems.append(f"{place}: {problem}")
                continue
            values = {names.exact(name): value for name in fields if (value := (row[name] or "").strip())}
            file = _on_disk(path.parent, row[path_column].strip())
            candidates.append(Candidate(file, values, place, is_listed=True))
        if not candidates and before == len(plan.problems):
            plan.problems.append(f"{path}: the list doesn't contain any recordings")
    except csv.Error as exc:
        where = f"{path}, line {rows.line_num + bool(separator)}"
        plan.problems.append(f"{where}: {exc}. Check the quotation marks near that line.")
    return candidates


def _columns(path: Path, rows: "csv.DictReader[str]", names: FieldNames, plan: Plan) -> tuple[str, list[str]] | None:
    """Return the column with the paths, and those with fields; None if the first line can't be used."""
    columns = [name.strip() for name in rows.fieldnames or ()]
    path_column = next((name for name in columns if name.casefold() in PATH_COLUMNS), None)
    if path_column is None:
        plan.problems.append(f"{path}: the first line needs a column named file")
        return None
    rows.fieldnames = [name or f"{NAMELESS}{index}" for index, name in enumerate(columns)]
    fields = [name for name in columns if name]
    fields.remove(path_column)
    problems = names.find_problems(fields)
    plan.problems += [f"{path}: {problem}" for problem in problems]
    return None if problems else (path_column, fields)


def _text(path: Path, plan: Plan) -> str | None:
    """Return a list's text; None if it can't be read, which becomes a problem."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        why = f"can't be read ({exc.strerror})" if isinstance(exc, OSError) else f"isn't UTF-8 text. {REMEDY}"
        plan.problems.append(f"{path}: {why}")
        return None


def _on_disk(folder: Path, name: str) -> Path:
    """Return the path of a file: some systems decompose umlauts in names, and spreadsheets don't."""
    for form in ("NFC", "NFD"):
        path = folder / unicodedata.normalize(form, name)
        if path.exists():
            return path
    return folder / name


def _problem(row: Mapping[Any, Any], path_column: str) -> str:
    """Return what is wrong with a row; empty if nothing is."""
    if None in row:
        return "more values than columns"
    if any((value or "").strip() for name, value in row.items() if name.startswith(NAMELESS)):
        return "a value is in a column without a name. Name that column."
    return (
        ""
        if (row[path_column] or "").strip()
        else f"the column {path_column} is empty. Enter the path of the recording."
    )


def _values(row: Mapping[Any, Any]) -> Iterator[str]:
    """Yield all values of a row: those beyond its columns are a list, and missing ones are None."""
    for value in row.values():
        yield from value if isinstance(value, list) else [value or ""]


def _delimiter(text: str) -> str:
    """Return the delimiter: a comma, or what spreadsheets in other countries use instead."""
    first: str = text.partition("\n")[0]
    candidates: Sequence[str] = (",", ";", "\t")
    return max(candidates, key=first.count)
