"""The next release of the bot: this one with one more step in its schema."""

import shutil
from pathlib import Path

from tests.rooms import ROOT

STEPS = ROOT / "bot" / "storage" / "postgres" / "schema.py"


def make_release(folder: Path, name: str, statements: str) -> Path:
    """Copy the code to this folder, and add a step to its schema. Return the folder, for PYTHONPATH."""
    for package in ("bot", "handlers"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    schema = folder / STEPS.relative_to(ROOT)
    before, end, after = schema.read_text("utf-8").partition("\n}\n")
    schema.write_text(f'{before}\n    {name!r}: """{statements}""",{end}{after}', "utf-8")
    return folder
