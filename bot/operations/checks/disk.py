"""Whether the database is on a disk that lasts, as far as this machine tells.

Only Linux tells, and not everything: a volume that is deleted with its pod looks like one that isn't.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.operations.checks.check import Check

MOUNTS = Path("/proc/self/mounts")
"""Every mounted file system: https://man7.org/linux/man-pages/man5/fstab.5.html"""
IN_MEMORY = {"tmpfs", "ramfs", "devtmpfs"}
IN_CONTAINER = {"overlay", "aufs", "fuse.fuse-overlayfs"}
ON_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs"}
NO_DISK = {"DYNO": "Heroku"}
"""A variable of each platform that has no disks that last."""
OWN_DISK = {"RENDER": "Render", "RAILWAY_PROJECT_ID": "Railway", "FLY_APP_NAME": "Fly.io"}
"""A variable of each platform whose disks are mounted apart, and which replaces all else at each deployment."""
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Risk:
    """`what` is a phrase and `remedy` a sentence."""

    what: str
    remedy: str


def check_disk(database: Path) -> list[Check]:
    """Return a note if the database may not last; the bot works all the same. Blocks."""
    risk = find_risk(database)
    return [] if risk is None else [Check("disk", ok=True, detail=risk.what, remedy=risk.remedy)]


def find_risk(database: Path) -> Risk | None:
    """Return why the database may not last, or None if nothing says so. Blocks."""
    try:
        mounts = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        mounts = ""
    return judge(PurePosixPath(database.resolve()), mounts, os.environ)


def judge(database: PurePosixPath, mounts: str, environment: Mapping[str, str]) -> Risk | None:
    """The same for these lines of /proc/self/mounts and these variables. Pure."""
    point, kind = _mount_of(database, mounts)
    for variable, platform in NO_DISK.items():
        if variable in environment:
            return Risk(
                f"{platform} deletes all files at every restart, so the database is lost at least once a day",
                "Run the bot where it has a disk that lasts.",
            )
    for variable, platform in OWN_DISK.items():
        if variable in environment and point == "/":
            return Risk(
                f"{platform} keeps files only on a volume, so the database is lost at the next deployment",
                "Attach a volume, and set DATABASE_PATH to a file on it.",
            )
    if kind in IN_CONTAINER:
        return Risk(
            f"the database is in the container's own files ({kind}), and lost when the container is replaced",
            "Mount a volume, and set DATABASE_PATH to a file on it.",
        )
    if kind in IN_MEMORY:
        return Risk(
            f"the database is in memory ({kind} at {point}), and lost at the next restart",
            "Set DATABASE_PATH to a file on a disk.",
        )
    if kind in ON_NETWORK:
        return Risk(
            f"the database is on a network disk ({kind} at {point}), where it can be damaged if two processes use it",
            "Set DATABASE_PATH to a file on a local disk.",
        )
    return None


def _mount_of(path: PurePosixPath, mounts: str) -> tuple[str, str]:
    """Return where the file system with this path is mounted, and its kind; empty if that isn't known."""
    found = ("", "")
    for line in mounts.splitlines():
        _, point, kind, *_ = *line.split(" "), "", "", ""
        point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), point)
        # Of several at one place, the last one counts: it covers the others.
        if point and path.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, kind)
    return found
