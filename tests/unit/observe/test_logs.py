"""Logs: what is written and what is not, and that no secret ever is."""

import io
import json
import logging
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
import stamina
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.observe import logs
from bot.observe.redaction import REDACTED, Redactor

SECRET = "sample-Secret/+=42"
FORMATS = ("text", "json")

# What the settings let a secret be: printable ASCII. Long and odd enough that no log line has it by itself.
secrets = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60).map(
    lambda x: f"~{x}~"
)
surroundings = st.text(max_size=40)


pytestmark = pytest.mark.usefixtures("logging_as_it_was")


def written(
    write: Callable[[logging.Logger], object],
    *,
    form: str = "text",
    level: str = "INFO",
    known: tuple[str, ...] = (SECRET,),
    logger: str = "bot.sample",
) -> str:
    stream = io.StringIO()
    logs.configure(level, form, known, stream)
    write(logging.getLogger(logger))
    return stream.getvalue()


def fail_with(text: str) -> Callable[[logging.Logger], None]:
    def write(logger: logging.Logger) -> None:
        try:
            try:
                int(text)
            except ValueError as exc:
                exc.add_note(text)
                raise LookupError(f"caused by {text}") from exc
        except LookupError:
            logger.exception("it failed")

    return write


# ---- what is written -----------------------------------------------------------------------------------------------


def test_text_line() -> None:
    """A line for people has the time, the level, what happened and where."""
    line = written(lambda log: log.info("joined %s", "#sales-acme"))
    assert "[info" in line
    assert "joined #sales-acme" in line
    assert "bot.sample" in line
    assert line.count("\n") == 1


def test_json_line() -> None:
    """A line for machines is one JSON object."""
    line = json.loads(written(lambda log: log.warning("it is %s", "slow"), form="json"))
    assert line["event"] == "it is slow"
    assert (line["level"], line["logger"]) == ("warning", "bot.sample")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("form", FORMATS)
def test_facts_of_a_request(form: str) -> None:
    """Bound facts are on every line inside, also on a library's, and on none after it."""

    def write(logger: logging.Logger) -> None:
        with logs.bound(user="U1", channel="C1", command="calls", reference="abc123"):
            logger.info("inside")
            logging.getLogger("apscheduler").warning("of a library")
        logger.info("after")

    inside, library, after = written(write, form=form).splitlines()
    assert all(fact in line for line in (inside, library) for fact in ("U1", "C1", "calls", "abc123"))
    assert "U1" not in after


def test_structlog_goes_the_same_way() -> None:
    """A library that writes through structlog is written and redacted like any other."""

    def write(_logger: logging.Logger) -> None:
        structlog.get_logger("library").warning("retry", args=(SECRET,), wait=1)

    line = written(write)
    assert "retry" in line
    assert SECRET not in line


def test_a_repeated_request_is_one_plain_line() -> None:
    """Not a warning with the arguments of stamina's call: while Kickscale is down there are hundreds."""

    def write(_logger: logging.Logger) -> None:
        with stamina.set_testing(True, attempts=2, cap=True):
            for attempt in stamina.retry_context(on=ConnectionError, attempts=2):
                with attempt:
                    if attempt.num == 1:
                        raise ConnectionError(SECRET)

    (line,) = written(write).splitlines()
    assert line.endswith("a request failed (ConnectionError): attempt 2 in 0.0 s [bot.observe.logs]")
    assert "info" in line


@pytest.mark.parametrize("typed", ["x\n2026-01-01 [info] forged", "x\r\nforged", "x\x1b[2Jforged", "x\u2028forged"])
@pytest.mark.parametrize("form", FORMATS)
def test_no_forged_line(form: str, typed: str) -> None:
    """Typed text can neither begin a new line nor control the terminal."""
    line = written(lambda log: log.info("typed: %s", typed), form=form)
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("logger", "error", "has_traceback"),
    [
        ("slack_bolt.AsyncApp", ConnectionRefusedError("refused"), False),
        ("slack_bolt.AsyncApp", TimeoutError(), False),
        ("slack_bolt.AsyncApp", KeyError("x"), True),
        ("bot.app.lifecycle", ConnectionRefusedError("refused"), True),
    ],
)
def test_a_library_without_a_connection_takes_one_line(
    form: str, logger: str, error: Exception, has_traceback: bool
) -> None:
    """It tries again every few seconds, and its traceback is longer than all the rest of the log."""
    line = written(lambda log: log.error("Failed to connect", exc_info=error), form=form, logger=logger)
    assert "Failed to connect" in line
    assert (type(error).__name__ in line) == has_traceback


