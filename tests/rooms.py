"""The rooms of the code, and which imports which: read from the source, nothing is run."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]

LAYERS = (
    {"model", "errors", "clock", "domains", "email_addresses"},
    {"tools", "ids", "texts"},
    {"observe"},
    {"commands"},
    {"config"},
    {"slack", "storage"},
    {"kickscale"},
    {"access", "jobs"},
    {"customers", "forms", "mirror", "render"},
    {"announcements", "conversations"},
    {"uploads", "digests", "erasure", "operations", "search", "stats"},
    {"app"},
    {"handlers"},
    {"sandbox"},
    {"cli"},
    {"__main__"},
)
"""A room imports rooms of earlier layers only, so no two rooms of one layer know each other."""


def find_modules() -> Iterator[tuple[str, Path]]:
    for package in ("bot", "handlers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


MODULES = dict(find_modules())


@cache
def imports_of(module: str) -> frozenset[str]:
    """Everything that a module imports anywhere, functions included; a module by its own name, else as written."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            imported.update(name if name in MODULES else node.module for name in names)
    return frozenset(imported - {module})


def room_of(module: str) -> str:
    """`digests` for bot.digests.due, `errors` for bot.errors, `handlers` for all of handlers."""
    package, *rest = module.split(".")
    return rest[0] if package == "bot" and rest else package


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def is_ours(module: str) -> bool:
    return module.startswith(("bot.", "handlers"))


LAYER_OF: Mapping[str, int] = {room: number for number, layer in enumerate(LAYERS) for room in layer}
