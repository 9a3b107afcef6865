"""What operators can see: whether the bot is alive and ready, and its metrics."""

import asyncio

import aiohttp
import pytest

from bot.app.http.operator_pages import FULL_KEPT, METRICS_KEPT, READY_KEPT, Checks
from bot.observe.metrics import Metrics
from tests.unit.app.http.doors import serving


async def test_alive() -> None:
    """/healthz says that the process lives."""
    async with serving() as (_, client), client.get("/healthz") as response:
        assert (response.status, await response.text()) == (200, "ok")


async def test_ready() -> None:
    """/readyz is 200 if every check passes."""
    async with serving() as (_, client), client.get("/readyz") as response:
        assert response.status == 200
        assert await response.json() == {"ready": True, "checks": {"slack": True, "database": True}}


@pytest.mark.parametrize("slack", [False, "no answer"])
async def test_not_ready(slack: bool | str) -> None:
    """/readyz is 503 if a check fails, and says which one, and why if that is known."""

    async def ready() -> Checks:
        return {"slack": slack, "database": True}

    async with serving(ready=ready) as (_, client), client.get("/readyz") as response:
        assert response.status == 503
        assert await response.json() == {"ready": False, "checks": {"slack": slack, "database": True}}


async def test_check_that_fails() -> None:
    """An exception in a check means not ready; the reason is only in the log."""

    async def ready() -> Checks:
        raise RuntimeError("private")

    async with serving(ready=ready) as (_, client), client.get("/readyz") as response:
        assert response.status == 503
        assert "private" not in await response.text()


@pytest.mark.parametrize(("path", "kept"), [("/readyz", READY_KEPT), ("/readyz?full", FULL_KEPT)])
async def test_many_ask_whether_it_is_ready(path: str, kept: float) -> None:
    """Many requests within seconds share one check: each check calls Slack or Kickscale, and anyone may ask."""
    count = 0

    async def ready() -> Checks:
        nonlocal count
        count += 1
        return {}

    async def ask(client: aiohttp.ClientSession) -> int:
        async with client.get(path) as response:
            return response.status

    assert kept > 1
    async with serving(ready=ready, full=ready) as (_, client):
        assert set(await asyncio.gather(*(ask(client) for _ in range(20)))) == {200}
    assert count == 1


async def test_metrics() -> None:
    """/metrics has the counts, in the format of Prometheus."""
    metrics = Metrics()
    metrics.command("calls", "ok", 0.2)
    metrics.slack_call("chat.postMessage", "ratelimited", 0.1)
    metrics.kickscale_request("list calls", "200", 0.1)
    metrics.jobs({"share": 2})
    metrics.posted("share")
    async with serving(metrics=metrics) as (_, client), client.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        text = await response.text()
    assert 'kickscale_bot_commands_total{command="calls",outcome="ok"} 1.0' in text
    assert 'kickscale_bot_slack_calls_total{method="chat.postMessage",outcome="ratelimited"} 1.0' in text
    assert 'kickscale_bot_kickscale_requests_total{operation="other",outcome="200"} 1.0' in text
    assert 'kickscale_bot_jobs{kind="share"} 2.0' in text
    assert 'kickscale_bot_messages_posted_total{kind="share"} 1.0' in text


async def test_metrics_are_not_for_the_world(caplog: pytest.LogCaptureFixture) -> None:
    """A request through a proxy may be from anybody. The answer and the log say what would give access."""
    async with serving() as (_, client):
        for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"):
            async with client.get("/metrics", headers={name: "192.0.2.7"}) as response:
                assert response.status == 403
                assert "METRICS_TOKEN" in await response.text()
    assert [line.partition("; ")[0] for line in caplog.messages] == [
        "refused a request for /metrics from another machine, because METRICS_TOKEN isn't set"
    ]


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer sample-metrics", 200), ("Bearer other", 401), ("Bearer größe", 401), ("sample-metrics", 401), ("", 401)],
)
async def test_metrics_with_a_token(given: str, status: int) -> None:
    """With METRICS_TOKEN, the token is needed on the same machine too, and is enough from elsewhere."""
    headers = {"Authorization": given, "X-Forwarded-For": "192.0.2.7"}
    async with serving(metrics_token="sample-metrics") as (_, client), client.get("/metrics", headers=headers) as told:
        assert told.status == status
        assert ("kickscale_bot_" in await told.text()) is (status == 200)


async def test_metrics_are_rendered_once_for_many() -> None:
    """Requests within a moment get the same rendering: each one blocks the loop for milliseconds."""
    metrics = Metrics()
    begun = asyncio.get_running_loop().time()
    async with serving(metrics=metrics) as (_, client):
        texts = []
        for _ in range(5):
            metrics.posted("share")
            async with client.get("/metrics") as response:
                texts.append(await response.text())
    assert len(set(texts)) <= (asyncio.get_running_loop().time() - begun) / METRICS_KEPT + 1


def test_labels_are_bounded() -> None:
    """Requests from outside can neither add labels without end nor put their text into one."""
    metrics = Metrics()
    for number in range(1000):
        metrics.slack_call("chat.postMessage", f"error_{number}", 0)
    metrics.slack_call("chat.postMessage", "what Sophie typed", 0)
    text = metrics.render().decode()
    assert text.count("kickscale_bot_slack_calls_total{") <= 101
    assert "Sophie" not in text


def test_metrics_of_two_bots() -> None:
    """Two bots in one process count separately."""
    first, second = Metrics(), Metrics()
    first.posted("share")
    assert b"share" not in second.render()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/slack/events/", 404),
        ("GET", "/slack/events", 405),
        ("POST", "/healthz", 405),
        ("DELETE", "/metrics", 405),
    ],
)
async def test_other_addresses(method: str, path: str, status: int) -> None:
    """An unknown path is 404, and a wrong method is 405."""
    async with serving() as (_, client), client.request(method, path) as response:
        assert response.status == status
