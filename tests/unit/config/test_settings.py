"""Settings: where they come from, which are refused, and that each is documented."""

import os
import re
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.config.documented import documented
from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.kickscale.binding.bind import DEFAULT, with_overrides
from bot.model.audit import AuditKind
from bot.model.conversation import Kind

ROOT = Path(__file__).parents[3]
ENOUGH = {
    "slack_bot_token": "xoxb-1-sample",
    "slack_app_token": "xapp-1-sample",
    "kickscale_api_key": "sample-key",
    "kickscale_client_id": "sample-client",
}
SECRETS = [setting.name for setting in documented() if setting.is_secret]


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in documented():
        monkeypatch.delenv(setting.name, raising=False)


def env_file(folder: Path, text: str) -> Path:
    path = folder / "sample.env"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(**values: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        Settings.explicit(**values)
    return caught.value


# ---- where they come from ------------------------------------------------------------------------------------------


def test_defaults() -> None:
    """Nothing has to be set for the settings to be read, and every default is a safe one."""
    settings = Settings.explicit()
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.kickscale_base_url == "https://api.kickscale.com"
    assert (settings.host, settings.port) == ("127.0.0.1", None)
    assert settings.database_path == Path("kickscale-bot.db")
    assert (settings.default_timezone, settings.log_level, settings.log_format) == ("UTC", "INFO", "text")
    assert settings.kickscale_link_template == ""
    assert settings.secrets() == ()


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in both is taken from the environment, and the rest from the file."""
    monkeypatch.setenv("PORT", "8080")
    settings = Settings.load(env_file(tmp_path, "PORT=9090\nHOST=0.0.0.0\n"))
    assert (settings.port, settings.host) == (8080, "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize("empty", ["", "  ", '""'])
def test_empty_is_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    """An empty value in the environment hides neither the file's value nor the default."""
    monkeypatch.setenv("PORT", empty)
    monkeypatch.setenv("SLACK_BOT_TOKEN", empty)
    settings = Settings.load(env_file(tmp_path, "PORT=9090\n"))
    assert settings.port == 9090
    assert settings.slack_bot_token.get_secret_value() == ""


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is no error: the environment is enough."""
    assert Settings.load(tmp_path / "absent.env").port is None


def test_file_of_a_windows_editor(tmp_path: Path) -> None:
    """A byte order mark and carriage returns are no part of a setting."""
    path = tmp_path / "sample.env"
    path.write_bytes("\ufeffPORT=9090\r\nHOST=localhost\r\n".encode())
    settings = Settings.load(path)
    assert (settings.port, settings.host) == (9090, "localhost")


def test_file_in_another_encoding(tmp_path: Path) -> None:
    """A file that is not UTF-8 is named, and nothing of it is shown."""
    path = tmp_path / "sample.env"
    path.write_bytes(b"SLACK_BOT_TOKEN=xoxb-\xff\xfe\n")
    with pytest.raises(ConfigError, match="UTF-8") as caught:
        Settings.load(path)
    assert "xoxb" not in str(caught.value)


def test_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """Docker makes one if it is told to mount a file that isn't there."""
    with pytest.raises(ConfigError, match="is a folder"):
        Settings.load(tmp_path)


def test_settings_from_a_pipe(tmp_path: Path) -> None:
    """Some password managers provide the file as a pipe, which can be read once."""
    path = tmp_path / "sample.env"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=["PORT=9090\n"])
    writer.start()
    assert Settings.load(path).port == 9090
    writer.join()


def test_every_bad_value_is_named_at_once(tmp_path: Path) -> None:
    """Otherwise each start would show just the next one."""
    with pytest.raises(ConfigError) as caught:
        Settings.load(env_file(tmp_path, "PORT=http\nLOG_LEVEL=loud\nSLACK_BOT_TOKEN=sample\n"))
    assert [line.split()[0] for line in str(caught.value).splitlines()] == ["SLACK_BOT_TOKEN", "LOG_LEVEL", "PORT"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("KICKSCALE_API_KEI=sample", ["KICKSCALE_API_KEI isn't one of", "Did you mean KICKSCALE_API_KEY?"]),
        ("slack_bot_tokn=sample", ["SLACK_BOT_TOKN isn't one of", "Did you mean SLACK_BOT_TOKEN?"]),
        ("SLACK_BOT_TOKEN=xoxb-1\nSLACK_BOT_TOKN=sample", ["SLACK_BOT_TOKN isn't one of the bot's settings, so it's"]),
        ("KICKSCALE_XYZZY=sample", ["KICKSCALE_XYZZY isn't one of the bot's settings, so it's ignored."]),
        ("DATABSE_PATH=bot.db", ["DATABSE_PATH isn't one of", "Did you mean DATABASE_PATH?"]),
        ("POSTGRES_PASSWORD=sample\nHTTPS_PROXY=http://127.0.0.1:1", []),
    ],
)
def test_a_misspelled_name_is_pointed_out(tmp_path: Path, text: str, sentences: list[str]) -> None:
    """With the setting that is meant, unless that one is set; its value, which may be a secret, isn't shown."""
    said = " ".join(Settings.load(env_file(tmp_path, text)).unknown)
    assert bool(said) == bool(sentences)
    assert all(sentence in said for sentence in sentences)
    assert "sample" not in said
    if "xoxb" in text:
        assert "Did you mean SLACK_BOT_TOKEN" not in said


