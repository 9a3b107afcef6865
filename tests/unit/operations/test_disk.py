"""Whether the database is on a disk that lasts, by what Linux and the platform say."""

from pathlib import PurePosixPath

import pytest

from bot.operations.checks.disk import judge

HOST = "proc /proc proc rw 0 0\n/dev/vda / ext4 rw,relatime 0 0\ntmpfs /dev/shm tmpfs rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n"
CONTAINER = "overlay / overlay rw,lowerdir=/a:/b 0 0\n/dev/vda /data ext4 rw 0 0\ntmpfs /data/tmp tmpfs rw 0 0\n"
DISKLESS = "/dev/vda / ext4 rw 0 0\n/dev/vdb /data ext4 rw 0 0\n"
NETWORK = "/dev/vda / ext4 rw 0 0\nserver:/export /mnt/with\\040space nfs4 rw 0 0\n"


@pytest.mark.parametrize(
    ("path", "mounts", "variables", "says"),
    [
        ("/var/lib/kickscale-bot/bot.db", HOST, {}, None),
        ("/dev/shm/bot.db", HOST, {}, "in memory (tmpfs at /dev/shm)"),  # noqa: S108 a name only
        ("/tmp/bot.db", HOST, {}, "in memory (tmpfs at /tmp)"),  # noqa: S108 likewise
        ("/tmp-files/bot.db", HOST, {}, None),  # noqa: S108 likewise
        ("/app/bot.db", CONTAINER, {}, "in the container's own files (overlay)"),
        ("/data/bot.db", CONTAINER, {}, None),
        ("/database/bot.db", CONTAINER, {}, "in the container's own files (overlay)"),
        ("/data/tmp/bot.db", CONTAINER, {}, "in memory (tmpfs at /data/tmp)"),
        ("/app/bot.db", HOST, {"DYNO": "web.1"}, "Heroku deletes all files"),
        ("/data/bot.db", DISKLESS, {"DYNO": "web.1"}, "Heroku deletes all files"),
        ("/app/bot.db", DISKLESS, {"RENDER": "true"}, "Render keeps files only on a volume"),
        ("/app/bot.db", DISKLESS, {"FLY_APP_NAME": "bot"}, "Fly.io keeps files only on a volume"),
        ("/app/bot.db", CONTAINER, {"RAILWAY_PROJECT_ID": "1"}, "Railway keeps files only on a volume"),
        ("/data/bot.db", DISKLESS, {"RENDER": "true", "FLY_APP_NAME": "bot", "RAILWAY_PROJECT_ID": "1"}, None),
        ("/mnt/with space/bot.db", NETWORK, {}, "on a network disk (nfs4 at /mnt/with space)"),
        ("/data/bot.db", "/dev/vda /data ext4 rw 0 0\ntmpfs /data tmpfs rw 0 0\n", {}, "in memory"),
        ("/data/bot.db", "", {}, None),
        ("/data/bot.db", "odd\n\n/ x\n", {}, None),
    ],
)
def test_a_disk_that_does_not_last_is_named(
    path: str, mounts: str, variables: dict[str, str], says: str | None
) -> None:
    """With what will happen; what nothing speaks against is not suspected."""
    risk = judge(PurePosixPath(path), mounts, variables)
    assert (risk is None) == (says is None)
    assert risk is None or (says in f"{risk.what}" and risk.remedy)  # type: ignore[operator]
