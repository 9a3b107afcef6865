"""Draws the pictures in docs/pictures, light and dark: `uv run python -m tests.doc_pictures [NAME …]`.

They show the sandbox's page in Chromium, after these commands. Look at each picture before you commit it.
"""

import asyncio
import io
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PIL import Image
from playwright.async_api import FloatRect, Locator, expect

from bot.observe import logs
from tests.browser import MISSING, chromium, find_chromium
from tests.rooms import ROOT
from tests.scenarios.sandbox.conftest import PATIENCE, Visit, visiting

FOLDER = ROOT / "docs" / "pictures"
SCHEMES = ("light", "dark")
FONTS = ("Lato", "Noto Color Emoji")
"""Without these, the page looks like no Slack, and emoji are empty boxes."""
SCALE = 1.5
COLORS = 128

Shoot = Callable[[Visit], Awaitable[tuple[Locator, ...]]]
"""Leads the page to what a picture shows, and returns that: elements beneath each other."""


@dataclass(frozen=True)
class Scene:
    shoot: Shoot
    width: int
    height: int


SCENES: dict[str, Scene] = {}


def scene(width: int = 940, height: int = 1800) -> Callable[[Shoot], Shoot]:
    """By default, the window is so high that nothing needs to be scrolled."""

    def add(shoot: Shoot) -> Shoot:
        SCENES[shoot.__name__.removeprefix("draw_")] = Scene(shoot, width, height)
        return shoot

    return add


@scene(1120, 760)
async def draw_answer(visit: Visit) -> tuple[Locator, ...]:
    """Not the first one, which takes as long as the start of the sandbox; it has been scrolled away."""
    await expect(visit.newest).to_contain_text("calls with acme.com")
    await visit.type("/kickscale calls acme.com last-week")
    await expect(visit.page.locator("#messages article")).to_have_count(2)
    await expect(visit.page.locator(".typed").last).to_contain_text(" ms")
    return (visit.page.locator("body"),)


@scene()
async def draw_list(visit: Visit) -> tuple[Locator, ...]:
    return await ask(visit, "show me my meetings with acme from last month", "meetings with acme.com")


@scene(940, 760)
async def draw_details(visit: Visit) -> tuple[Locator, ...]:
    await visit.newest.get_by_role("button", name=re.compile("Details")).nth(1).click()
    await expect(visit.dialog).to_contain_text("Summary")
    return (visit.dialog.locator("form"),)


@scene()
async def draw_search(visit: Visit) -> tuple[Locator, ...]:
    await visit.sandbox.bot.services.reading.catch_up()
    return await ask(visit, "search price security acme.com this-quarter", "conversations with")


@scene()
async def draw_stats(visit: Visit) -> tuple[Locator, ...]:
    await visit.sandbox.bot.services.reading.catch_up()
    typed, answer = await ask(visit, "stats acme.com", "Usual in a period")
    return typed, answer.locator(".avatar"), answer.locator("figure").first


@scene()
async def draw_upload(visit: Visit) -> tuple[Locator, ...]:
    await visit.press("Share a sample recording")
    await visit.panel.locator(".primary").click()
    await visit.dialog.get_by_role("checkbox").check()
    await visit.dialog.get_by_role("button", name="Upload").click()
    await expect(visit.panel).to_contain_text("has been analysed")
    articles = visit.panel.get_by_role("article")
    return articles.first, articles.last


@scene()
async def draw_digest(visit: Visit) -> tuple[Locator, ...]:
    await ask(visit, "digest add acme.com every weekday at 8:30", "added digest d1")
    await visit.press("Tomorrow 8:30")
    digest = visit.page.locator("#messages article", has_text="digest for Fri, 27 Nov 2026")
    await expect(digest).to_be_visible()
    return (digest,)


async def ask(visit: Visit, line: str, answered: str) -> tuple[Locator, ...]:
    """Type a command, and return it and its answer."""
    await visit.type(f"/kickscale {line}")
    await expect(visit.newest).to_contain_text(answered)
    return visit.page.locator(".typed").last, visit.newest


async def draw(visit: Visit, name: str) -> None:
    shown = await SCENES[name].shoot(visit)
    await visit.page.evaluate("document.activeElement?.blur()")
    await visit.page.mouse.move(0, 0)
    for scheme in SCHEMES:
        await visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        picture = Image.open(io.BytesIO(await visit.page.screenshot(clip=await around(shown), animations="disabled")))
        with_palette = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        with_palette.save(FOLDER / f"{name}-{scheme}.png", optimize=True)


async def around(shown: tuple[Locator, ...]) -> FloatRect:
    """Return the smallest rectangle around all of them."""
    boxes = [box for element in shown if (box := await element.bounding_box())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def has_font(family: str) -> bool:
    found = subprocess.run(["fc-list", family], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return bool(found.stdout.strip())


async def main(*names: str) -> None:
    logs.configure("CRITICAL", "text", ())
    expect.set_options(timeout=PATIENCE)
    FOLDER.mkdir(exist_ok=True)
    if (command := find_chromium()) is None:
        raise SystemExit(MISSING)
    if missing := [font for font in FONTS if not has_font(font)]:
        raise SystemExit(f"Please install the fonts {' and '.join(missing)}, e.g. fonts-lato, fonts-noto-color-emoji.")
    async with chromium(command) as browser:
        for name in names or SCENES:
            viewport = {"width": SCENES[name].width, "height": SCENES[name].height}
            async with visiting(browser, viewport=viewport, device_scale_factor=SCALE) as visit:
                await draw(visit, name)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
