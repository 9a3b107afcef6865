"""Searches folders for files that may be recordings."""

import os
import re
from collections.abc import Container, Sequence
from pathlib import Path

from bot.tools.terminal import is_text
from bot.uploads.from_disk.plan import Candidate, Plan

RENAME = "Rename it to upload it."
_DELETED = {"$recycle.bin", "#recycle", "@recycle", "recycler", "recycled", "recycle bin", "trash", "trashbox"} | {
    "network trash folder",
}
_SYSTEM = {"#snapshot", "@eadir", "@recently-snapshot", "@sharebin", "@sharesnap", "@snapshot", "@tmp", "__macosx"} | {
    "found.000",
    "lost+found",
    "system volume information",
    "temporary items",
}
"""Thumbnails, snapshots and resource forks, by Synology, QNAP, macOS, Windows and Linux."""
_UNFINISHED = re.compile(
    r"\.(?:part|partial|filepart|crdownload|opdownload|download|aria2|ytdl|tmp|temp|!ut|!qb|bc!)$", re.IGNORECASE
)
"""Downloads in progress or interrupted; Safari's are folders."""


def search(top: Path, plan: Plan) -> list[Candidate]:
    """Return the files in a folder and its subfolders. A folder that can't be read becomes a problem of the plan."""
    candidates: list[Candidate] = []
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
            folders += reversed(_sort(folder, entries, candidates, plan))
        except OSError as exc:
            plan.problems.append(f"{folder}: can't be read ({exc.strerror})")
    return candidates


def _sort(folder: Path, entries: Sequence[os.DirEntry[str]], candidates: list[Candidate], plan: Plan) -> list[Path]:
    """Add the files of a folder to the candidates or to what is skipped; return the folders in it to search."""
    names = {entry.name for entry in entries}
    folders = []
    for entry in entries:
        path = folder / entry.name
        if why := _why_skipped(entry, names):
            plan.skipped[path] = why
        elif entry.is_dir(follow_symlinks=False):
            folders.append(path)
        elif not entry.name.startswith("."):
            candidates.append(Candidate(path, {}, str(path), is_found=True))
    return folders


def _why_skipped(entry: os.DirEntry[str], names: Container[str]) -> str:
    """Return why an entry of a folder with these `names` is skipped; empty if it may be or contain a recording."""
    is_link = entry.is_symlink()
    if entry.is_dir(follow_symlinks=False):
        name = entry.name.casefold()
        if name in _DELETED or name.startswith((".trash", ".recycle")):
            return "a recycle bin"
        if name in _SYSTEM:
            return "a system folder"
        if name.startswith("."):
            return "a hidden folder"
        return "an unfinished download" if name.endswith(".download") else ""
    if entry.name.startswith("."):
        return ""
    if is_link and entry.is_dir():
        return "a link to a folder; to upload its recordings, pass that folder itself"
    if not entry.is_file():
        return "a broken link" if is_link and not Path(entry.path).exists() else "not a regular file"
    if _UNFINISHED.search(entry.name) or f"{entry.name}.aria2" in names:
        return "an unfinished download"
    return "" if is_text(entry.name) else "its name isn't UTF-8 text; rename it to upload it"
