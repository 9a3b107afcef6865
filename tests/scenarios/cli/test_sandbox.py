"""`kickscale-bot sandbox`: its answers, its prompt and its page."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from tests.scenarios.cli.processes import PATIENCE, process, ready, run, stop
from tests.unit.uploads.recordings.synthesis import wav


async def test_the_sandbox_answers_and_exits(tmp_path: Path) -> None:
    """Without any setting, and whatever settings, proxies, certificates and time zone the environment names."""
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=nonsense\nPORT=nonsense\n")
    code, out, err = await run(
        tmp_path,
        "sandbox",
        *("--say", "/kickscale calls acme.com last-week"),
        KICKSCALE_BASE_URL="nonsense",
        HTTP_PROXY="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
        ALL_PROXY="socks5://127.0.0.1:9",
        TZ="America/New York",
        SSL_CERT_FILE="/nowhere/cacert.pem",
        SSLKEYLOGFILE="/nowhere/keys",
    )
    assert code == 0, err
    assert err == "SSLKEYLOGFILE is ignored: /nowhere/keys can't be written (No such file or directory).\n"
    assert "calls with acme.com" in out
    assert "[Details]" in out
    assert [path.name for path in tmp_path.iterdir()] == [".env"], "nothing is left behind"


async def test_the_sandbox_can_be_german(tmp_path: Path) -> None:
    """Then the answers are, and so is the company whose conversations there are."""
    code, out, _ = await run(tmp_path, "sandbox", "--lang", "de", "--say", "/kickscale calls acme.com last-week")
    assert code == 0
    assert "Anrufe mit acme.com" in out
    assert "[Im Channel teilen]" in out
    assert "Acme GmbH" in out


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (("/kickscale calls nosuch.example.org", "/kickscale help"), 0),
        (("/kickscale cals",), 1),
        (("/kickscale call nosuch",), 1),
        (("/nosuch",), 1),
        (("cals",), 1),
    ],
)
async def test_the_exit_code_of_the_sandbox_shows_errors(tmp_path: Path, says: Sequence[str], code: int) -> None:
    """Nothing found is an answer; what is not understood is an error, in a sentence."""
    found, out, err = await run(tmp_path, "sandbox", *(f"--say={line}" for line in says))
    assert (found, err) == (code, "")
    assert "Traceback" not in out


async def test_one_error_among_several_answers_counts(tmp_path: Path) -> None:
    """--say is repeatable, and every answer is printed, with an empty line between two of them."""
    code, out, _ = await run(tmp_path, "sandbox", "--say", "/kickscale cals", "--say", "/kickscale status")
    assert code == 1
    first, second = out.split("\n\n> ")
    assert first.startswith("> /kickscale cals\n")
    assert second.startswith("/kickscale status\n")
    assert second.splitlines()[-1].startswith("✅ Everything's working"), "nothing follows the last answer"


async def prompt(*options: str) -> asyncio.subprocess.Process:
    """The sandbox's prompt, with a pipe to type into."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "sandbox",
        "--terminal",
        *options,
        cwd=Path(__file__).parents[3],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_sandbox_has_a_prompt() -> None:
    """Commands, clicks, another person, another channel, another day; the end of the input ends the session."""
    typed = (
        *("/kickscale calls acme.com 30d", "click Older", "click Details 2", "close"),
        *("digest add acme.com", "clock tomorrow", "clock yesterday"),
        *("as lea.lead", "in general", "in", "status"),
    )
    started = await prompt()
    out, err = await asyncio.wait_for(started.communicate("\n".join(typed).encode()), PATIENCE)
    assert (started.returncode, err) == (0, b"")
    text = out.decode()
    assert text.startswith("Starting the sandbox")
    for part in (
        "#sales-acme> click Older\n",
        "[Newer]",
        "[Recording]",
        "(only visible to you)\n✅ This channel will get a digest",
        "(posted in #sales-acme)\nacme.com: digest for ",
        "yesterday isn't hour or tomorrow",
        "lea.lead #general> ",
        "Everything's working",
    ):
        assert part in text
    assert "Add a channel, e.g. in general" in text


