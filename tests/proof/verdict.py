"""What the proof found: figures, and whether anything was lost or doubled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.services import share

ACK = 3.0
TAKEOVER = 60.0
CATCH_UP = 0.05
"""The share of a stage's commands that may still wait for their answer when it ends."""


@dataclass(frozen=True)
class Stage:
    """So many seconds at one rate."""

    rate: int
    is_sustained: bool
    cores: Mapping[str, float]
    """How many cores each kept busy."""
    memory: int
    """Bytes: of the largest bot."""
    connections: int
    """That all bots have to the database."""
    commits: float
    """Transactions per command."""
    written: float
    """The share of the time in which somebody wrote to the database."""
    waiting: float
    """How many bots waited to write, on average."""


@dataclass(frozen=True)
class Figures:
    minutes: float
    rate: int
    stages: Sequence[Stage]
    kills: int
    takeovers: Sequence[float]
    restarts: Sequence[str]
    deployed: float
    stops: Sequence[int | None]
    failed_starts: int
    complaints: Mapping[str, int]
    load: float


@dataclass(frozen=True)
class Line:
    what: str
    figure: str
    is_well: bool = True


@dataclass(frozen=True)
class Verdict:
    lines: Sequence[Line]

    @property
    def is_well(self) -> bool:
        return all(line.is_well for line in self.lines)

    def __str__(self) -> str:
        width = max(len(line.what) for line in self.lines)
        return "\n".join(
            f"{'ok  ' if line.is_well else 'BAD '} {line.what:{width}}  {line.figure}" for line in self.lines
        )


def is_sustained(before: Mapping[str, Any], after: Mapping[str, Any], typed: int, wanted: float) -> bool:
    """Return whether the bots kept up with a stage: it was typed in time, acknowledged, and answered but for a few."""
    errors = after["commands"]["unacked"] - before["commands"]["unacked"]
    waiting = len(after["commands"]["unanswered"])
    return not errors and typed >= 0.95 * wanted and waiting <= CATCH_UP * typed


def judge(tally: Mapping[str, Any], expected: Sequence[str], sent: Sequence[str], figures: Figures) -> Verdict:
    return Verdict(
        [
            *_rates(figures),
            *_troubles(figures),
            *_answered("commands", tally["commands"]),
            *_answered("clicks", tally["clicks"]),
            *_promised(tally, expected, sent),
        ]
    )


def _rates(figures: Figures) -> list[Line]:
    lines = [
        Line(
            f"{stage.rate} commands a second, nothing else",
            ("sustained" if stage.is_sustained else "too many")
            + "; cores kept busy: "
            + ", ".join(f"{name} {cores:.2f}" for name, cores in stage.cores.items())
            + f"; the largest bot has {stage.memory / 2**20:.0f} MiB; {stage.connections} connections to PostgreSQL, "
            f"{stage.commits:.1f} transactions for each command; somebody writes {stage.written:.0%} of the time, "
            f"and {stage.waiting:.2f} bots wait to write",
        )
        for stage in figures.stages
    ]
    return [*lines, Line("load of the machine at the end, others' work included", f"{figures.load:.1f}")]


def _troubles(figures: Figures) -> list[Line]:
    slowest = max(figures.takeovers, default=0.0)
    restarts = " and ".join(figures.restarts)
    unclean = sum(status != 0 for status in figures.stops)
    return [
        Line("minutes with troubles, and commands a second meanwhile", f"{figures.minutes:g}, {figures.rate}"),
        Line("bots killed", f"{figures.kills}"),
        Line(
            "seconds until the jobs of a killed bot were taken over, at most",
            f"{slowest:.0f}",
            len(figures.takeovers) == figures.kills and slowest <= TAKEOVER,
        ),
        Line("restarts of PostgreSQL", restarts, len(figures.restarts) == 2),
        Line(
            "rolling deployment of a release with more columns",
            f"{figures.deployed:.0f} s, {len(figures.stops)} stopped, {unclean} of them uncleanly",
            figures.deployed > 0 and not unclean,
        ),
        Line("starts that failed since PostgreSQL was away, and were repeated", f"{figures.failed_starts}"),
        Line("bad lines in the logs", str(dict(figures.complaints) or "none"), not figures.complaints),
    ]


def _answered(what: str, sent: Mapping[str, Any]) -> list[Line]:
    """Return what became of commands or clicks, which Slack doesn't send again."""
    acks = sent["acks"] or [ACK + 1]
    return [
        Line(what, f"{sent['sent']}", bool(sent["sent"])),
        Line(
            f"{what} acknowledged",
            f"{len(sent['acks'])}; p50 {share(acks, 0.5) * 1e3:.0f} ms, p99 {share(acks, 0.99) * 1e3:.0f} ms, "
            f"slowest {acks[-1]:.1f} s",
            acks[-1] <= ACK,
        ),
        Line(
            f"{what} not acknowledged: lost, and Slack says so to the person",
            f"{sent['unacked']} {dict(sent['errors']) or ''}",
        ),
        Line(
            f"{what} acknowledged and never answered",
            f"{len(sent['unanswered'])} {sent['unanswered'][:20] or ''}",
            not sent["unanswered"],
        ),
        Line(f"{what} answered twice", f"{len(sent['doubled'])} {sent['doubled'][:20] or ''}", not sent["doubled"]),
        Line(f"{what} after which people read that the bot was restarted", f"{sent['told']}"),
    ]


def _promised(tally: Mapping[str, Any], expected: Sequence[str], sent: Sequence[str]) -> list[Line]:
    events, messages, mentions = tally["events"], tally["messages"], tally["mentions"]
    digests: Mapping[str, int] = tally["digests"]
    missing = set(expected) - digests.keys()
    twice = [key for key, count in digests.items() if count > 1]
    odd = [key for key in digests if key.endswith(":failed")]
    shared: Mapping[str, Sequence[str]] = tally["recordings"]
    arrived = Counter(sent)
    lost = shared.keys() - arrived.keys()
    doubled = [name for name, count in arrived.items() if count > 1]
    mute = [name for name, said in shared.items() if len(said) != 1]
    return [
        Line(
            "events",
            f"{events['sent']}; {events['redelivered']} delivered again, {events['lost'] + events['pending']} lost",
            not events["lost"] + events["pending"],
        ),
        Line(
            "messages to the bot",
            f"{messages['written']}; {len(messages['unanswered'])} not answered, "
            f"{len(messages['doubled'])} answered twice {[*messages['unanswered'], *messages['doubled']] or ''}",
            bool(messages["written"]) and not messages["unanswered"] and not messages["doubled"],
        ),
        Line(
            "mentions of the bot",
            f"{mentions['written']}; {len(mentions['unanswered'])} not answered, {len(mentions['doubled'])} answered "
            f"twice, {mentions['told']} after which people read that the bot was restarted "
            f"{[*mentions['unanswered'], *mentions['doubled']] or ''}",
            bool(mentions["written"]) and not mentions["unanswered"] and not mentions["doubled"],
        ),
        Line(
            "digests",
            f"{len(expected)}; {len(missing)} missing, {len(twice)} posted twice, {len(odd)} failed",
            not missing and not twice and not odd,
        ),
        Line(
            "recordings",
            f"{len(shared)}; {len(lost)} missing in Kickscale, {len(doubled)} there twice, "
            f"{len(mute)} without exactly one message {({name: shared[name] for name in (*lost, *mute)}) or ''}",
            bool(shared) and not lost and not doubled and not mute,
        ),
        Line("requests to which Slack said 429", f"{tally['refused']}"),
    ]
