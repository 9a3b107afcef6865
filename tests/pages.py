"""What README.md and the pages in docs/ consist of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.rooms import ROOT

NAMES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md")),
)
_BLOCK = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A block of code. `kind` is what follows its first mark: `sh`, `sh needs root`, `json doctor` …"""

    kind: str
    text: str


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str) -> list[Block]:
    return [Block(kind, text.removesuffix("\n")) for _, kind, text in _BLOCK.findall(read(name))]


def prose(name: str) -> str:
    """Return a page without its blocks of code, each paragraph and each row in one line."""
    lines = _BLOCK.sub("\n", read(name)).split("\n")
    joined = ""
    for line in lines:
        begins = not line or re.match(r" *([-|#>]|\d+\. )", line)
        joined += f"\n{line}" if begins else f" {line.strip()}"
    return joined


def codes(name: str) -> list[str]:
    """Return what is written as code within sentences and tables."""
    return [code.replace("\\|", "|") for code in _CODE.findall(prose(name))]


def shell_lines(name: str) -> Iterator[tuple[str, str]]:
    """Yield each command in a block for a shell, with the kind of the block."""
    for block in blocks(name):
        if block.kind.startswith("sh"):
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.strip():
                    yield block.kind, line.strip()


def rows(text: str) -> list[list[str]]:
    """Return the cells of a text's tables, without their headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    ruled = {number for number, line in enumerate(lines) if line.startswith("|---")}
    kept = (line for number, line in enumerate(lines) if number not in ruled and number + 1 not in ruled)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in kept]


def section(name: str, heading: str) -> str:
    """Return what is under a heading of a page."""
    return read(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def put_between(page: str, begin: str, end: str, text: str) -> str:
    """Return the page with this text between its two marks."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{text}\n{end}{after}"


def anchors(name: str) -> set[str]:
    """Return where links may lead in a page, as GitHub names its headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", _BLOCK.sub("", read(name)), re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = next(number for number in range(len(found) + 1) if _numbered(anchor, number) not in found)
        found.add(_numbered(anchor, number))
    return found


def _numbered(anchor: str, number: int) -> str:
    return f"{anchor}-{number}" if number else anchor