async def test_the_prompt_can_be_german() -> None:
    """What it says, and what is typed; no English word is left. The English commands work too."""
    typed = (
        *("hilfe", "in", "in nowhere", "als nobody", "klick Nichts", "absenden x", "schließen", "uhr gestern"),
        *("anrufe acme.com letzte-woche", "klick Nichts", "statistik acme", "digest anlegen acme.com", "uhr morgen"),
        *("teilen nowhere.wav", "/other", "as lea.lead", "wait", "verlauf", "ende"),
    )
    started = await prompt("--lang", "de")
    out, err = await asyncio.wait_for(started.communicate("\n".join(typed).encode()), PATIENCE)
    assert (started.returncode, err) == (0, b"")
    text = out.decode()
    for part in (
        "Die Sandbox startet",
        "Willkommen in der Sandbox",
        "klick BUTTON [N]",
        "Hier fehlt ein Channel",
        "keinen Channel nowhere",
        "Noch gibt es nichts zum Anklicken",
        "(nur für dich sichtbar)\n✅ Dieser Channel bekommt ab jetzt einen Digest",
        "(in #sales-acme gepostet)\nacme.com: Digest für ",
        "[Diagramm] ",
        "Die Datei nowhere.wav gibt es nicht",
        "lea.lead #sales-acme> wait",
    ):
        assert part in text
    assert not re.search(
        r"\b(the|type|there|is|isn't|add|you|visible|posted|starting|chart|file|no)\b", text, re.IGNORECASE
    )


async def test_the_sandbox_serves_its_page(tmp_path: Path) -> None:
    """And opens it in a browser; it begins with an answer, which nobody had to type, and stops cleanly."""
    os.mkfifo(tmp_path / "opened")
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n')
    browser.chmod(0o755)
    arguments = ("sandbox", "--port", "0", "--lang", "de")
    async with process(tmp_path, *arguments, BROWSER=str(browser)) as started:
        line = await ready(started)
        address = line.split()[1]
        assert await asyncio.to_thread((tmp_path / "opened").read_text) == f"{address}\n"
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession(address) as client:
            async with client.get("/") as response:
                text, here = await response.text(), response.url.path
            async with client.get(f"{here}/changes") as changes:
                while "Anrufe mit acme.com" not in text:
                    assert await changes.content.readline()
                    async with client.get(here) as response:
                        text = await response.text()
        await stop(started)


async def test_ctrl_c_leaves_the_prompt() -> None:
    """At once and with everything stopped, although the prompt waits for a line."""
    started = await prompt()
    assert started.stdout is not None
    assert started.stdin is not None
    await asyncio.wait_for(started.stdout.readuntil(b"> "), PATIENCE)
    for patience in (PATIENCE / 10, PATIENCE):
        started.send_signal(signal.SIGINT)
        with contextlib.suppress(TimeoutError):  # just before the process begins to wait, Python doesn't hear of it
            await asyncio.wait_for(started.wait(), patience)
            break
    assert started.returncode == 0
    assert await started.communicate() == (b"\n", b"")


async def test_the_sandbox_uploads_a_recording(tmp_path: Path) -> None:
    """`--share` does all that a person does, up to the summary; what is no recording is an error, and ends no other."""
    (tmp_path / "Pricing.wav").write_bytes(wav(2))
    (tmp_path / "notes.txt").write_text("no recording")
    well, with_error = await asyncio.gather(  # each waits some seconds for the analysis
        run(tmp_path, "sandbox", "--say", "/kickscale uploads on auto", "--share", "Pricing.wav"),
        run(tmp_path, "sandbox", "--share", "notes.txt", "--share", "Pricing.wav"),
    )
    code, out, _ = well
    assert (code, "Pricing.wav has been analysed." in out) == (0, True), out
    code, out, _ = with_error
    assert (code, "audio" in out, "Pricing.wav has been analysed." in out) == (1, True, True), out
