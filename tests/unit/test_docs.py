"""What the pages for readers say is so."""

import ast
import re
import shlex
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import pytest

from bot.cli.main import main
from bot.commands.customers import CustomerNames
from bot.commands.registry import COMMANDS, parse
from bot.config.documented import documented
from bot.model.commands import StartCommand
from bot.operations.manifest import SCOPES
from tests import diagram, pages, settings_table
from tests.doc_pictures import FOLDER, SCENES, SCHEMES
from tests.rooms import ROOT

PATH = re.compile(r"`((?:bot|handlers|tests|docs|deploy|\.ci|\.github)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PICTURE = re.compile(r'(?:src|srcset)="([^"]+)"')
KINDS = re.compile(r"sh|sh needs [\w ]+|json [\w -]+|mermaid")
"""The blocks of code that there are; one that `needs` something isn't run by the tests."""


def test_the_diagram_is_drawn_from_the_imports() -> None:
    """`uv run python -m tests.diagram --write` draws it again."""
    page = diagram.PAGE.read_text("utf-8")
    assert diagram.put_into_page(page) == page


def test_the_table_of_settings_is_written_from_the_code() -> None:
    """`uv run python -m tests.settings_table --write` writes it again."""
    page = settings_table.PAGE.read_text("utf-8")
    assert settings_table.put_into_page(page) == page
    assert [row[0] for row in pages.rows(page)] == [f"`{setting.name}`" for setting in documented()]


# ---- README.md -------------------------------------------------------------------------------------------------------


def test_readme_is_short() -> None:
    """What takes longer to explain is in docs/."""
    assert 1_000 < len(pages.read("README.md").split()) < 1_350


def test_readme_leads_to_every_page() -> None:
    """A page that nobody finds is never read."""
    linked = set(LINK.findall(pages.read("README.md")))
    assert linked >= {name for name in pages.NAMES if name != "README.md"}


def test_pictures_are_small_and_all_shown() -> None:
    """In light and dark; `uv run python -m tests.doc_pictures` draws them again. Each says in words what it shows."""
    drawn = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert drawn.keys() == {f"{name}-{scheme}.png" for name in SCENES for scheme in SCHEMES}
    assert max(drawn.values()) < 150_000
    text = pages.read("README.md")
    assert {Path(path).name for path in PICTURE.findall(text)} == drawn.keys()
    images = re.findall(r"<img [^>]*>", text)
    assert len(images) == len(SCENES)
    assert all(re.search(r'alt="[^"]{80,}"', image) for image in images)


# ---- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", pages.NAMES)
def test_every_path_and_link_leads_somewhere(name: str) -> None:
    """Files move, headings change, and pages are forgotten."""
    text, folder = pages.read(name), (ROOT / name).parent
    missing = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    missing += [path for path in PICTURE.findall(text) if not (folder / path).exists()]
    for link in LINK.findall(text):
        path, _, anchor = link.partition("#")
        if path.startswith("https:"):
            continue
        target = (folder / path).resolve() if path else ROOT / name
        if not target.exists() or (anchor and anchor not in pages.anchors(str(target.relative_to(ROOT)))):
            missing.append(link)
    assert not missing


# ---- commands in Slack -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Customer:
    domain: str
    names: tuple[str, ...]


ACME = CustomerNames([Customer("acme.com", ("Acme GmbH",))])
WRITTEN = {
    r"\[([^\]]*)\]": r"\1",
    r"lang:en\|de": "lang:de",
    "…": "",
    r"\bCUSTOMER\b": "acme.com",
    r"\bRANGE\b": "last-week",
    r"\bFILTER\b": "type:Discovery",
    r"\bID\b": "c1",
    r"\bTOPIC\b": "dates",
    r"\bWORDS\b": "price",
    r"\bHH:MM\b": "8:30",
    r"\bDAYS\b": "weekdays",
    r"\bZONE\b": "Europe/Berlin",
    r"(?<![\w.])@[\w.]+": "<@U0123456789>",
}
"""How a command is typed that is written with placeholders. Slack sends mentions as IDs."""


def as_typed(written: str) -> str:
    for pattern, typed in WRITTEN.items():
        written = re.sub(pattern, typed, written)
    return written


@pytest.mark.parametrize("name", [name for name in pages.NAMES if name != "CONTRIBUTING.md"])
def test_every_command_is_understood(name: str) -> None:
    """As the bot's own parser reads it. CONTRIBUTING.md has one that nobody has written yet."""
    written = [code.removeprefix("/kickscale") for code in pages.codes(name) if code.startswith("/kickscale")]
    written += re.findall(r'"/kickscale ([^"]*)"', "\n".join(line for _, line in pages.shell_lines(name)))
    for text in written:
        command = parse(as_typed(text), today=date(2026, 11, 26), customers=ACME)
        assert isinstance(command, StartCommand) == (not text), text


@pytest.mark.parametrize("heading", ["Customers", "Dates", "Filters"])
def test_everything_that_narrows_a_list_is_understood(heading: str) -> None:
    """Each is read as what its table says, not as a word to look for."""
    table = pages.rows(pages.section("docs/commands.md", heading))
    for text in re.findall(r"`([^`]+)`", " ".join(row[0] for row in table)):
        line = as_typed(text if text.startswith("my ") else f"calls {text}")
        parse(line, today=date(2026, 11, 26), asker="U0123456789", customers=ACME)


@pytest.mark.parametrize("name", ["README.md", "docs/commands.md"])
def test_every_command_is_documented(name: str) -> None:
    """Those that only admins need, too."""
    written = {code.split()[1] for code in pages.codes(name) if code.startswith("/kickscale ")}
    assert written >= {syntax.name for syntax in COMMANDS}


# ---- the command line ------------------------------------------------------------------------------------------------

STARTED = re.compile(r"(?:^|-- |exec bot )(?:uv run |/[\w./-]*/)?(?:kickscale-bot|python -m bot)(?= |$)")
BOUND = re.compile(r" #|&&|[|>)]")


def command_lines(name: str) -> list[list[str]]:
    """Return the arguments of each call of the program on a page."""
    written = pages.codes(name) + [line for _, line in pages.shell_lines(name)]
    called = [text[match.end() :] for text in written for match in STARTED.finditer(text)]
    return [shlex.split(re.sub(r"[\[\]]", "", BOUND.split(line)[0])) for line in called]


def resolve(arguments: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command, and what follows its name. Raises KeyError if there is none of this name."""
    command: click.Command = main
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        command, arguments = command.commands[arguments[0]], arguments[1:]
    return command, arguments


@pytest.mark.parametrize("name", pages.NAMES)
def test_every_call_of_the_program_has_its_options(name: str) -> None:
    """Also those that the tests can't run."""
    for arguments in command_lines(name):
        command, rest = resolve(arguments)
        options = {option for parameter in command.params for option in parameter.opts} | {"--help", "--version"}
        assert {argument for argument in rest if argument.startswith("--")} <= options, arguments


def test_every_command_of_the_program_is_documented() -> None:
    """For people, not only by --help."""
    named = {arguments[0] for name in pages.NAMES for arguments in command_lines(name) if arguments}
    assert named >= set(main.commands)


@pytest.mark.parametrize("name", pages.NAMES)
def test_every_block_of_code_says_what_it_is(name: str) -> None:
    """So that none is forgotten by the test that runs them."""
    assert [block.kind for block in pages.blocks(name) if not KINDS.fullmatch(block.kind)] == []


# ---- what people see -------------------------------------------------------------------------------------------------


def test_every_scope_is_explained() -> None:
    """With the same words as in the manifest."""
    assert pages.rows(pages.section("docs/privacy.md", "Why each Slack scope")) == [
        [f"`{scope}`", why] for scope, why in SCOPES.items()
    ]


def test_symptoms_are_in_the_words_that_people_see() -> None:
    """Each sentence is the bot's own, except for Slack's."""
    said = [(ROOT / "bot" / "texts" / "en.toml").read_text("utf-8").replace('\\"', '"')]
    for path in (ROOT / "bot").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        said += [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    everything = "\n".join(said)
    page = pages.read("docs/troubleshooting.md").replace(pages.section("docs/troubleshooting.md", "Slack says"), "")
    quoted = [quote for row in pages.rows(page) for quote in re.findall(r"“([^”]+)”", row[0])]
    assert len(quoted) > 50
    parts = [part.strip(" ") for quote in quoted for part in quote.split("…")]
    assert [part for part in parts if part not in everything] == []
