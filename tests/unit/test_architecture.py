"""The layout of the code: which room may import which, what is pure, and what is used in one place only."""

import re
from graphlib import TopologicalSorter

import pytest

from tests.rooms import LAYER_OF, MODULES, ROOT, imports_of, is_ours, is_within, room_of

PURE = ("model", "errors", "ids", "domains", "texts", "commands", "forms", "render")
IO = {
    *("aiohttp", "apscheduler", "asyncio", "slack_bolt", "slack_sdk", "socket"),
    *("procrastinate", "psycopg", "sqlite3", "sqlite_utils"),
}
DOORS = {
    "slack_bolt": ("handlers", "bot.app"),
    "slack_sdk": ("bot.slack", "bot.app"),
    "sqlite_utils": ("bot.storage.sqlite",),
    "sqlite3": ("bot.storage.sqlite",),
    "apscheduler": ("bot.jobs",),
    "babel": ("bot.texts.formatting", "bot.sandbox.slack.dates"),
    "bot.storage.sqlite": ("bot.storage.sqlite", "bot.app"),
    "bot.storage.postgres": ("bot.storage.postgres", "bot.app"),
    "psycopg": ("bot.storage.postgres",),
    "procrastinate": ("bot.storage.postgres",),
    "bot.sandbox": ("bot.sandbox", "bot.cli"),
}
"""Which packages may import each of these."""
MOST_LINES = 400
MOST_LOOSE_MODULES = 8


def test_arrows_between_rooms_go_one_way() -> None:
    """A room imports only rooms of earlier layers."""
    wrong = [
        f"{module} imports {imported}"
        for module in filter(is_ours, MODULES)
        for imported in filter(is_ours, imports_of(module))
        if room_of(imported) != room_of(module) and LAYER_OF[room_of(imported)] >= LAYER_OF[room_of(module)]
    ]
    assert not wrong


def test_imports_have_no_cycle() -> None:
    """Not even lazily: a cycle means that two modules are one."""
    ours = {module: {name for name in imports_of(module) if name in MODULES} for module in MODULES}
    list(TopologicalSorter(ours).static_order())


@pytest.mark.parametrize("target", DOORS)
def test_libraries_are_imported_only_where_they_belong(target: str) -> None:
    """Slack, HTTP, SQL and the database each have one room for it."""
    for module in MODULES:
        if any(is_within(imported, target) for imported in imports_of(module)):
            assert any(is_within(module, allowed) for allowed in DOORS[target]), f"{module} imports {target}"


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_do_no_io(room: str) -> None:
    """Neither themselves nor through anything that they import."""
    reached = [module for module in MODULES if room_of(module) == room]
    for module in reached:  # it grows
        for imported in imports_of(module):
            assert imported.split(".", 1)[0] not in IO, f"{module} imports {imported}"
            if imported in MODULES and imported not in reached:
                reached.append(imported)


def test_no_module_has_two_ideas() -> None:
    """A longer one has."""
    lengths = {module: len(path.read_text().splitlines()) for module, path in MODULES.items()}
    assert not {module: length for module, length in lengths.items() if length > MOST_LINES}


def test_few_modules_are_outside_a_room() -> None:
    """Only those that all rooms use."""
    assert len(list((ROOT / "bot").glob("*.py"))) <= MOST_LOOSE_MODULES


def test_printing_goes_through_one_place() -> None:
    """Otherwise a name from outside could control the terminal."""
    for module, path in MODULES.items():
        if module != "bot.tools.terminal":
            assert not re.search(r"click\.s?echo\(", path.read_text()), module


@pytest.mark.parametrize(
    ("client", "place"),
    [
        ("KickscaleClient", "bot.app.clients"),
        ("Sender", "bot.app.clients"),
        ("AsyncWebClient", "bot.app.slack_access"),
    ],
)
def test_clients_are_built_in_one_place(client: str, place: str) -> None:
    """Otherwise one of them would lack a setting, for example KICKSCALE_STORAGE_HOSTS."""
    builders = [module for module, path in MODULES.items() if re.search(rf"(?<!class )\b{client}\(", path.read_text())]
    assert builders == [place]


def test_no_package_metadata_is_needed() -> None:
    """A platform installs the requirements and not the bot itself, which then has none."""
    for module in MODULES:
        assert not imports_of(module) & {"importlib.metadata", "importlib_metadata", "pkg_resources"}, module


def test_handlers_open_conversations_as_somebody() -> None:
    """What they show was judged for the person who asked; the bot's own way to Kickscale is not theirs."""
    for module, path in MODULES.items():
        if is_within(module, "handlers"):
            assert "conversations.read(" not in path.read_text(), module


def test_handlers_ask_services_only() -> None:
    """They know neither the storage nor the API's client."""
    for module in MODULES:
        if is_within(module, "handlers"):
            assert not {room_of(name) for name in filter(is_ours, imports_of(module))} & {"storage", "kickscale"}, (
                module
            )
            assert "aiohttp" not in imports_of(module), module


def test_no_service_keeps_texts() -> None:
    """Which ones are needed depends on the reader, so they are asked for while rendering."""
    for module, path in MODULES.items():
        if room_of(module) not in ("render", "texts"):
            assert not re.search(r"self\._?texts\b|^    texts: Texts", path.read_text(), re.MULTILINE), module