def test_other_programs_variables_are_not_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment, a name that only resembles a setting is somebody else's."""
    monkeypatch.setenv("ADMIN", "sample")
    monkeypatch.setenv("KICKSCALE_CLIENTID", "sample")
    (sentence,) = Settings.load(None).unknown
    assert "KICKSCALE_CLIENTID isn't" in sentence
    assert sentence.endswith("Did you mean KICKSCALE_CLIENT_ID?")


def test_other_variables_are_ignored(tmp_path: Path) -> None:
    """A file that holds other programs' variables is no error."""
    assert Settings.load(env_file(tmp_path, "POSTGRES_PASSWORD=sample\nPORT=1\n")).port == 1


def test_built_directly_reads_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings that are built for a sandbox contain nothing of the real bot's environment or file."""
    env_file(tmp_path, "KICKSCALE_API_KEY=real\n").rename(tmp_path / ".env")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-real")
    for settings in (Settings(), Settings.explicit(port=0)):
        assert settings.secrets() == ()


def test_frozen() -> None:
    """Settings can't be changed after the start."""
    with pytest.raises(ValueError, match="frozen"):
        Settings.explicit().port = 1


@pytest.mark.parametrize("written", ['"xoxb-1-sample"', " 'xoxb-1-sample' ", "“xoxb-1-sample”", "\txoxb-1-sample\n"])
def test_quotes_and_blanks_around_a_value(written: str) -> None:
    """They come along with copying, and are removed."""
    assert Settings.explicit(slack_bot_token=written).slack_bot_token.get_secret_value() == "xoxb-1-sample"


# ---- which are refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slack_bot_token", "xoxp-1-sample"),
        ("slack_bot_token", "xoxb-1\nsample"),
        ("slack_app_token", "xoxb-1-sample"),
        ("slack_signing_secret", "sample secret"),
        ("kickscale_api_key", "schlüssel-sample"),
        ("kickscale_client_id", "sample\r\nX-Injected: 1"),
        ("kickscale_webhook_secret", "abc"),
        ("kickscale_webhook_secret", "not-hexadecimal"),
        ("kickscale_webhook_secret", "00ff, not-hexadecimal"),
        ("kickscale_webhook_secret", "00 11 22"),
    ],
)
def test_bad_secret(name: str, value: str) -> None:
    """A bad secret is refused by its name, in one line, and its value is nowhere in the error or behind it."""
    error = refusal(**{name: value})
    assert error.variable == name.upper()
    assert "\n" not in str(error)
    assert value not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slack_api_url", "slack.com/api"),
        ("slack_api_url", "ftp://slack.com/api"),
        ("slack_api_url", "https://"),
        ("slack_api_url", "https://user:pass@slack.com/api"),
        ("slack_api_url", "https://slack.com/api?x=1"),
        ("slack_api_url", "https://[::1/api"),
        ("slack_api_url", "https://slack.com:99999/api"),
        ("slack_api_url", "http://slack.com/api"),
        ("kickscale_base_url", "http://api.kickscale.com"),
        ("kickscale_base_url", "http://10.0.0.1"),
        ("kickscale_base_url", "http://localhost.example.com"),
        ("public_url", "bot.example.com"),
        ("kickscale_api_key_created", "23.11.2026"),
        ("kickscale_link_template", "https://app.example.com/calls/"),
        ("kickscale_link_template", "javascript:{id}"),
        ("kickscale_link_template", "https://app.example.com/{0}/{id}"),
        ("kickscale_link_template", "https://app.example.com/{id}|x"),
        ("default_timezone", "Berlin"),
        ("default_timezone", "Europe"),
        ("default_timezone", "../../etc/passwd"),
        ("default_timezone", "EST"),
        ("log_level", "LOUD"),
        ("log_format", "xml"),
        ("host", "http://localhost"),
        ("live_poll_seconds", "59"),
        ("messages_kept_days", "0"),
        ("copies_kept_days", "for ever"),
        ("audit_kept_days", "a year"),
        ("audit_kept_days", "0"),
        ("audit_kept_days", "365 nosuch=1"),
        ("audit_kept_days", "365 asked=1 asked=2"),
        ("audit_kept_days", "asked=90"),
        ("live_poll_seconds", "5 minutes"),
        ("port", "http"),
        ("port", "-1"),
        ("port", "65536"),
        ("port", "٣"),
        ("port", 70000),
        ("database_path", "a\0b"),
        ("database_path", "~nobody-of-this-name/bot.db"),
        ("kickscale_domain_filter", "customer domain"),
        ("kickscale_call_path", "calls"),
        ("kickscale_meeting_path", "meetings"),
        ("kickscale_upload", "by hand or by post"),
    ],
)
def test_bad_value(name: str, value: object) -> None:
    """A bad value is refused in one line that names the variable."""
    error = refusal(**{name: value})
    assert error.variable == name.upper()
    assert str(error).startswith(f"{name.upper()} ")
    assert "\n" not in str(error)


