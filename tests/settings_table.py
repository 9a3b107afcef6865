"""Writes the table of settings in docs/settings.md: `uv run python -m tests.settings_table --write`.

Without `--write` it prints the table. Names, defaults and descriptions come from the code.
"""

import sys

from bot.config.documented import documented
from tests.pages import put_between
from tests.rooms import ROOT

PAGE = ROOT / "docs" / "settings.md"
BEGIN, END = "<!-- table: made by tests/settings_table.py -->\n", "<!-- end of the table -->\n"


def write_table() -> str:
    """Return the table as Markdown."""
    lines = ["| setting | default | description |", "|---|---|---|"]
    for setting in documented():
        default = f"`{setting.default}`" if setting.default else "–"
        secret = " (secret)" if setting.is_secret else ""
        lines.append(f"| `{setting.name}` | {default} | {setting.description}{secret} |")
    return "\n".join([*lines, ""])


def put_into_page(page: str) -> str:
    """Return the page with the table between its two marks."""
    return put_between(page, BEGIN, END, write_table())


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(put_into_page(PAGE.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(write_table())
