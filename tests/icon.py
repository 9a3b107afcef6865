"""Draws docs/icon.png, the app's icon in Slack, from docs/icon.svg: `uv run python -m tests.icon`."""

import asyncio
from pathlib import Path

from tests.browser import MISSING, chromium, find_chromium
from tests.rooms import ROOT

SVG, PNG = ROOT / "docs" / "icon.svg", ROOT / "docs" / "icon.png"
SIZE = 512
"""In pixels; Slack wants a square of 512 to 2000."""


async def draw(target: Path) -> None:
    program = find_chromium()
    if program is None:
        raise SystemExit(MISSING)
    async with chromium(program) as browser:
        page = await browser.new_page(viewport={"width": SIZE, "height": SIZE})
        await page.set_content(f'<body style="margin:0">{SVG.read_text("utf-8")}')
        await page.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(draw(PNG))
