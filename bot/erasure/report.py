"""What `kickscale-bot erase` prints before and after."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot import domains
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted

LABELS = {
    "questions": ("saved question", "saved questions"),
    "jobs": ("background job", "background jobs"),
    "offers": ("upload offer", "upload offers"),
    "uploads": ("upload (name and details)", "uploads (names and details)"),
    "mirror": ("copy of a conversation", "copies of conversations"),
    "customers": ("customer or contact", "customers and contacts"),
    "cards": ("live card (no longer updated)", "live cards (no longer updated)"),
    "channels": (
        "channel switched from automatic uploads to asking",
        "channels switched from automatic uploads to asking",
    ),
    "subscriptions": ("digest changed or removed", "digests changed or removed"),
}
"""Singular and plural for each store's rows, in the order they are listed. Other stores follow, by name."""


@dataclass(slots=True)
class Outcome:
    """What was erased, and what couldn't be."""

    deleted: int = 0
    """The number of messages."""
    blanked: int = 0
    """The number of messages that Slack wouldn't delete, so their text was replaced."""
    copies: dict[str, int] = field(default_factory=dict)
    """The number of rows erased, by the name of their store."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why messages are still there: Slack's error code, by `channel:ts` or `channel:file`."""
    under_way: tuple[str, ...] = ()
    is_compact: bool = True
    """No erased byte is left in the database file."""

    def add(self, copies: Mapping[str, int]) -> None:
        self.copies = dict(Counter(self.copies) + Counter(copies))

    @property
    def is_whole(self) -> bool:
        return not (self.failed or self.under_way) and self.is_compact

    def left(self) -> list[str]:
        """Return a line for each thing that couldn't be erased, with a remedy."""
        lines = [
            f"{where} couldn't be deleted from Slack ({code}). Delete it there by hand, or run this command again."
            for where, code in self.failed.items()
        ]
        lines += [
            f"{what} is in progress. Run this command again once it is finished (or its question in Slack is answered)."
            for what in self.under_way
        ]
        if not self.is_compact:
            lines.append("The database was busy, so its file may still contain erased bytes. Run this command again.")
        return lines


def locate(posted: Posted) -> str:
    """Return where a message is, for the person who has to delete it by hand."""
    return f"{posted.channel}:{posted.file or posted.ts}"


def describe_traces(subject: Subject, traces: Traces) -> str:
    """Return lines about everything found about a subject."""
    shown = map(domains.display, subject.values) if subject.about is About.DOMAIN else subject.values
    channels = Counter(posted.channel for posted in traces.messages.values())
    where = ", ".join(f"{channel} {count}" for channel, count in sorted(channels.items()))
    lines = [
        f"Found about {', '.join(shown)}:",
        f"  {_count(len(traces.messages), 'message in Slack', 'messages in Slack')}{f' ({where})' if where else ''}",
    ]
    if traces.shared:
        lines.append(f"    including {_count(traces.shared, 'that also mentions others', 'that also mention others')}")
    if files := sum(bool(posted.file) for posted in traces.messages.values()):
        lines.append(f"    including {files} with a file")
    names = sorted(traces.copies, key=[*LABELS, *traces.copies].index)
    lines += [f"  {_count(traces.copies[name], *LABELS.get(name, (name, name)))}" for name in names]
    lines += [f"  in progress, so not erased yet: {what}" for what in traces.under_way]
    return "\n".join(lines)


def as_json_values(subject: Subject, traces: Traces, outcome: Outcome | None) -> dict[str, Any]:
    """Return both as JSON values, without an outcome after a dry run; docs/scripts.md describes them."""
    erased = {"messages": outcome.deleted, "blanked": outcome.blanked, "rows": outcome.copies} if outcome else None
    return {
        "ok": outcome is None or outcome.is_whole,
        "dry_run": outcome is None,
        "about": str(subject.about),
        "values": list(subject.values),
        "found": {
            "messages": dict(Counter(posted.channel for posted in traces.messages.values())),
            "shared": traces.shared,
            "files": sum(bool(posted.file) for posted in traces.messages.values()),
            "rows": dict(traces.copies),
            "in_progress": list(traces.under_way),
        },
        "erased": erased,
        "left": outcome.left() if outcome else [],
    }


def describe_outcome(outcome: Outcome) -> str:
    """Return a one-line summary of what was erased."""
    messages, rows = outcome.deleted + outcome.blanked, sum(outcome.copies.values())
    blanked = f" ({outcome.blanked} blanked, because Slack wouldn't delete them)" if outcome.blanked else ""
    return f"Erased {_count(messages, 'message', 'messages')}{blanked} and {_count(rows, 'row', 'rows')}."


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"
