"""The check of our payloads by Slack, against a server that answers as Slack's documentation says."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.rooms import ROOT
from tests.validate_blocks import choose

INVALID = {
    "ok": False,
    "error": "invalid_message",
    "errors": [{"pointer": "/blocks/0/text", "code": "failed_constraint", "message": "must be shorter"}],
}


@asynccontextmanager
async def slack(answers: list[web.Response], received: list[Any]) -> AsyncIterator[str]:
    """Answer with these, one after another, and then that all is well."""

    async def validate(request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        fields = await request.post()
        received.append({name: json.loads(str(value)) for name, value in fields.items()})
        return answers.pop(0) if answers else web.json_response({"ok": True})

    app = web.Application(client_max_size=1 << 20)
    app.router.add_post("/api/blocks.validate", validate)
    async with TestServer(app) as server:
        yield str(server.make_url("/api/blocks.validate"))


async def check(url: str) -> tuple[int | None, str]:
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.validate_blocks", "--url", url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(started.communicate(), 100)
    return started.returncode, out.decode()


async def test_what_slack_finds_wrong_is_printed() -> None:
    """Once Slack accepts more requests, and with the place in the payload; each kind of screen is sent once."""
    received: list[Any] = []
    answers = [web.Response(status=429, headers={"Retry-After": "0"}), web.json_response(INVALID)]
    async with slack(answers, received) as url:
        code, out = await check(url)
    assert code == 1
    assert "/blocks/0/text: must be shorter (failed_constraint)" in out
    assert out.endswith(f"{len(received) - 1} checked, 1 invalid.\n")
    assert {name for fields in received for name in fields} == {"message", "view"}
    assert all(len(fields) == 1 for fields in received)


def test_the_longest_payload_of_each_shape_is_chosen() -> None:
    """Limits are on lengths; another text isn't another shape, and another type is."""
    short, long = ({"blocks": [{"type": "section", "text": "x" * length}]} for length in (1, 9))
    other = {"blocks": [{"type": "context", "text": "x"}]}
    assert choose([short, long, other, short]) == [long, other]
