"""Everything that can be wrong with a setting: `run` says it in a sentence that names the setting and the remedy."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.scenarios.cli.processes import run

SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1-sample",
    "SLACK_APP_TOKEN": "xapp-1-sample",
    "KICKSCALE_API_KEY": "sample-key",
    "KICKSCALE_CLIENT_ID": "sample-client",
}
HTTPS = "must start with https://"
ADDRESS = "must be an address like https://bot.example.com."
POSTGRES = "must be the address of a PostgreSQL database: postgresql://user:password@host/name."
CODES = "In the password, write special characters as codes, e.g. %40 for @ and %25 for %."
WRONG: Mapping[str, tuple[tuple[str, str], ...]] = {
    "SLACK_BOT_TOKEN": (
        ("", "is not set. Set it to the Bot User OAuth Token from the app's OAuth & Permissions page."),
        ("xapp-1-secret", "must start with xoxb-. Copy the Bot User OAuth Token"),
        ("xoxb-1 secret", "contains a space, a line break or a non-ASCII character. Copy it again"),
    ),
    "SLACK_APP_TOKEN": (
        ("", "is not set. Set it to an app-level token for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."),
        ("xoxb-1-secret", "must start with xapp-. Create an app-level token under Basic Information."),
    ),
    "SLACK_SIGNING_SECRET": (("sécret", "non-ASCII character. Copy it again"),),
    "SLACK_API_URL": (("slack.com/api", ADDRESS), ("http://slack.com/api/", HTTPS)),
    "KICKSCALE_API_KEY": (("", "is not set. Set it to a key from Settings → Integrations → API & Webhooks"),),
    "KICKSCALE_CLIENT_ID": (("", "is not set. Set it to the client ID shown next to the API key in Kickscale."),),
    "KICKSCALE_BASE_URL": (
        ("api.kickscale.com", ADDRESS),
        ("ftp://api.kickscale.com", ADDRESS),
        ("http://api.kickscale.com", HTTPS),
        ("https://user:secret@api.kickscale.com", "without a user name, a question mark or a #."),
    ),
    "KICKSCALE_WEBHOOK_SECRET": (
        ("secret", "must be hexadecimal, with two digits per byte. Copy the webhook secret from Kickscale again."),
        ("00 11 22", "can be two secrets at most: the new one and the old one."),
    ),
    "KICKSCALE_API_KEY_CREATED": (
        ("23.11.2026", "must be a day like 2026-11-23."),
        ("2026-02-30", "must be a day like 2026-11-23."),
        ("9999-12-31", "must be a day like 2026-11-23."),
        ("0206-11-23", "must be a day like 2026-11-23."),
    ),
    "KICKSCALE_LINK_TEMPLATE": (("https://app.kickscale.com", "must be an address that contains {id}"),),
    "KICKSCALE_DOMAIN_FILTER": (("domain:several", "must be NAME, NAME:single, NAME:repeated, NAME:comma or none"),),
    "KICKSCALE_CALL_PATH": (("/calls", "must be a path like /calls/{id} or /calls?id=, not '/calls'."),),
    "KICKSCALE_UPLOAD": (("by post", "must look like /calls/upload or multipart /calls/upload file"),),
    "KICKSCALE_MAX_UPLOAD": (("1 GB", "must be a number of bytes, e.g. 500000000."),),
    "KICKSCALE_STORAGE_HOSTS": (("https://a.example.com", "must be host names like storage.example.com"),),
    "PUBLIC_URL": (("bot.example.com", ADDRESS),),
    "UPLOAD_CONCURRENCY": (("many", "must be a number from 1 to 10."),),
    "LIVE_POLL_SECONDS": (("5", "must be a number of seconds from 60 to 86400."),),
    "ALLOWED_USERS": (("@lea", "must be IDs like U0123456789, separated by commas."),),
    "ALLOWED_GROUPS": (("U0LEA00001", "must be IDs like S0123456789"),),
    "ALLOWED_CHANNELS": (("#sales", "must be IDs like C0123456789"),),
    "ADMINS": (("lea@example.com", "must be IDs like U0123456789 or S0123456789"),),
    "CHANNEL_DOMAINS": (("#sales=acme.com", "must look like C0123456789=acme.com,*.acme.com"),),
    "VISIBILITY": (("mine", "must be one of workspace, kickscale."),),
    "TRANSCRIPTS_FOR": (("everybody", "must be one of all, own, self, admins, nobody, or IDs like U0123456789"),),
    "GUESTS_LISTENING": (("yes", "must be one of post, bare, hold."),),
    "DATABASE_PATH": (
        ("none/bot.db", "none, which doesn't exist. Create that folder, or use another one."),
        (".", "which isn't a file. Set it to a file."),
        ("~nobody-of-this-name/bot.db", "must be the path of a file."),
    ),
    "DATABASE_URL": (
        ("mysql://bot@db.example.com/bot", POSTGRES),
        ("postgresql://bot:secret@db.example.com", POSTGRES),
        ("postgresql://bot:a/secret@db.example.com/bot", CODES),
        ("postgresql://bot:a@secret@db.example.com/bot", CODES),
        ("postgresql://bot:1/2#secret@db.example.com/bot", CODES),
        ("postgresql://bot:50%secret@db.example.com/bot", CODES),
        ("postgresql://bot:%00secret@db.example.com/bot", CODES),
    ),
    "MESSAGES_KEPT_DAYS": (("never", "must be a number of days from 1 to 3650."),),
    "AUDIT_KEPT_DAYS": (("a year", "must be a number of days, with KIND=DAYS for exceptions"),),
    "MIRROR_DAYS": (("-1", "must be a number of days from 1 to 3650, or 0 for none."),),
    "MIRROR_TRANSCRIPTS": (("yes", "must be one of on, off."),),
    "DEFAULT_TIMEZONE": (
        ("Berlin", "must be a time zone, e.g. Europe/Berlin."),
        ("EST", "must be a time zone with daylight saving time, e.g. America/New_York."),
        ("+01:00", "must be a time zone"),
    ),
    "LOG_LEVEL": (("LOUD", "must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),),
    "LOG_FORMAT": (("xml", "must be text or json."),),
    "HOST": (("http://127.0.0.1", "must be an address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all of them."),),
    "PORT": (("http", "must be a number from 0 to 65535; 0 picks a free port."), ("70000", "from 0 to 65535")),
    "HTTPS_PROXY": (("socks5://127.0.0.1:1080", "must be an HTTP proxy like http://proxy.example.com:3128"),),
    "SSL_CERT_FILE": (("/none.pem", "is /none.pem, which can't be read as a PEM file of certificates. Correct"),),
}
CASES = [(name, value, sentence) for name, cases in WRONG.items() for value, sentence in cases]


@pytest.mark.parametrize(("name", "value", "sentence"), CASES, ids=[f"{name}={value}" for name, value, _ in CASES])
async def test_a_wrong_setting_is_named_with_the_remedy(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    """In one line, without a traceback, and without a secret."""
    code, out, err = await run(tmp_path, "run", **{**SETTINGS, name: value})
    assert (code, out) == (1, "")
    # The test's folder may be in memory, which is a warning.
    err = "".join(line for line in err.splitlines(keepends=True) if "the database is in memory" not in line)
    assert err.startswith(f"Error: {name} ")
    assert sentence in err
    assert err.count("\n") == 1
    assert "secret-" not in err
    assert "xapp-1-secret" not in err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"KICKSCALE_API_KEY=\xff\xfe", ".env isn't UTF-8 text. Save it as UTF-8."),
        (b"PORT=1\nthis is no setting\n", ".env can't be read: line 2 isn't NAME=VALUE, or lacks a closing quotation"),
        (b"A=1\nKICKSCALE_API_KEY='secret\nPORT=1\n", ".env can't be read: line 2 isn't NAME=VALUE, or lacks"),
        (None, ".env is a folder. Rename it, and put the settings into a file of that name."),
    ],
    ids=["encoding", "no setting", "unclosed", "folder"],
)
async def test_an_unreadable_env_file_is_named(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    """By every command that reads it; the doctor reports it as a check that failed."""
    path = tmp_path / ".env"
    path.mkdir() if content is None else path.write_bytes(content)
    for command in ("run", "upload", "doctor"):
        code, out, err = await run(tmp_path, command, *(["."] if command == "upload" else []), **SETTINGS)
        assert code == 1
        assert sentence in out + err
        assert "secret" not in out + err
        assert "dotenv" not in out + err


async def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """What is missing, and which misspelled name may be the reason."""
    (tmp_path / ".env").write_text("SLACK_BOT_TOKN=xoxb-1-secret\n")
    code, _, err = await run(tmp_path, "run", LOG_FORMAT="json")
    assert code == 1
    for part in (
        "SLACK_BOT_TOKN isn't one of the bot's settings, so it's ignored. Did you mean SLACK_BOT_TOKEN?",
        "SLACK_BOT_TOKEN is not set.",
        "SLACK_APP_TOKEN is not set.",
        "KICKSCALE_API_KEY is not set.",
        "KICKSCALE_CLIENT_ID is not set.",
    ):
        assert part in err
    assert "secret" not in err.replace("SLACK_SIGNING_SECRET", "")