def test_configured_again() -> None:
    """The last configuration counts, and no line is written twice."""
    first = io.StringIO()
    logs.configure("INFO", "text", (), first)
    assert written(lambda log: log.info("once")).count("once") == 1
    assert first.getvalue() == ""


# ---- which lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "logger", "of", "is_written"),
    [
        ("INFO", "bot.app.lifecycle", "INFO", True),
        ("INFO", "bot.app.lifecycle", "DEBUG", False),
        ("DEBUG", "handlers.commands", "DEBUG", True),
        ("ERROR", "bot.app.lifecycle", "WARNING", False),
        ("INFO", "httpx", "INFO", False),
        ("INFO", "httpx", "WARNING", True),
        ("DEBUG", "slack_sdk.socket_mode.aiohttp", "INFO", True),
        ("DEBUG", "slack_sdk.web.async_client", "DEBUG", False),
        ("DEBUG", "httpcore.http11", "DEBUG", False),
        ("DEBUG", "slack_bolt.AsyncRequestVerification", "INFO", False),
        ("DEBUG", "slack_bolt.AsyncApp", "WARNING", True),
        ("DEBUG", "kickscale-bot:AsyncApp", "INFO", False),
        ("ERROR", "slack_bolt.AsyncApp", "WARNING", False),
    ],
)
def test_which_lines(level: str, logger: str, of: str, is_written: bool) -> None:
    """The bot's own lines from the level on; libraries are quieter, and their dumps of payloads never written."""

    def write(log: logging.Logger) -> None:
        # Bolt gives each of its loggers a level of its own.
        log.setLevel(level)
        log.log(logging.getLevelNamesMapping()[of], "a line")
        log.setLevel(logging.NOTSET)

    assert ("a line" in written(write, level=level, logger=logger)) == is_written


# ---- no secret -----------------------------------------------------------------------------------------------------