def test_first_bad_value() -> None:
    """Of several bad values, the first in the order of the documentation is named."""
    assert refusal(port="x", slack_bot_token="x", log_level="x").variable == "SLACK_BOT_TOKEN"


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("slack_api_url", "https://slack-gov.com/api", "https://slack-gov.com/api/"),
        ("slack_api_url", "http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api/"),
        ("slack_api_url", "http://[::1]:8080/api", "http://[::1]:8080/api/"),
        ("kickscale_base_url", "http://localhost:8080/", "http://localhost:8080"),
        ("kickscale_api_key_created", "2026-11-23", date(2026, 11, 23)),
        ("kickscale_api_key_created", date(2026, 11, 23), date(2026, 11, 23)),
        ("kickscale_link_template", "https://app.example.com/?c={id}#top", "https://app.example.com/?c={id}#top"),
        ("kickscale_link_template", "https://app.example.com/{kind}s/{id}", "https://app.example.com/{kind}s/{id}"),
        ("default_timezone", "Europe/Berlin", "Europe/Berlin"),
        ("default_timezone", "Europe/Kiev", "Europe/Kyiv"),
        ("log_level", "debug", "DEBUG"),
        ("log_format", "JSON", "json"),
        ("live_poll_seconds", "60", 60),
        ("messages_kept_days", "30", 30),
        ("port", "0", 0),
        ("port", 3000, 3000),
        ("kickscale_webhook_secret", "00ffAA", SecretStr("00ffAA")),
        ("slack_app_token", SecretStr(""), SecretStr("")),
    ],
)
def test_good_value(name: str, written: object, read: object) -> None:
    """A good value is converted to the form that the bot uses."""
    assert getattr(Settings.explicit(**{name: written}), name) == read


@given(name=st.sampled_from([setting.name.lower() for setting in documented()]), value=st.text())
def test_any_text(name: str, value: str) -> None:
    """No text in any setting raises anything but a ConfigError that names it, and no secret is ever repeated."""
    error = None
    try:
        Settings.explicit(**{name: value})
    except ConfigError as exc:
        error = exc
    if error is not None:
        assert error.variable == name.upper()
        assert "\n" not in str(error)
        if name.upper() in SECRETS and len(value.strip()) > 5:
            assert value.strip() not in str(error)


def test_representation_hides_secrets() -> None:
    """Printing the settings prints no secret."""
    settings = Settings.explicit(**ENOUGH, slack_signing_secret="sample-signing")
    for secret in settings.secrets():
        assert secret not in repr(settings)
        assert secret not in str(settings.model_dump())
        assert secret not in settings.model_dump_json()


def test_secrets_are_complete() -> None:
    """`secrets` returns every secret that is set, so that the logs can redact each."""
    values = {
        **ENOUGH,
        "slack_signing_secret": "sample-signing",
        "kickscale_webhook_secret": "00ff00ff",
        "metrics_token": "sample-metrics",
        "database_url": "postgresql://bot:sample-password@db.example.com/bot",
    }
    assert {name.upper() for name in values} == set(SECRETS)
    assert set(Settings.explicit(**values).secrets()) == set(values.values())
    both = Settings.explicit(kickscale_webhook_secret="00ff00ff, 11ee11ee")
    assert set(both.secrets()) == set(both.webhook_secrets) == {"00ff00ff", "11ee11ee"}


