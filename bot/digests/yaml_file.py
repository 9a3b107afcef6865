"""Reads and writes subscriptions as a YAML file for people to review, and plans an import. Pure.

    digests:
    - id: d1
      channel: C0123456789
      domains: [acme.com, "*.example.com"]
      at: 8:30
      days: weekdays
      timezone: Europe/Berlin
      language: de
      created_by: U0123456789

All values are read as text, since an unquoted 8:30 is a number in YAML (https://yaml.org/type/int.html).
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, TypeVar

import yaml

from bot import domains
from bot.commands.digest import clock_time, day_numbers
from bot.commands.lexicon.every import WORDS
from bot.digests.rules import DEFAULT_AT, begin, edit, identity, resume
from bot.model.digests import ASKED, Subscription, SubscriptionFields
from bot.texts.languages import DEFAULT, LANGUAGES
from bot.tools.zone_names import is_fixed, zone_named, zone_near

HEADING = "# Subscriptions of kickscale-bot. To check changes: kickscale-bot digest import FILE --dry-run\n"
KEYS = ("id", "channel", "domains", "live", "at", "days", "timezone", "empty", "language", "paused", "created_by")
SCHEDULE = ("at", "days", "timezone", "empty")
"""Keys that a live subscription doesn't have. The model's fields have the same names."""
SHOWN = 80

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GROUPS = {(): "daily", (0, 1, 2, 3, 4): "weekdays"}
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_ID = re.compile(r"d[1-9][0-9]{0,17}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}")
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_PAUSED = re.compile(r"[a-z0-9_]{1,60}")
"""`asked`, or Slack's error code for why it can't be posted to the channel."""

T = TypeVar("T")

_Problem = tuple[int, str]
"""A line, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an import does to one subscription; `after` equals `before` if nothing changes."""

    before: Subscription | None
    """None if it is new."""
    after: Subscription


def dump(subscriptions: Iterable[Subscription]) -> str:
    """Return the file for these subscriptions, always in the same order."""
    return HEADING + yaml.safe_dump(entries(subscriptions), sort_keys=False, allow_unicode=True, width=120)


def entries(subscriptions: Iterable[Subscription]) -> dict[str, list[dict[str, Any]]]:
    """Return what the file for these subscriptions contains."""
    ordered = sorted(
        subscriptions, key=lambda subscription: (subscription.channel, int(subscription.id.removeprefix("d")))
    )
    return {"digests": [_entry(subscription) for subscription in ordered]}


def parse(text: str, now: datetime, default_timezone: str) -> tuple[list[Subscription], list[str]]:
    """Return the subscriptions as they would start now, and a sentence for each problem, in order of lines.

    Subscriptions without an ID in the file get an empty one. If there are problems, don't use the subscriptions.
    """
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        return [], [f"Line {line}: not valid YAML ({exc.problem}). Domains with * need quotes."]
    except (yaml.YAMLError, RecursionError):
        return [], ["The file isn't valid YAML."]
    match root:
        case yaml.MappingNode(value=[(yaml.ScalarNode(value="digests"), yaml.SequenceNode(value=nodes))]):
            pass
        case _:
            return [], ["The file must have a single key, `digests`, with a list of subscriptions."]
    if odd := [node for node in nodes if not isinstance(node, yaml.MappingNode)]:
        return [], [f"Line {node.start_mark.line + 1}: an entry must consist of keys and values." for node in odd]
    known: dict[tuple[str, int], Any] = {}
    entries = [_Entry(node, now, default_timezone, known) for node in nodes]
    subscriptions = [entry.read() for entry in entries]
    problems = [problem for entry in entries for problem in entry.problems] or _duplicates(entries, subscriptions)
    by_line = sorted(problems, key=lambda problem: problem[0])
    return subscriptions, [f"Line {line}: {sentence}" for line, sentence in by_line]


def plan_import(
    existing: Sequence[Subscription], wanted: Sequence[Subscription], now: datetime
) -> tuple[list[Step], list[str]]:
    """Return a step for each wanted subscription, and a sentence for each reason why the file can't be imported.

    Existing subscriptions that aren't in the file stay as they are.
    """
    by_id = {subscription.id: subscription for subscription in existing}
    named = {subscription.id for subscription in wanted}
    free = {identity(subscription): subscription for subscription in existing if subscription.id not in named}
    steps = []
    clashes = []
    for after in wanted:
        before = by_id.get(after.id)
        if before is not None and (twin := free.get(identity(after))) is not None:
            clashes.append(f"{after.id} would be the same as {twin.id}, which already exists.")
        before = before or free.pop(identity(after), None)
        steps.append(Step(before, after if before is None else _change(before, after, now)))
    return steps, clashes


def describe(step: Step) -> str:
    """Return what changes, in one line."""
    after = _entry(step.after)
    if step.before is None:
        shown = (f"{name} {_text(value)}" for name, value in after.items() if name != "id")
        return f"add {step.after.id or 'a new subscription'}: {', '.join(shown)}"
    before = _entry(step.before)
    changes = [
        f"{name} {_text(before.get(name))} -> {_text(after.get(name))}"
        for name in KEYS
        if before.get(name) != after.get(name)
    ]
    return f"change {step.before.id} in {step.before.channel}: {', '.join(changes)}"


def _change(before: Subscription, wanted: Subscription, now: datetime) -> Subscription:
    names = ["channel", "domains", "live", "created_by", "language", *([] if wanted.live else SCHEDULE)]
    if set(before.domains) == set(wanted.domains):
        names.remove("domains")  # their order means nothing
    changes: SubscriptionFields = {  # type: ignore[assignment]  # these are names of its fields
        name: getattr(wanted, name) for name in names if getattr(wanted, name) != getattr(before, name)
    }
    after = edit(before, now, **changes)
    return replace(after, paused=wanted.paused) if wanted.paused else resume(after, now)


def _duplicates(entries: Sequence["_Entry"], subscriptions: Sequence[Subscription]) -> list[_Problem]:
    problems = []
    by_id: dict[str, _Entry] = {}
    by_identity: dict[Hashable, _Entry] = {}
    for entry, subscription in zip(entries, subscriptions, strict=True):
        id_ = subscription.id
        if id_ and (first := by_id.setdefault(id_, entry)) is not entry:
            problems.append((entry.line, f"the ID {id_} is already used in line {first.line}."))
        if (first := by_identity.setdefault(identity(subscription), entry)) is not entry:
            problems.append((entry.line, f"this is the same as the entry in line {first.line}."))
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
    if subscription.language != DEFAULT:
        entry["language"] = subscription.language
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
    """One entry of the file, and the problems with it.

    `known` is what was read from the lists of all entries, by key and node. A YAML alias is the same node as its
    anchor, so a list that thousands of entries share is read once, and its problems are reported once.
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
        self._read_keys()
        live = self._flag("live")
        subscription = Subscription(
            id=self._matching("id", _ID, "an ID like d1") if "id" in self._values else "",
            channel=self._matching("channel", _CHANNEL, "a channel ID like C0123456789"),
            domains=self._once("domains", self._domains),
            timezone=self._zone(),
            created_by=self._creator(),
            created_at=self._now,
            since=self._now,
            due_after=self._now,
            live=live,
            at=self._at(),
            days=self._once("days", self._days),
            empty=self._flag("empty"),
            paused=self._paused(),
            language=self._language(),
        )
        if live:
            self.problems += [
                (self._line_of(key), f"a live subscription can't have `{key}`.")
                for key in SCHEDULE
                if key in self._values
            ]
        return begin(subscription, self._now)

    def _read_keys(self) -> None:
        for node, value in self._node.value:
            name = node.value if isinstance(node, yaml.ScalarNode) else ""
            line = node.start_mark.line + 1
            if name not in KEYS:
                self.problems.append((line, f"{_quoted(name)} isn't one of the keys: {', '.join(KEYS)}."))
            elif name in self._values:
                self.problems.append((line, f"{_quoted(name)} is given twice."))
            self._values[name] = value

    def _line_of(self, key: str) -> int:
        node = self._values.get(key)
        return node.start_mark.line + 1 if node else self.line

    def _wrong(self, key: str, value: str, what: str) -> None:
        said = f"{_quoted(value)} isn't {what}" if value else f"`{key}` is missing or isn't {what}"
        self.problems.append((self._line_of(key), f"{said}."))

    def _scalar(self, key: str) -> str:
        node = self._values.get(key)
        return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""

    def _list(self, key: str) -> list[str]:
        """Return one value or several; an empty text stands for one that isn't text."""
        node = self._values.get(key)
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node] if node else []
        return [str(value.value).strip() if isinstance(value, yaml.ScalarNode) else "" for value in nodes]

    def _once(self, key: str, read: Callable[[], T]) -> T:
        node = self._values.get(key)
        if node is None:
            return read()
        place = key, id(node)
        if place not in self._known:
            self._known[place] = read()
        value: T = self._known[place]
        return value

    def _matching(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        value = self._scalar(key)
        if not pattern.fullmatch(value):
            self._wrong(key, value, what)
        return value

    def _creator(self) -> str:
        node = self._values.get("created_by")
        if isinstance(node, yaml.ScalarNode) and not node.value:
            return ""  # how it is exported once that person was erased
        return self._matching(
            "created_by", _USER, "the Slack user ID of the person to tell about problems, e.g. U0123456789"
        )

    def _domains(self) -> tuple[str, ...]:
        patterns = []
        for word in self._list("domains") or [""]:
            try:
                patterns.append(domains.normalise(word))
            except ValueError:
                self._wrong("domains", word, "a customer's domain like acme.com")
        return domains.distinct(patterns)

    def _zone(self) -> str:
        if "timezone" not in self._values:
            return self._default_timezone
        text = self._scalar("timezone")
        zone = zone_named(text)
        if zone is None:
            kind = "a time zone with daylight saving time" if is_fixed(text) else "a time zone"
            self._wrong("timezone", text, f"{kind} like {zone_near(text) or 'Europe/Berlin'}")
        return zone or self._default_timezone

    def _at(self) -> time:
        at = clock_time(self._scalar("at"), WORDS) if "at" in self._values else DEFAULT_AT
        if at is None:
            self._wrong("at", self._scalar("at"), "a time like 8:30")
        return at or DEFAULT_AT

    def _days(self) -> tuple[int, ...]:
        days: set[int] = set()
        for word in self._list("days") or [""] * ("days" in self._values):
            numbers = day_numbers(word, WORDS)
            if not numbers:
                self._wrong("days", word, "a day like monday, mon-fri, weekdays or daily")
            days |= numbers
        return () if len(days) == len(_DAYS) else tuple(sorted(days))

    def _language(self) -> str:
        if "language" not in self._values:
            return DEFAULT
        value = self._scalar("language")
        if value not in LANGUAGES:
            self._wrong("language", value, f"one of {', '.join(LANGUAGES)}")
        return value

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
