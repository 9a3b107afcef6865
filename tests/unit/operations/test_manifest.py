"""The manifest: what Slack accepts, and that it asks for what the bot uses and no more."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.naming import SLASH_COMMAND
from bot.errors import ConfigError
from bot.operations.manifest import EVENTS, SCOPES, build, to_yaml

ROOT = Path(__file__).parents[3]
BOTH = [build(), build("https://bot.example.com")]

# What each method of the Web API that the bot calls needs (https://docs.slack.dev/reference/methods).
NEEDS = {
    "bots_info": {"users:read"},
    "chat_delete": {"chat:write"},
    "chat_getPermalink": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "conversations_list": {"im:read"},
    "conversations_info": {"channels:read", "groups:read", "im:read"},
    "conversations_replies": {"channels:history", "groups:history"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "files_delete": {"files:write"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read", "users:read.email"},
    "users_list": {"users:read"},
    "apps_connections_open": set(),
    "auth_test": set(),
    "views_open": set(),
    "views_push": set(),
    "views_update": set(),
}


def test_committed_file() -> None:
    """`manifest.yml` is what the command prints for Socket Mode."""
    assert (ROOT / "manifest.yml").read_text("utf-8") == to_yaml(build())


@pytest.mark.parametrize("manifest", BOTH)
def test_yaml_reads_back(manifest: dict[str, Any]) -> None:
    """The YAML says what was built."""
    assert yaml.safe_load(to_yaml(manifest)) == manifest


@pytest.mark.parametrize("manifest", BOTH)
def test_limits(manifest: dict[str, Any]) -> None:
    """Slack's documented limits (https://docs.slack.dev/reference/app-manifest)."""
    shown = manifest["display_information"]
    assert 1 <= len(shown["name"]) <= 35
    assert 1 <= len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert 1 <= len(manifest["features"]["bot_user"]["display_name"]) <= 80
    commands = manifest["features"]["slash_commands"]
    assert 1 <= len(commands) <= 50
    for command in commands:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2000
        assert 1 <= len(command["usage_hint"]) <= 1000
    assert len(manifest["oauth_config"]["scopes"]["bot"]) <= 255


def test_socket_mode() -> None:
    """Without an address Slack is reached over Socket Mode, and no address is in the manifest."""
    assert build()["settings"]["socket_mode_enabled"] is True
    assert "https://" not in to_yaml(build())


@pytest.mark.parametrize("url", ["https://bot.example.com", "https://bot.example.com/"])
def test_http(url: str) -> None:
    """With an address, commands and clicks go to it."""
    manifest = build(url)
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"
    assert manifest["features"]["slash_commands"][0]["url"] == "https://bot.example.com/slack/events"


@pytest.mark.parametrize("url", ["", "bot.example.com", "http://bot.example.com", "https://bot.example.com/?x=1"])
def test_bad_address(url: str) -> None:
    """An address that Slack can't use is refused in one line."""
    with pytest.raises(ConfigError, match=r"^--url must"):
        build(url)


def test_what_the_bot_relies_on() -> None:
    """Mentions arrive as ids, clicks arrive at all, and direct messages are not refused."""
    manifest = build()
    assert manifest["features"]["slash_commands"][0]["should_escape"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["settings"]["token_rotation_enabled"] is False


def test_every_scope_has_its_reason() -> None:
    """The printed manifest says beside each scope what it is for."""
    text = to_yaml(build())
    for scope, reason in SCOPES.items():
        assert f"- {scope}  # {reason}\n" in text


def test_scopes_are_those_of_the_calls() -> None:
    """Every method that the bot calls and every event has its scopes, and no scope is without one of them."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "bot" / "slack").rglob("*.py"))
    names = re.findall(r"client\.([a-z]+_\w+)", source)
    names += [name.replace(".", "_") for name in re.findall(r'client\.api_call\("([\w.]+)"', source)]
    called = {name for name in names if hasattr(AsyncWebClient, name)} - {"api_call"}
    assert called <= set(NEEDS)
    assert {"commands", *EVENTS.values()}.union(*(NEEDS[method] for method in called)) == set(SCOPES)


def test_the_command_is_the_one_of_the_grammar() -> None:
    """What help and errors tell people to type is what Slack knows; mentions arrive as ids."""
    commands = build()["features"]["slash_commands"]
    assert [(command["command"], command["should_escape"]) for command in commands] == [(SLASH_COMMAND, True)]
