"""The metrics of `/metrics`: counts and durations, never texts, people or customers."""

import re
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

# Label values stay in memory as long as the process lives, and some come from outside, e.g. Slack's error codes.
_LABEL = re.compile(r"[A-Za-z0-9_./-]{1,50}")
_MOST_VALUES = 100
OTHER = "other"

_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60)


class Metrics:
    """The metrics of one bot: two bots in one process, as in tests, share none."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._seen: dict[str, set[str]] = {}
        self._commands = Counter(
            "kickscale_bot_commands",
            "Commands and clicks answered.",
            ("command", "outcome"),
            registry=self._registry,
        )
        self._command_seconds = Histogram(
            "kickscale_bot_command_seconds",
            "From the ack to the answer.",
            ("command",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._kickscale = Counter(
            "kickscale_bot_kickscale_requests",
            "Requests to the Kickscale API.",
            ("operation", "outcome"),
            registry=self._registry,
        )
        self._kickscale_seconds = Histogram(
            "kickscale_bot_kickscale_request_seconds",
            "How long the Kickscale API took.",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._slack = Counter(
            "kickscale_bot_slack_calls",
            "Calls to Slack's Web API.",
            ("method", "outcome"),
            registry=self._registry,
        )
        self._slack_seconds = Histogram(
            "kickscale_bot_slack_call_seconds",
            "How long Slack took.",
            ("method",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._jobs = Gauge(
            "kickscale_bot_jobs", "Jobs that are waiting or running.", ("kind",), registry=self._registry
        )
        self._posted = Counter(
            "kickscale_bot_messages_posted", "Posted messages, by kind.", ("kind",), registry=self._registry
        )
        self._refused = Counter(
            "kickscale_bot_refused_requests",
            "Requests that were refused as forged or malformed, by the sender they claimed.",
            ("door",),
            registry=self._registry,
        )
        self._uploads = Counter(
            "kickscale_bot_uploads",
            "Uploads that ended or need a decision, by result.",
            ("outcome",),
            registry=self._registry,
        )

    def refused(self, door: str) -> None:
        """Count a refused request by its door: `slack`, `kickscale` or `metrics`, or `http` if it reached none."""
        self._refused.labels(door).inc()

    def upload(self, outcome: str) -> None:
        """Count an upload that ended or waits for a person's decision: `outcome` is its state."""
        self._uploads.labels(outcome).inc()

    def command(self, name: str, outcome: str, seconds: float) -> None:
        """Count an answered command or click: `outcome` is `ok` or the class of the error."""
        name = self._bounded("command", name)
        self._commands.labels(name, self._bounded("command outcome", outcome)).inc()
        self._command_seconds.labels(name).observe(seconds)

    def kickscale_request(self, operation: str, outcome: str, seconds: float) -> None:
        """Count a request to the Kickscale API: `outcome` is a status or the class of the error."""
        operation = self._bounded("operation", operation)
        self._kickscale.labels(operation, self._bounded("kickscale outcome", outcome)).inc()
        self._kickscale_seconds.labels(operation).observe(seconds)

    def slack_call(self, method: str, outcome: str, seconds: float) -> None:
        """Count a call of Slack's Web API: `outcome` is `ok`, a status or a known error code of Slack's."""
        method = self._bounded("method", method)
        self._slack.labels(method, self._bounded("slack outcome", outcome)).inc()
        self._slack_seconds.labels(method).observe(seconds)

    def jobs(self, by_kind: Mapping[str, int]) -> None:
        """Set how many jobs of each kind wait or run now; kinds that aren't listed have none."""
        self._jobs.clear()
        for kind, count in by_kind.items():
            self._jobs.labels(self._bounded("job", kind)).set(count)

    def posted(self, kind: str) -> None:
        """Count a posted message by its kind in the ledger."""
        self._posted.labels(self._bounded("kind", kind)).inc()

    def render(self) -> bytes:
        """Return all metrics in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
        return generate_latest(self._registry)

    def _bounded(self, label: str, value: str) -> str:
        """Return the value, or `other` if it isn't a plain word or if the label has too many values already."""
        seen = self._seen.setdefault(label, set())
        if value in seen:
            return value
        if len(seen) >= _MOST_VALUES or not _LABEL.fullmatch(value):
            return OTHER
        seen.add(value)
        return value