def paths(secret: str, before: str = "", after: str = "") -> list[Callable[[logging.Logger], object]]:
    text = f"{before} {secret} {after}"
    nested = {"outer": [{"inner": (secret, {"deep": text})}]}
    return [
        lambda log: log.info(text.replace("%", "%%")),
        lambda log: log.info("%s", text),
        lambda log: log.info("%r", text),
        lambda log: log.info("%(x)s", {"x": text}),
        lambda log: log.info("%s", nested),
        lambda log: log.info(nested),
        lambda log: log.info("%s", secret.encode()),
        lambda log: log.info("%s", {"body": json.dumps(nested)}),
        lambda log: log.info("https://example.com/%s?%s", quote(secret, safe=""), urlencode({"a": secret, "b": text})),
        lambda log: log.info("%s", "x" * 20_000 + secret + "y" * 20_000),
        lambda log: log.info("%s %s", secret),  # noqa: PLE1206 a mistake that must not print its arguments
        lambda _log: structlog.get_logger("bot").info(text, value=nested, raw=secret.encode()),
        fail_with(text),
    ]


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None)
@given(secret=secrets, before=surroundings, after=surroundings)
def test_no_known_secret(form: str, secret: str, before: str, after: str) -> None:
    """No line contains a secret of the settings, however it got there, and a JSON line stays JSON."""
    plain = json.dumps(secret)[1:-1]
    for write in paths(secret, before, after):
        lines = written(write, form=form, known=(secret,))
        assert lines
        for shape in (secret, plain, repr(secret)[1:-1], quote(secret, safe="")):
            assert shape not in lines
        if form == "json":
            assert secret not in str([json.loads(entry) for entry in lines.splitlines()])


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None)
@given(
    facts=st.recursive(st.text() | st.integers() | st.binary(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_any_line_is_json(form: str, facts: object) -> None:
    """Whatever is logged, nothing is raised, and a line for machines is JSON."""
    lines = written(lambda log: log.info("%s", {"token": facts, "authorization": facts}), form=form)
    assert lines
    if form == "json":
        assert [json.loads(entry) for entry in lines.splitlines()]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("token xoxb-123456-abcdef refused", "123456-abcdef"),
        ("xoxe.xoxp-1-abcdefgh", "abcdefgh"),
        ("xapp-1-A1-abcdefgh", "abcdefgh"),
        ("body=token%3Dxoxb-123456-abcdef", "123456-abcdef"),
        ("{'api-key': 'kkkk1111', 'x': 1}", "kkkk1111"),
        ("{'client-id': 'kkkk1111'}", "kkkk1111"),
        ("[(b'api-key', b'kkkk1111'), (b'host', b'x')]", "kkkk1111"),
        ("api-key: kkkk1111", "kkkk1111"),
        ("Authorization: Bearer kkkk1111", "kkkk1111"),
        ("authorization=Basic a2trazExMTE=", "a2trazExMTE"),
        ('{"headers": {"Authorization": "Bearer kkkk1111"}}', "kkkk1111"),
        ("posting to https://hooks.slack.com/commands/T1/22/kkkk1111", "kkkk1111"),
        ("https://hooks.slack.com/actions/T1/22/kkkk1111?x", "kkkk1111"),
        (r"{\"response_url\": \"https:\/\/hooks.slack.com\/commands\/T1\/22\/kkkk1111\"}", "kkkk1111"),
        ("https://s3.example.com/a.mp4?X-Amz-Credential=kkkk1111&X-Amz-Signature=kkkk2222&x=1", "kkkk1111"),
        ("https://s3.example.com/a.mp4?X-Amz-Credential=kkkk1111&X-Amz-Signature=kkkk2222&x=1", "kkkk2222"),
        ("https://blob.example.com/a?sv=1&sig=kkkk1111%3D", "kkkk1111"),
        ("https://files.example.com/a?token=kkkk1111", "kkkk1111"),
        ("https://cdn.example.com/a?Expires=1&Signature=kkkk1111&Key-Pair-Id=x", "kkkk1111"),
        ("wss://wss.example.com/link/?ticket=kkkk1111&app_id=1", "kkkk1111"),
        ('{"token": "kkkk1111", "team_id": "T1"}', "kkkk1111"),
        ("Client(token='kkkk1111')", "kkkk1111"),
        ("x-slack-signature: v0=kkkk1111", "kkkk1111"),
    ],
)
def test_what_looks_like_a_secret(form: str, line: str, secret: str) -> None:
    """A secret that isn't in the settings is recognised by its form, and the line around it stays readable."""
    assert secret in line
    for write in (lambda log: log.info("%s", line), lambda log: log.info(line), fail_with(line)):
        lines = written(write, form=form, known=())
        assert secret not in lines
        assert REDACTED in lines
        if form == "json":
            assert all(json.loads(entry) for entry in lines.splitlines())


@pytest.mark.parametrize(
    "line",
    [
        "SLACK_BOT_TOKEN must start with xoxb-. Copy the Bot User OAuth Token from the app's OAuth & Permissions page.",
        "Slack refuses the token (invalid_auth)",
        "https://app.example.com/calls/42?page=1",
        "no signature, no ticket and no token",
    ],
)
def test_other_words_stay(line: str) -> None:
    """Text that only mentions a secret is written as it is."""
    assert line in written(lambda log: log.info("%s", line), known=())


def test_longer_secret_goes_first() -> None:
    """If one secret begins with another one, no part of either remains."""
    assert "-longer" not in written(lambda log: log.info("sample-longer"), known=("sample", "sample-longer"))


def test_short_values_are_no_secrets() -> None:
    """An empty secret, or one of a single letter, isn't replaced in every line."""
    assert "an answer" in written(lambda log: log.info("an answer"), known=("", "a"))


@pytest.mark.parametrize("char", ["\\", '"', "=", "x", "token", "https:/", "'", "%3D", " "])
def test_long_lines_are_quick(char: str) -> None:
    """A line of a megabyte is redacted quickly, whatever it contains."""
    redact = Redactor((SECRET,))
    started = time.thread_time()
    redact(char * (1_000_000 // len(char)))
    assert time.thread_time() - started < 5


# ---- it never breaks the bot ---------------------------------------------------------------------------------------


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError(SECRET)

    __repr__ = __str__


@pytest.mark.parametrize("form", FORMATS)
def test_what_cannot_be_written(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An argument that raises costs only its own line, and is not printed elsewhere either."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (Hostile(), {"x": [Hostile()]}, deep):
        lines = written(lambda log, value=value: log.error("%s", value), form=form)  # type: ignore[misc]
        assert "could not be written" in lines
        assert "bot.sample" in lines
        assert SECRET not in lines
    assert capsys.readouterr() == ("", "")


def test_stream_that_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    """A closed stream raises nothing, and nothing appears elsewhere."""
    stream = io.StringIO()
    logs.configure("INFO", "text", (SECRET,), stream)
    stream.close()
    logging.getLogger("bot").error("lost %s", SECRET)
    assert capsys.readouterr() == ("", "")
