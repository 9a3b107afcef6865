"""No secret gets out of a bot that answers, uploads and fails in every way there is, over HTTP and Socket Mode."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
import structlog

from bot.config.settings import Settings
from bot.observe import logs
from bot.sandbox.kickscale import UploadForm
from tests.databases import read_everything
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, World, world

WEBHOOK_SECRET = "00ff1122" * 8


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Return the lines that the bot's own code logs, before redaction."""
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    own = [logging.getLogger(name) for name in ("bot", "handlers")]
    handler = Keeping(logging.DEBUG)
    for logger in own:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield lines
    for logger in own:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def live_through(here: World) -> None:
    """Make the bot answer and upload, with every failure of either."""
    slack, kickscale = here.slack, here.kickscale
    here.add_calls(2, recordingConsent="granted", transcript=[{"speaker": "A", "text": "Hello"}])
    kickscale.add_call({"id": "c9", "name": "Recorded", "date": "2026-11-20T09:00:00Z"}, recorded=True)
    answer = await here.ask("/kickscale calls acme.com")
    await here.click(answer, "Details")
    await here.click(await here.ask("/kickscale call c9"), "Recording")
    await here.click(answer, "Share in channel")
    await here.ask("/kickscale status")
    faults: list[dict[str, Any]] = [
        {"status": 403},
        {"status": 400, "body": f'{{"message": "unknown api-key {kickscale.api_key}"}}'},
        {"redirect": f"https://elsewhere.example.com/?key={kickscale.api_key}"},
        {"body": f"{{{kickscale.client_id}"},
    ]
    for fault in faults:
        kickscale.faults.add("/calls", **fault)
        await here.ask("/kickscale calls acme.com 3m")
    for broken in (True, False):
        for method in ("chat.postMessage", "views.open", "response_url", "users.info"):
            slack.faults.add(method, broken=broken, error="" if broken else "internal_error")
        await here.ask("/kickscale calls acme.com")
        await here.click(answer, "Details")
    slack.faults.clear()
    await here.type("/kickscale uploads on")
    downloads: dict[str, dict[str, Any]] = {"a.wav": {}, "b.wav": {"status": 403}, "c.wav": {"broken": True}}
    for name, fault in downloads.items():
        if fault:
            slack.faults.add("download", **fault)
        shared = await here.share(name, wav(1))
        for offer in here.thread(shared):
            if any(block["type"] == "actions" for block in offer.blocks):
                await here.click(offer, "Upload to Kickscale")
                if slack.open_view(ROBIN) is not None:
                    await here.submit_upload_form()
    slack.faults.clear()
    await here.pass_time(60)


def secrets_of(here: World) -> dict[str, str]:
    own = {f"setting {number}": secret for number, secret in enumerate(here.settings.secrets())}
    paths = {path.rpartition("/")[0]: path.rpartition("/")[2] for path in here.slack.state.hooks}
    return own | paths


@pytest.mark.parametrize(("over", "form"), [("socket", UploadForm.MULTIPART), ("http", UploadForm.PRESIGNED)])
async def test_no_secret_is_in_a_log_a_metric_a_message_or_the_database(
    tmp_path: Path, written: list[str], over: Literal["socket", "http"], form: UploadForm
) -> None:
    """Whatever fails, at the level DEBUG; in the bot's own lines not even before redaction.

    Except that the database has the address at which a command is answered.
    """
    stream = io.StringIO()
    async with world(
        tmp_path, over=over, kickscale_webhook_secret=WEBHOOK_SECRET, log_level="DEBUG", now=datetime.now(UTC)
    ) as here:
        logs.configure("DEBUG", "text", here.settings.secrets(), stream)
        here.kickscale.variant.upload = form
        await here.restart()
        here.slack.request_url = f"{here.bot.address}/slack/events" if over == "http" else ""
        await live_through(here)
        if over == "http":
            async with aiohttp.ClientSession(here.bot.address) as client:
                forged = {"X-Slack-Signature": here.settings.slack_signing_secret.get_secret_value()}
                await client.post("/slack/events", data=b"x", headers=forged)
                await client.post("/kickscale/webhook", data=b"x", headers={"kickscale-signature-hash": WEBHOOK_SECRET})
        secrets = secrets_of(here)
        assert len(secrets) > 12
        assert here.kickscale.uploads
        messages = [
            here.text(message)
            for channel in here.slack.state.channels
            for message in here.slack.state.everything(channel)
        ]
        places = {
            "the log": stream.getvalue(),
            "a line of the bot's own": "\n".join(written),
            "a metric": here.bot.metrics.render().decode(),
            "a message": "\n".join(messages),
            "the database": await read_everything(here.settings),
        }
        assert all(len(text) > 200 for text in places.values())
        # Another bot can only answer a command through its address, which is written down with it, and worthless soon.
        hooks = here.slack.state.hooks
        addresses = {path.rpartition("/")[2] for path in hooks if hooks[path].kind == "commands"}
        for name, secret in secrets.items():
            for place, text in places.items():
                if place == "the database" and secret in addresses:
                    continue
                found = text.find(secret)
                assert found < 0, f"{name} is in {place}: {text[max(0, found - 200) : found]}"
        # The signature of an address that a recording is put to, or read from.
        for place in ("the log", "a line of the bot's own", "a metric"):
            assert not re.search(r"signature=(?!\[redacted)[\w%-]{8}", places[place]), place


def reachable(root: object) -> Iterator[object]:
    """Yield every object of the bot's own code that can be reached from `root` through attributes and containers."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple | set | frozenset):
            waiting += list(item)
        elif type(item).__module__.partition(".")[0] in ("bot", "handlers"):
            yield item
            names = {name for kind in type(item).__mro__ for name in getattr(kind, "__slots__", ())}
            waiting += [getattr(item, name, None) for name in {*getattr(item, "__dict__", {}), *names}]


async def test_no_repr_shows_a_secret(tmp_path: Path) -> None:
    """Of the settings, the bot or any part of it: debuggers, failing tests and error trackers print it."""
    async with world(tmp_path, over="http", now=datetime.now(UTC), kickscale_webhook_secret=WEBHOOK_SECRET) as here:
        await here.ask("/kickscale status")
        count = 0
        for item in (*reachable(here.bot), here.settings):
            count += 1
            shown = f"{item!r} {item!s}"
            for name, secret in secrets_of(here).items():
                assert secret not in shown, f"{name} is in the repr of a {type(item).__name__}"
        assert count > 50
        assert "xoxb" not in here.settings.model_dump_json()


def test_a_bad_setting_is_not_repeated() -> None:
    """The message names it; neither the message nor its cause contains the value."""
    for name in ("slack_bot_token", "slack_app_token", "slack_signing_secret", "kickscale_api_key"):
        value: Any = "a secret with spaces"
        with pytest.raises(Exception, match=name.upper()) as caught:
            Settings.explicit(**{name: value})
        chain: BaseException | None = caught.value
        while chain is not None:
            assert value not in f"{chain!r} {chain!s} {chain.__dict__}"
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
