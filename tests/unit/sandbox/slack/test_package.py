"""An independent judge: the embedded Slack knows nothing of the bot it judges."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.sandbox.slack

PACKAGE = Path(bot.sandbox.slack.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ALLOWED = ("bot.clock", "bot.sandbox.slack")


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(PACKAGE).as_posix())
def test_it_shares_no_code_with_the_bot_nor_with_slacks_sdk(module: Path) -> None:
    """Only the clock, which both go by."""
    for name in imported(module):
        assert name.split(".")[0] not in {"slack_sdk", "slack_bolt", "handlers"}
        assert not name.startswith("bot") or name.startswith(ALLOWED), name
