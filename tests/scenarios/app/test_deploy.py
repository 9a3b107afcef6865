"""The files in deploy/, and what they name: metrics, settings and commands that exist."""

import configparser
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.cli.main import main
from bot.config.documented import documented
from bot.errors import SlackError
from bot.operations.app_update import EVENTS_UNTIL_0_2
from bot.operations.manifest import EVENTS
from bot.slack.failures import outcome
from tests.rooms import ROOT
from tests.world import world

DEPLOY = ROOT / "deploy"
SETTINGS = {setting.name for setting in documented()}
OF_PROMETHEUS = {"up": {"job", "instance"}}
SCRAPED = {"job", "instance"}
"""The labels that Prometheus adds to every metric."""
WORDS = {"timeout", "unreachable", "unreadable", "unexpected", "failed", "ok", "no_answer"}
"""Outcomes that aren't Slack's words."""


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
    return read


def queries() -> list[str]:
    return [
        *(rule["expr"] for rule in alerts()),
        *(target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]),
    ]


def parts(expression: Any) -> Iterator[Any]:
    """Yield a PromQL expression and all that it consists of."""
    yield expression
    for name in ("lhs", "rhs", "expr", "param", "vector_selector"):
        if (part := getattr(expression, name, None)) is not None:
            yield from parts(part)
    for argument in getattr(expression, "args", None) or ():
        yield from parts(argument)


async def served(folder: Path) -> Mapping[str, set[str]]:
    """Return the labels of each metric that a bot serves which has counted one of everything."""
    async with world(folder, over="http") as here:
        metrics = here.bot.metrics
        metrics.refused("slack")
        metrics.upload("failed")
        metrics.command("calls", "ok", 1.0)
        metrics.kickscale_request("calls", "200", 1.0)
        metrics.slack_call("auth.test", "ok", 1.0)
        metrics.jobs({"digest": 1})
        metrics.posted("digest")
        async with aiohttp.ClientSession() as session, session.get(f"{here.bot.address}/metrics") as response:
            text = await response.text()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        name: {label for s in samples if s.name == name for label in s.labels} for name in {s.name for s in samples}
    }


async def test_alerts_and_dashboard_name_metrics_that_are_served(tmp_path: Path) -> None:
    """With labels that they have; a renamed metric would only show as an alert that never comes."""
    metrics = {**OF_PROMETHEUS, **await served(tmp_path)}
    assert len(queries()) > 15
    for query in queries():
        expression = promql_parser.parse(query)
        selectors = [part for part in parts(expression) if isinstance(part, promql_parser.VectorSelector)]
        assert selectors, query
        for selector in selectors:
            assert selector.name in metrics, query
            labels = {matcher.name for matcher in selector.matchers.matchers}
            assert labels <= metrics[selector.name] | SCRAPED, query
        grouped = {label for part in parts(expression) for label in labels_of(part)}
        assert grouped <= {label for s in selectors for label in metrics[str(s.name)]}, query


def labels_of(part: Any) -> list[str]:
    """Return the labels that an aggregation keeps."""
    modifier = getattr(part, "modifier", None)
    return list(getattr(modifier, "labels", None) or ()) if isinstance(part, promql_parser.AggregateExpr) else []


def test_alerts_name_outcomes_that_occur() -> None:
    """Statuses, the bot's own words, or codes of Slack's that are counted by name."""
    words = {
        word
        for rule in alerts()
        for part in parts(promql_parser.parse(rule["expr"]))
        if isinstance(part, promql_parser.VectorSelector)
        for matcher in part.matchers.matchers
        if matcher.name == "outcome"
        for word in matcher.value.split("|")
    }
    assert len(words) > 5
    unknown = {word for word in words - WORDS if not re.fullmatch(r"[1-5](\d\d|\.\.)", word)}
    assert {word for word in unknown if outcome(SlackError(word)) != word} == set()


def test_every_alert_says_what_to_do() -> None:
    """And how urgent it is."""
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description"}


def test_the_panels_have_their_own_places() -> None:
    """None covers another, and none is outside."""
    places = [panel["gridPos"] for panel in dashboard()["panels"]]
    assert len({(place["x"], place["y"]) for place in places}) == len(places)
    assert all(place["x"] + place["w"] <= 24 for place in places)


def test_the_page_about_deploying_names_what_is_new() -> None:
    """The events that this version needs and the one before didn't."""
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert all(f"`{event}`" in page for event in set(EVENTS) - EVENTS_UNTIL_0_2)


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / name)
    return parser


@pytest.mark.parametrize("name", ["kickscale-bot@.service", "kickscale-bot-backup.service"])
def test_the_units_run_commands_that_exist(name: str) -> None:
    """In the folder with the settings, as somebody without rights."""
    service = unit(name)["Service"]
    command = re.search(r"/bin/kickscale-bot (\w+)", service["ExecStart"])
    assert command is not None
    assert command[1] in main.commands
    assert (service["User"], service["WorkingDirectory"]) == ("kickscale-bot", "/var/lib/kickscale-bot")
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == (
        "strict",
        "yes",
        "",
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze isn't installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """Every line of them; and it finds little that the bot could do to its machine."""
    names = ["kickscale-bot@.service", "kickscale-bot-backup.service", "kickscale-bot-backup.timer"]
    for name in names:
        text = (DEPLOY / name).read_text("utf-8")
        (tmp_path / name.replace("@", "@1")).write_text(re.sub(r"/opt/\S+", "/bin/true", text))
    units = [str(tmp_path / name.replace("@", "@1")) for name in names]
    assert analyze("verify", *units) == (0, "")
    code, said = analyze("security", "--offline=yes", "--threshold=25", *units[:2])
    assert code == 0, said


def analyze(*arguments: str) -> tuple[int, str]:
    ran = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return ran.returncode, ran.stderr if arguments[0] == "verify" else ran.stdout


def test_the_container_sets_settings_that_exist() -> None:
    """In the image and in compose.yaml. It has no rights, and only the volume can be written to."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    variables = set(re.findall(r"^(?:ENV)?\s+([A-Z_]+)=", text, re.MULTILINE))
    assert variables - SETTINGS == {
        "HOME",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONUNBUFFERED",
        "SQLITE_TMPDIR",
    }
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    (service,) = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"].values()
    assert set(service["environment"]) <= SETTINGS
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["environment"]["DATABASE_PATH"].startswith(service["volumes"][0].split(":")[1] + "/")


def test_two_bots_share_a_database_of_their_own() -> None:
    """With the extra that it needs, and on no disk of their own. Nobody outside reaches the database."""
    services = yaml.safe_load((DEPLOY / "compose.replicas.yaml").read_text("utf-8"))["services"]
    database = services.pop("postgres")
    assert "ports" not in database
    assert len(services) == 2
    ports = [service["ports"] for service in services.values()]
    assert ports[0] != ports[1]
    for service in services.values():
        extra = service["build"]["args"]["EXTRA"]
        assert (ROOT / f"requirements{extra}.txt").exists()
        assert set(service["environment"]) <= SETTINGS
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert "volumes" not in service
        assert service["environment"]["DATABASE_URL"].endswith("@postgres/kickscale")
