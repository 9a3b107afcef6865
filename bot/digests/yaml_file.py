"""Subscriptions as a YAML file that people review, and what such a file changes: pure.

    digests:
    - id: d1
      channel: C0123456789
      domains: [acme.com, "*.example.com"]
      at: 8:30
      days: weekdays
      timezone: Europe/Berlin
      created_by: U0123456789

All values are read as text: YAML itself takes an unquoted 8:30 for a number (https://yaml.org/type/int.html).
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import yaml

from bot import domains
from bot.commands.digest import clock_time, day_numbers, zone_named, zone_near
from bot.commands.lexicon.words import EN
from bot.digests.rules import ASKED, DEFAULT_AT, begun, edited, key, resumed
from bot.model.digests import Subscription

HEADING = "# The subscriptions of kickscale-bot. `kickscale-bot digest import FILE --dry-run` checks a change.\n"
KEYS = ("id", "channel", "domains", "live", "at", "days", "timezone", "empty", "paused", "created_by")
SCHEDULE = ("at", "days", "timezone", "empty")
"""What a live subscription has no use for; also the names of the model's fields."""
SHOWN = 80

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS = {(): "daily", (0, 1, 2, 3, 4): "weekdays"}
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_ID = re.compile(r"d[1-9][0-9]{0,17}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}")
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_PAUSED = re.compile(r"[a-z0-9_]{1,60}")
"""`asked`, or Slack's own word for why it can't be posted."""

T = TypeVar("T")

_Problem = tuple[int, str]
"""The line, and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the file makes of one subscription: the same again where nothing changes."""

    before: Subscription | None
    """None: it is new."""
    after: Subscription


def write(subscriptions: Iterable[Subscription]) -> str:
    """The file of these, always in the same order."""
    ordered = sorted(subscriptions, key=lambda each: (each.channel, int(each.id.removeprefix("d"))))
    entries = {"digests": [_entry(each) for each in ordered]}
    return HEADING + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=120)


def read(text: str, now: datetime, default_timezone: str) -> tuple[list[Subscription], list[str]]:
    """The subscriptions as they would begin now, without an id where none is given; and every problem as a sentence,
    in the order of the lines.

    They are good only where there are no problems.
    """
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        return [], [f"Line {line}: this is not YAML ({exc.problem}); a domain with * needs quotes."]
    except (yaml.YAMLError, RecursionError):
        return [], ["The file is not YAML."]
    match root:
        case yaml.MappingNode(value=[(yaml.ScalarNode(value="digests"), yaml.SequenceNode(value=nodes))]):
            pass
        case _:
            return [], ["The file has to have one key, `digests`, with a list of subscriptions."]
    if odd := [node for node in nodes if not isinstance(node, yaml.MappingNode)]:
        return [], [f"Line {node.start_mark.line + 1}: an entry has to be of keys and values." for node in odd]
    known: dict[tuple[str, int], Any] = {}
    entries = [_Entry(node, now, default_timezone, known) for node in nodes]
    found = [entry.read() for entry in entries]
    problems = [problem for entry in entries for problem in entry.problems] or _twice(entries, found)
    return found, [f"Line {line}: {said}" for line, said in sorted(problems, key=lambda each: each[0])]


def plan(
    existing: Sequence[Subscription], wanted: Sequence[Subscription], now: datetime
) -> tuple[list[Step], list[str]]:
    """A step for each that is wanted, and every reason why that can't be. What is not wanted stays as it is."""
    by_id = {each.id: each for each in existing}
    named = {each.id for each in wanted}
    free = {key(each): each for each in existing if each.id not in named}
    steps = []
    clashes = []
    for each in wanted:
        before = by_id.get(each.id)
        if before is not None and (twin := free.get(key(each))) is not None:
            clashes.append(f"The entry {each.id} would be the very same as {twin.id}, which is there already.")
        before = before or free.pop(key(each), None)
        steps.append(Step(before, each if before is None else _changed(before, each, now)))
    return steps, clashes


def told(step: Step) -> str:
    """What changes, in one line."""
    after = _entry(step.after)
    if step.before is None:
        shown = (f"{name} {_text(value)}" for name, value in after.items() if name != "id")
        return f"add {step.after.id or 'a new one'}: {', '.join(shown)}"
    before = _entry(step.before)
    changes = [
        f"{name} {_text(before.get(name))} -> {_text(after.get(name))}"
        for name in KEYS
        if before.get(name) != after.get(name)
    ]
    return f"change {step.before.id} in {step.before.channel}: {', '.join(changes)}"


def _changed(before: Subscription, wanted: Subscription, now: datetime) -> Subscription:
    names = ["channel", "domains", "live", "created_by", *([] if wanted.live else SCHEDULE)]
    if set(before.domains) == set(wanted.domains):
        names.remove("domains")  # their order says nothing
    changes = {name: getattr(wanted, name) for name in names if getattr(wanted, name) != getattr(before, name)}
    after = edited(before, now, **changes)
    return replace(after, paused=wanted.paused) if wanted.paused else resumed(after, now)


def _twice(entries: Sequence["_Entry"], found: Sequence[Subscription]) -> list[_Problem]:
    problems = []
    by_id: dict[str, _Entry] = {}
    by_key: dict[Hashable, _Entry] = {}
    for entry, each in zip(entries, found, strict=True):
        if each.id and (first := by_id.setdefault(each.id, entry)) is not entry:
            problems.append((entry.line, f"the id {each.id} is in line {first.line} already."))
        if (first := by_key.setdefault(key(each), entry)) is not entry:
            problems.append((entry.line, f"this is the very same as the entry in line {first.line}."))
    return problems