# ---- what `run` needs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENOUGH)
def test_run_needs(name: str) -> None:
    """`run` says which setting is missing."""
    settings = Settings.explicit(**{key: value for key, value in ENOUGH.items() if key != name})
    with pytest.raises(ConfigError, match="is not set") as caught:
        settings.require_run()
    assert caught.value.variable == name.upper()


def test_run_names_everything_that_is_missing() -> None:
    """At once, and `upload` only what it needs itself."""
    with pytest.raises(ConfigError) as caught:
        Settings.explicit().require_run()
    assert [line.split()[0] for line in str(caught.value).splitlines()] == [name.upper() for name in ENOUGH]
    with pytest.raises(ConfigError) as caught:
        Settings.explicit().require_upload()
    assert [problem.variable for problem in (caught.value, *caught.value.others)] == [
        "KICKSCALE_API_KEY",
        "KICKSCALE_CLIENT_ID",
    ]


def test_run_over_either_transport() -> None:
    """An app token or a signing secret is enough."""
    Settings.explicit(**ENOUGH).require_run()
    Settings.explicit(**{**ENOUGH, "slack_app_token": "", "slack_signing_secret": "sample"}).require_run()


# ---- the overrides of the binding ----------------------------------------------------------------------------------


def test_no_override() -> None:
    """Without overrides the binding stays as it is."""
    assert with_overrides(DEFAULT, Settings.explicit().api_overrides()) == DEFAULT


def test_override() -> None:
    """The settings take precedence over the binding."""
    settings = Settings.explicit(kickscale_domain_filter="domain:comma", kickscale_call_path="/calls/one/{id}")
    binding = with_overrides(DEFAULT, settings.api_overrides())
    assert binding.of(Kind.MEETING).domain_filter.name == "domain"
    assert binding.of(Kind.CALL).by_id.path == "/calls/one/{id}"
    assert binding.of(Kind.MEETING).by_id == DEFAULT.of(Kind.MEETING).by_id


def test_a_known_limit_of_uploads() -> None:
    """It replaces the document's, and changes nothing else."""
    binding = with_overrides(DEFAULT, Settings.explicit(kickscale_max_upload="500000000").api_overrides())
    assert binding == replace(DEFAULT, upload=replace(DEFAULT.upload, max_bytes=500_000_000))
    assert not binding.is_overridden
    assert "at most 500000000 bytes" in "\n".join(binding.notes)


@pytest.mark.parametrize("bad", ["0", "-1", "500 MB", "1e9", "9" * 16])
def test_a_limit_of_uploads_is_a_number_of_bytes(bad: str) -> None:
    """Anything else is refused, with an example of what is accepted."""
    with pytest.raises(ConfigError, match=r"KICKSCALE_MAX_UPLOAD must be a number of bytes, e\.g\. 500000000"):
        Settings.explicit(kickscale_max_upload=bad)


# ---- how long the audit is kept ------------------------------------------------------------------------------------


def test_the_audit_is_kept_as_long_as_each_kind_says() -> None:
    """A number without a kind is for all other kinds; by default, attestations are kept longest."""
    kept = {kind: age.days for kind, age in Settings.explicit().audit_kept().items()}
    assert set(kept) == set(AuditKind)
    assert kept[AuditKind.ASKED] == 365
    assert kept[AuditKind.ATTESTED] == max(kept.values()) == 3650
    kept = {kind: age.days for kind, age in Settings.explicit(audit_kept_days="90, attested=900").audit_kept().items()}
    assert kept == {kind: 900 if kind is AuditKind.ATTESTED else 90 for kind in AuditKind}


# ---- the documentation ---------------------------------------------------------------------------------------------


def test_sample_file_lists_every_setting(tmp_path: Path) -> None:
    """`.env.example` names each setting once, gives no value that is not the default, and can be used as it is."""
    text = (ROOT / ".env.example").read_text("utf-8")
    rows = re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE)
    assert [name for name, _ in rows] == [setting.name for setting in documented()]
    assert dict(rows) == {setting.name: setting.default for setting in documented()}
    assert Settings.load(env_file(tmp_path, text)) == Settings.explicit()
