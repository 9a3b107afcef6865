"""Arrows between modules point one way."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = (
    "bot.commands.registry",
    "bot.digests.yaml_file",
    "bot.commands.digest",
    "bot.commands.arguments",
    "bot.commands.tokens",
    "bot.commands.lexicon.words",
    "bot.commands.dates",
    "bot.domains",
    "bot.email_addresses",
    "bot.models",
    "bot.errors",
    "bot.ids",
    "bot.texts",
    "bot.forms.upload",
    "bot.kickscale.protocol",
    "bot.kickscale.binding.operations",
    "bot.kickscale.binding.openapi",
    "bot.kickscale.binding.upload_operation",
    "bot.kickscale.uploading.fields",
    "bot.kickscale.uploading.multipart",
    "bot.kickscale.addresses",
    "bot.kickscale.uploading.answers",
    "bot.kickscale.binding.bind",
    "bot.kickscale.records.consent",
    "bot.kickscale.records.parsing",
    "bot.kickscale.records.shapes",
    "bot.kickscale.webhook",
    "bot.uploads.recordings.boxes",
    "bot.uploads.recordings.ebml",
    "bot.uploads.recordings.flac",
    "bot.uploads.recordings.frames",
    "bot.uploads.recordings.names",
    "bot.uploads.recordings.ogg",
    "bot.uploads.recordings.samples",
    "bot.uploads.recordings.sniff",
    "bot.uploads.recordings.tags",
    "bot.uploads.recordings.window",
    "bot.digests.schedule",
    "bot.forms.subscription",
    "bot.digests.rules",
    "bot.tools.timezones",
    "bot.render",
)
IO = {"aiohttp", "apscheduler", "httpx", "slack_bolt", "slack_sdk", "sqlite3", "sqlite_utils", "asyncio"}
ALLOWED = {
    "slack_bolt": ("handlers", "bot.app.wiring", "bot.app.http"),
    "slack_sdk": ("bot.slack", "bot.app.wiring", "bot.app.clients"),
    "httpx": ("bot.kickscale",),
    "sqlite_utils": ("bot.storage.sqlite",),
    "sqlite3": ("bot.storage.sqlite",),
    "apscheduler": ("bot.jobs.timers",),
    "handlers": ("handlers", "bot.app.wiring"),
    "bot.sandbox": ("bot.sandbox", "bot.cli.main"),
    "bot.app.wiring": ("bot.cli.main", "bot.sandbox.terminal"),
}


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("bot", "handlers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


@cache
def imports(path: Path) -> set[str]:
    """Every module that is imported anywhere in a file, `from x import y` as both `x` and `x.y`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


MODULES = dict(modules())


@pytest.mark.parametrize("target", ALLOWED)
def test_a_library_is_known_where_it_belongs(target: str) -> None:
    """Slack, HTTP and SQL each stay behind one door."""
    for name, path in MODULES.items():
        if any(within(each, target) for each in imports(path)):
            assert any(within(name, allowed) for allowed in ALLOWED[target]), f"{name} imports {target}"


@pytest.mark.parametrize("module", [name for name in MODULES if any(within(name, pure) for pure in PURE)])
def test_what_is_pure_does_no_io(module: str) -> None:
    """Pure modules import only one another, and libraries that do no I/O."""
    for each in imports(MODULES[module]):
        assert each.split(".")[0] not in IO, f"{module} imports {each}"
        if within(each, "bot") and each in MODULES and each != "bot":
            assert any(within(each, pure) for pure in PURE), each


def test_what_is_printed_goes_through_one_place() -> None:
    """Or a name from outside could steer the terminal."""
    for name, path in MODULES.items():
        if name != "bot.tools.terminal":
            assert not re.search(r"click\.s?echo\(", path.read_text()), name


@pytest.mark.parametrize("client", ["KickscaleClient", "Sender", "AsyncWebClient"])
def test_clients_are_built_in_one_place(client: str) -> None:
    """Or one of them would lack a setting, such as KICKSCALE_STORAGE_HOSTS."""
    builders = [name for name, path in MODULES.items() if re.search(rf"(?<!class )\b{client}\(", path.read_text())]
    assert builders == ["bot.app.clients"]


def test_no_package_metadata_is_needed() -> None:
    """A platform installs the requirements and not the bot itself, which then has none."""
    for name, path in MODULES.items():
        assert not imports(path) & {"importlib.metadata", "importlib_metadata", "pkg_resources"}, name


def test_handlers_open_conversations_as_somebody() -> None:
    """Whatever they show was judged for the person who asked; the bot's own way to Kickscale is not theirs."""
    for name, path in MODULES.items():
        if within(name, "handlers"):
            assert "conversations.one(" not in path.read_text(), name


def test_handlers_do_not_reach_past_the_services() -> None:
    """They know the services, the rendering and the words, and neither the storage nor the API's client."""
    for name, path in MODULES.items():
        if within(name, "handlers"):
            for each in imports(path):
                assert not any(within(each, far) for far in ("bot.storage.sqlite", "bot.kickscale", "aiohttp")), name