def _entry(subscription: Subscription) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": subscription.id,
        "channel": subscription.channel,
        "domains": list(subscription.domains),
    }
    if subscription.live:
        entry["live"] = True
    else:
        days = subscription.days
        entry["at"] = subscription.at.isoformat("minutes")
        entry["days"] = _GROUPS.get(days) or [_DAYS[day] for day in days]
        entry["timezone"] = subscription.timezone
        if subscription.empty:
            entry["empty"] = True
    if subscription.paused:
        entry["paused"] = subscription.paused
    return entry | {"created_by": subscription.created_by}


def _text(value: Any) -> str:
    match value:
        case list():
            return " ".join(value)
        case bool() | None:
            return "yes" if value else "no"
        case _:
            return str(value)


class _Entry:
    """One entry of the file, and what is wrong with it.

    `known` is what was read of the lists in it, by key and node: an alias is the very node that it is for.
    """

    def __init__(
        self, node: yaml.MappingNode, now: datetime, default_timezone: str, known: dict[tuple[str, int], Any]
    ) -> None:
        self._node = node
        self._now = now
        self._default_timezone = default_timezone
        self._known = known
        self._values: dict[str, yaml.Node] = {}
        self.line = node.start_mark.line + 1
        self.problems: list[_Problem] = []

    def read(self) -> Subscription:
        self._take()
        live = self._flag("live")
        subscription = Subscription(
            id=self._matching("id", _ID, "an id such as d1") if "id" in self._values else "",
            channel=self._matching("channel", _CHANNEL, "a channel's id such as C0123456789"),
            domains=self._once("domains", self._domains),
            timezone=self._zone(),
            created_by=self._maker(),
            created_at=self._now,
            since=self._now,
            due_after=self._now,
            live=live,
            at=self._at(),
            days=self._once("days", self._days),
            empty=self._flag("empty"),
            paused=self._paused(),
        )
        if live:
            self.problems += [
                (self._line_of(key), f"a live subscription has no `{key}`.") for key in SCHEDULE if key in self._values
            ]
        return begun(subscription, self._now)

    def _take(self) -> None:
        for node, value in self._node.value:
            name = node.value if isinstance(node, yaml.ScalarNode) else ""
            line = node.start_mark.line + 1
            if name not in KEYS:
                self.problems.append((line, f"{_quoted(name)} is none of the keys: {', '.join(KEYS)}."))
            elif name in self._values:
                self.problems.append((line, f"{_quoted(name)} is there twice."))
            self._values[name] = value

    def _line_of(self, key: str) -> int:
        node = self._values.get(key)
        return node.start_mark.line + 1 if node else self.line

    def _wrong(self, key: str, value: str, what: str) -> None:
        said = f"{_quoted(value)} is not {what}" if value else f"`{key}` is missing, or is not {what}"
        self.problems.append((self._line_of(key), f"{said}."))

    def _scalar(self, key: str) -> str:
        node = self._values.get(key)
        return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""

    def _list(self, key: str) -> list[str]:
        """One, or several; empty text for what is neither."""
        node = self._values.get(key)
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node] if node else []
        return [str(each.value).strip() if isinstance(each, yaml.ScalarNode) else "" for each in nodes]

    def _once(self, key: str, read: Callable[[], T]) -> T:
        node = self._values.get(key)
        if node is None:
            return read()
        place = key, id(node)
        if place not in self._known:
            self._known[place] = read()
        found: T = self._known[place]
        return found

    def _matching(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        value = self._scalar(key)
        if not pattern.fullmatch(value):
            self._wrong(key, value, what)
        return value

    def _maker(self) -> str:
        node = self._values.get("created_by")
        if isinstance(node, yaml.ScalarNode) and not node.value:
            return ""  # as it is exported once whoever it was is forgotten
        return self._matching("created_by", _USER, "the Slack id of who is told of problems, such as U0123456789")

    def _domains(self) -> tuple[str, ...]:
        found = []
        for word in self._list("domains") or [""]:
            try:
                found.append(domains.normalise(word))
            except ValueError:
                self._wrong("domains", word, "a customer's domain such as acme.com")
        return domains.distinct(found)

    def _zone(self) -> str:
        if "timezone" not in self._values:
            return self._default_timezone
        text = self._scalar("timezone")
        zone = zone_named(text)
        if zone is None:
            self._wrong("timezone", text, f"a time zone such as {zone_near(text) or 'Europe/Berlin'}")
        return zone or self._default_timezone

    def _at(self) -> Any:
        at = clock_time(self._scalar("at"), EN) if "at" in self._values else DEFAULT_AT
        if at is None:
            self._wrong("at", self._scalar("at"), "a time of the day such as 8:30")
        return at or DEFAULT_AT

    def _days(self) -> tuple[int, ...]:
        days: set[int] = set()
        for word in self._list("days") or [""] * ("days" in self._values):
            found = day_numbers(word, EN)
            if not found:
                self._wrong("days", word, "a day such as monday, mon-fri, weekdays or daily")
            days |= found
        return () if len(days) == len(_DAYS) else tuple(sorted(days))

    def _flag(self, key: str) -> bool:
        if key not in self._values:
            return False
        value = self._scalar(key)
        if value.casefold() not in _FLAGS:
            self._wrong(key, value, "true or false")
        return _FLAGS.get(value.casefold(), False)

    def _paused(self) -> str:
        value = self._scalar("paused")
        if "paused" not in self._values or _FLAGS.get(value.casefold()) is False:
            return ""
        if _FLAGS.get(value.casefold()):
            return ASKED
        return self._matching("paused", _PAUSED, f"true, false or {ASKED}")


def _quoted(word: str) -> str:
    word = " ".join(word.split())
    return f"“{word if len(word) <= SHOWN else word[:SHOWN] + '…'}”"
