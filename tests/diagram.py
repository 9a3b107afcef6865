"""Draws the rooms of the code and the arrows between them: `uv run python -m tests.diagram --write`.

Without `--write` it prints the diagram. It is Mermaid, which code hosts draw. An arrow that follows from two others is
left out, and so are the rooms that everybody uses.
"""

import sys

from tests.pages import put_between
from tests.rooms import LAYER_OF, LAYERS, MODULES, ROOT, imports_of, is_ours, room_of

PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- diagram: made by tests/diagram.py -->\n", "<!-- end of the diagram -->\n"
USED_BY_ALL = LAYERS[0] | LAYERS[1] | LAYERS[2] | {"__main__"}


def find_arrows() -> dict[str, set[str]]:
    """Return for each room the rooms that it imports."""
    arrows: dict[str, set[str]] = {room: set() for room in LAYER_OF if room not in USED_BY_ALL}
    for module in filter(is_ours, MODULES):
        for imported in filter(is_ours, imports_of(module)):
            here, there = room_of(module), room_of(imported)
            if here != there and here in arrows and there in arrows:
                arrows[here].add(there)
    return arrows


def reduce_arrows(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out each arrow that a longer way makes superfluous."""

    def reachable(room: str) -> set[str]:
        return arrows[room].union(*(reachable(other) for other in arrows[room]))

    return {
        room: {other for other in others if not any(other in reachable(between) for between in others - {other})}
        for room, others in arrows.items()
    }


def draw() -> str:
    """Return the diagram as a Mermaid block."""
    arrows = reduce_arrows(find_arrows())
    lines = ["```mermaid", "flowchart TD"]
    for layer in reversed(LAYERS):
        rooms = sorted(layer - USED_BY_ALL)
        lines += [f"    {room}" for room in rooms]
        lines += [f"    {room} --> {other}" for room in rooms for other in sorted(arrows[room])]
    return "\n".join([*lines, "```", ""])


def put_into_page(page: str) -> str:
    """Return the page with the diagram between its two marks."""
    return put_between(page, BEGIN, END, draw())


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(put_into_page(PAGE.read_text()))
    else:
        sys.stdout.write(draw())
