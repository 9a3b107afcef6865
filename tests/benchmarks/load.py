"""Whether nothing is lost if 250 people type 200 commands a second, Kickscale fails and Slack is busy."""

import asyncio
import random
import re
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from tests.benchmarks.sample import domain
from tests.benchmarks.services import STOP_PATIENCE, Bot, bot, services, share
from tests.benchmarks.table import Row

RATE = 200
SECONDS = 60
CUSTOMERS = 250
CONNECTIONS = 3
BUSY = 40
"""How many of the bot's requests get a 429, every five seconds."""
LAST = 200
"""Commands that are typed right before the stop."""
QUIET = 6
"""Seconds: a request that failed or was refused is repeated sooner than that."""
ACK = 3.0
WHY_MISSED = (
    "as many bots as connections share one core. For an answer, three bots compute 4.6 ms and one bot 3.6 ms (200"
    " commands a second for 40 s). SQLite reads its pages again once another process has written: that is 47 reads for"
    " each command instead of 5 (/proc/PID/io at 60 commands a second; 2026-11-29)"
)
"""With several connections."""
_REPORTED = re.compile(r"Slack didn't accept a message|ended in \w+ \(reference|failed \(reference")
_BAD = re.compile(r"Traceback|was destroyed but it is pending|never retrieved|never awaited")


async def measure(rate: int = RATE, seconds: int = SECONDS) -> list[Row]:
    return [
        await _measure("over HTTP", rate, seconds),
        await _measure("by Socket Mode, 1 connection", rate, seconds, connections=1),
        await _measure(f"by Socket Mode, {CONNECTIONS} connections", rate, seconds, connections=CONNECTIONS),
    ]


async def _measure(way: str, rate: int, seconds: int, connections: int = 0) -> Row:
    """Without connections, Slack reaches the bot over HTTP. Each connection is a bot's; all have the same database."""
    async with AsyncExitStack() as stack:
        between = await stack.enter_async_context(services(calls=2_500, customers=CUSTOMERS, failing=0.05))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        running = AsyncExitStack()
        bots = [
            await running.enter_async_context(bot(between, is_socket=bool(connections), folder=folder))
            for _ in range(connections or 1)
        ]
        # People don't come all at once to a bot that has just started.
        await between.slack.ask("crowd", texts=_texts(50), rate=10, busy=0)
        processes = [*(running.child for running in bots), between.slack, between.kickscale]
        before = [process.worked() for process in processes]
        loaded = await between.slack.ask("crowd", texts=_texts(rate * seconds), rate=rate, busy=BUSY)
        behind = await _wait_for_answers(bots)
        worked = [process.worked() - idle for process, idle in zip(processes, before, strict=True)]
        answers = await between.slack.ask("answers")
        last = asyncio.create_task(between.slack.ask("crowd", texts=_texts(LAST), rate=LAST, busy=0))
        await asyncio.sleep(0.5)
        await running.aclose()
        await last
        left = (await between.slack.ask("answers"))["lost"] - answers["lost"]
        problems = _problems(loaded, answers, bots)
        if answers["skipped"]:
            sustained = answers["answers"] / (loaded["seconds"] + behind)
            problems.append(
                f"{answers['skipped']} commands were refused with a sentence: {sustained:.0f} a second were answered"
            )
        if left > 0:
            problems.append(f"{left} commands right before the stop got no answer")
    acks = loaded["acks"]
    stopping = max(running.ends["stopping"] for running in bots)
    what_happened = (
        f"{answers['answers']} of {answers['commands']} commands answered, typed in {loaded['seconds']:.0f} s, the "
        f"last {behind:.0f} s later; {answers['refused']} requests got a 429; stopped in {stopping:.1f} s; its core "
        f"worked for {sum(worked[:-2]):.0f} s meanwhile, {sum(worked[:-2]) / answers['answers'] * 1e3:.1f} ms for each "
        f"answer, and Slack and Kickscale for {worked[-2]:.0f} s and {worked[-1]:.0f} s"
    )
    return Row(
        f"{rate} commands a second for {seconds} s, {way}",
        "nothing lost",
        f"acks: p50 {share(acks, 0.5) * 1e3:.0f} ms, p99 {share(acks, 0.99) * 1e3:.0f} ms",
        f"{ACK:.0f} s",
        f"{share(acks, 1) / ACK:.2f}",
        "all acknowledged and answered, clean stop within 10 s",
        not problems,
        (what_happened, *problems),
        WHY_MISSED if connections > 1 else "",
    )


async def _wait_for_answers(bots: list[Bot]) -> float:
    """Wait until the bots have nothing to do, and return after how many seconds that was."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(running.settle(QUIET) for running in bots))
    return max(0.0, loop.time() - began - QUIET)


def _problems(loaded: Mapping[str, Any], answers: Mapping[str, int], bots: list[Bot]) -> list[str]:
    problems = [f"{count} commands ended in {error}" for error, count in loaded["errors"].items()]
    late = sum(ack > ACK for ack in loaded["acks"])
    if late:
        problems.append(f"{late} acks took longer than {ACK:.0f} s")
    reported = sum(len(_REPORTED.findall(running.ends["log"])) for running in bots)
    if (missing := answers["lost"] - reported) > 0:
        problems.append(f"{missing} commands got no answer, and no failure was reported")
    for running in bots:
        ends = running.ends
        if ends["status"] != 0 or ends["stopping"] > STOP_PATIENCE:
            problems.append(f"the stop took {ends['stopping']:.1f} s, with status {ends['status']}")
        if ends.get("left"):
            problems.append(f"{ends['left']} tasks were left over")
        bad = _BAD.findall(ends["log"])
        if bad:
            problems.append(f"the log has {len(bad)} times: {bad[0]}")
    return problems


def _texts(count: int) -> list[str]:
    """Return what so many people type: a third of them asks for help, and the others for a customer's calls."""
    calls = [f"calls {domain(random.randrange(CUSTOMERS))} last-30-days" for _ in range(count)]
    return ["help" if number % 3 == 0 else text for number, text in enumerate(calls)]
