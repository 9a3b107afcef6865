"""How CI reads the report of pip-audit, and what it installs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOUND = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found"}
VULNERABLE = {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}


def report(*dependencies: object) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize(
    ("ended", "passes", "says"),
    [
        ((0, report(SOUND, SKIPPED), ""), True, "1 of 2 dependencies audited"),
        ((0, report(SKIPPED), ""), True, "nothing was audited"),
        ((1, "", "Traceback …\nrequests.exceptions.ConnectionError: no route to host"), True, "nothing was audited"),
        ((1, "", "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed"), True, "nothing was audited"),
        ((1, report(SOUND, VULNERABLE), "Found 1 known vulnerability"), False, "c 2: PYSEC-1, fixed in ['3']"),
        ((1, "", "Traceback …\nTypeError: broken"), False, "TypeError: broken"),
        ((2, "", "pip-audit: error: unrecognized arguments: --format"), False, "unrecognized arguments"),
        ((0, "", ""), False, "pip-audit failed"),
        ((0, "<html>", ""), False, "<html>"),
        ((0, report(), ""), False, "pip-audit failed"),
        ((1, report(SOUND), "a hash is wrong"), False, "a hash is wrong"),
        ((0, '{"dependencies": [1]}', ""), False, "pip-audit failed"),
    ],
)
def test_only_a_report_without_findings_passes(
    tmp_path: Path, ended: tuple[int, str, str], passes: bool, says: str
) -> None:
    """Or a report that couldn't be made because of the network, which it says. A crash of pip-audit doesn't pass."""
    code, out, err = ended
    (tmp_path / "out").write_text(out)
    (tmp_path / "err").write_text(err)
    fake = tmp_path / "uvx"
    fake.write_text(f'#!/bin/sh\ncat "{tmp_path}/out"\ncat "{tmp_path}/err" >&2\nexit {code}\n')
    fake.chmod(0o755)
    ran = subprocess.run(  # noqa: S603 our own
        [sys.executable, ROOT / ".ci" / "audit"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, says in ran.stdout + ran.stderr) == (0 if passes else 1, True), ran


def test_both_lock_files_lock_the_same_versions() -> None:
    """With the extra for PostgreSQL there is only more."""
    plain, extended = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-postgres.txt")
    )
    assert plain.items() < extended.items()
    assert {"procrastinate", "psycopg"} <= extended.keys() - plain.keys()
