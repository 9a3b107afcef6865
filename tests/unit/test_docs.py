"""What the pages for contributors say is so."""

import re
from pathlib import Path

import pytest

from tests.diagram import PAGE, put_into_page
from tests.rooms import ROOT

DOCS = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md"))
PAGES = ("CONTRIBUTING.md", "SECURITY.md", *DOCS)
PATH = re.compile(r"`((?:bot|handlers|tests|docs|deploy|\.ci|\.github)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def test_the_diagram_is_drawn_from_the_imports() -> None:
    """`uv run python -m tests.diagram --write` draws it again."""
    page = PAGE.read_text("utf-8")
    assert put_into_page(page) == page


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_link_leads_somewhere(page: str) -> None:
    """Files move, and pages are forgotten."""
    text = (ROOT / page).read_text("utf-8")
    folder = (ROOT / page).parent
    missing = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    missing += [link for link in LINK.findall(text) if not (folder / Path(link)).exists()]
    assert not missing
