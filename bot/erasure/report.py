"""What `kickscale-bot erase` says before and after."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import domains
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted

LABELS = {
    "questions": "questions behind buttons",
    "jobs": "jobs with what they were about",
    "offers": "offers to upload",
    "uploads": "uploads whose names and details go",
    "cards": "live cards that are not kept current any more",
    "channels": "channels that go back from uploading without asking to asking",
    "subscriptions": "subscriptions that change or go",
}
"""For the rows of each store, in the order in which they are listed. Those of other stores follow, by their names."""


@dataclass(slots=True)
class Outcome:
    """What was done, and what could not be."""

    deleted: int = 0
    """How many messages."""
    blanked: int = 0
    """How many messages Slack didn't delete: their text was replaced."""
    copies: dict[str, int] = field(default_factory=dict)
    """How many rows went, by the name of their store."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why messages are still there: Slack's error code, by `channel:ts` or `channel:file`."""
    under_way: tuple[str, ...] = ()
    is_compact: bool = True
    """Nothing that was removed is left in the bytes of the database's file."""

    def add(self, copies: Mapping[str, int]) -> None:
        self.copies = dict(Counter(self.copies) + Counter(copies))

    @property
    def is_whole(self) -> bool:
        return not (self.failed or self.under_way) and self.is_compact

    def left(self) -> list[str]:
        """Return a line for each thing that could not be done, with a remedy."""
        lines = [
            f"{where} is still in Slack, which says {code}: remove it there by hand, or run this again."
            for where, code in self.failed.items()
        ]
        lines += [
            f"{what} is under way: once the bot is done with it, or who is asked in Slack has answered, run this again."
            for what in self.under_way
        ]
        if not self.is_compact:
            lines.append("The database was in use all the time, and its file may still hold old bytes: run this again.")
        return lines


def locate(posted: Posted) -> str:
    """Return where a message is, for the person who has to look after it."""
    return f"{posted.channel}:{posted.file or posted.ts}"


def describe_traces(subject: Subject, traces: Traces) -> str:
    """Return what there is of a subject, in lines."""
    shown = map(domains.display, subject.values) if subject.about is About.DOMAIN else subject.values
    channels = Counter(posted.channel for posted in traces.messages.values())
    where = ", ".join(f"{channel} {count}" for channel, count in sorted(channels.items()))
    lines = [
        f"About {', '.join(shown)}:",
        f"  messages in Slack: {len(traces.messages)}{f' ({where})' if where else ''}",
    ]
    if traces.shared:
        lines.append(f"    of these are also about others: {traces.shared}")
    if files := sum(bool(posted.file) for posted in traces.messages.values()):
        lines.append(f"    of these with a file: {files}")
    names = sorted(traces.copies, key=[*LABELS, *traces.copies].index)
    lines += [f"  {LABELS.get(name, name)}: {traces.copies[name]}" for name in names]
    lines += [f"  under way, and left as it is: {what}" for what in traces.under_way]
    return "\n".join(lines)


def describe_outcome(outcome: Outcome) -> str:
    """Return what was done, in one line."""
    blanked = f" ({outcome.blanked} that Slack does not delete are blank now)" if outcome.blanked else ""
    return f"Erased: {outcome.deleted + outcome.blanked} messages{blanked}, {sum(outcome.copies.values())} rows."
