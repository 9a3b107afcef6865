"""Draws docs/icon.png, the app's icon in Slack, from docs/icon.svg: `uv run python -m tests.icon`."""

import subprocess
import tempfile
from pathlib import Path

from tests.browser import MISSING, find_chromium
from tests.rooms import ROOT

SVG, PNG = ROOT / "docs" / "icon.svg", ROOT / "docs" / "icon.png"
SIZE = 512
"""In pixels; Slack wants a square of 512 to 2000."""
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1")


def draw(target: Path) -> None:
    if (command := find_chromium()) is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "icon.html"
        page.write_text(f'<body style="margin:0"><img src="{SVG.as_uri()}" width="{SIZE}" style="display:block">')
        where = (f"--window-size={SIZE},{SIZE}", f"--screenshot={target}", f"--user-data-dir={folder}/profile")
        subprocess.run([command, *OPTIONS, *where, page.as_uri()], check=True, capture_output=True)  # noqa: S603


if __name__ == "__main__":
    draw(PNG)
