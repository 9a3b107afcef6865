"""A believable sample workspace, day by day: a day's conversations depend on nothing but its date.

So the data is the same at each start, only seen from another today, and goes on as the clock does. Fields are those
that the connector lists. Inner shapes are known of none of them: what stands here is the best reading, and varies on
purpose where a reader must not rely on it.
"""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.kickscale.callfields import CallFields
from bot.sandbox.kickscale.customers import ACME, ACME_EU, GLOBEX, OTHERS, REPS, Contact, Customer, Rep
from bot.sandbox.kickscale.english import ENGLISH
from bot.sandbox.kickscale.german import GERMAN
from bot.sandbox.kickscale.phrases import Phrases, Topic
from bot.sandbox.kickscale.records import Json, Kind, Record, read_record

DAYS = 365
CLIENT_ID = "sandbox-client-id"
ZONE = ZoneInfo("Europe/Berlin")


def user(rep: Rep) -> Json:
    """An owner. The connector says that there is a profile; that these four fields are it, is a guess."""
    return {"id": rep.id, "firstName": rep.first_name, "lastName": rep.last_name, "email": rep.email}


USERS: list[Json] = [user(each) for each in REPS]

_HOURS = range(8, 17)
_OUTCOMES = ("Next step agreed", "Follow-up needed", "Verbal yes", "On hold", "Not a fit")
_MEETING_TYPES = ("Discovery", "Demo", "Demo", "Negotiation", "Onboarding", "Check-in")
_CALL_TYPES = ("Discovery", "Follow-up", "Follow-up", "Negotiation", "Check-in")
_ANALYSIS = timedelta(minutes=6)


def local_day(moment: datetime) -> date:
    """The day in the office."""
    return moment.astimezone(ZONE).date()


def iso(moment: datetime) -> str:
    """As JavaScript's `toISOString` writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=2_000)
def conversations(day: date) -> tuple[Record, ...]:
    """What is held on a day: none at the weekend; on the others acme.com has a call at least, and a meeting on three.

    Nothing in a record is to be changed in place, as the next server gets the same ones.
    """
    weekday = day.weekday()
    if weekday > 4:
        return ()
    rng = random.Random(f"kickscale {day}")
    plans: list[tuple[Kind, Sequence[Customer]]] = [("calls", [ACME])]
    if weekday % 2 == 0:
        plans.append(("meetings", [ACME, GLOBEX] if weekday == 2 and day.isocalendar().week % 2 else [ACME]))
    if weekday == 1:
        plans.append(("calls", [ACME_EU]))
    if weekday in (0, 4):
        plans.append(("meetings", []))
    kinds: tuple[Kind, ...] = ("calls", "calls", "meetings")
    plans += [(rng.choice(kinds), [each]) for each in rng.sample(OTHERS, 5 + weekday % 2 - len(plans))]
    hours = sorted(rng.sample(_HOURS, len(plans)))
    rng.shuffle(plans)
    return tuple(
        _Talk(rng, day, hour, kind, customers).record() for hour, (kind, customers) in zip(hours, plans, strict=True)
    )


def uploaded(call_id: str, fields: CallFields, now: datetime) -> Json:
    """The call that a recording becomes: what came with it, and nothing that only the analysis tells."""
    return {
        "id": call_id,
        "createdAt": iso(now),
        "updatedAt": iso(now),
        "clientId": CLIENT_ID,
        "name": fields.name,
        "date": iso(fields.date),
        "duration": fields.duration,
        **dict.fromkeys(_ANALYSED),
        "rating": None,
        "comments": [],
        "user": user(rep_of(fields.user_email)),
        "crmReference": None,
        "businessEntities": [],
        "customerDomains": list(fields.domains),
        "recordingConsent": None,
        "language": fields.language or None,
        "caller": fields.caller or None,
        "callee": fields.callee or None,
        "direction": fields.direction or None,
        "externalCallId": fields.external_id or None,
    }


_ANALYSED = (
    *("summary", "actionItems", "participants", "userQuestions", "emailDraft", "feedback", "metrics", "type"),
    *("insights", "outcome", "transcript"),
)


def analysed(call_id: str, fields: CallFields) -> Json:
    """What the analysis of an uploaded call finds: the same for the same id. It tells the duration if nobody did."""
    customers = [_customer_of(each, fields.language or "en") for each in fields.domains or ("",)]
    rng, rep = random.Random(f"kickscale {call_id}"), rep_of(fields.user_email)
    talk = _Talk(rng, local_day(fields.date), 12, "calls", customers, rep=rep, seconds=fields.duration)
    made = talk.record()
    told = {**made.raw, "transcript": made.transcript() if made.transcript else None}
    return {name: told[name] for name in (*_ANALYSED, "duration", "language")}


def rep_of(email: str) -> Rep:
    """Whose call it is by an e-mail address; nobody's is that of the one who made the key."""
    if not email:
        return REPS[0]
    known = next((each for each in REPS if each.email == email.lower()), None)
    if known is not None:
        return known
    local, _, domain = email.partition("@")
    first, _, last = local.partition(".")
    names = (first.capitalize(), (last or domain.partition(".")[0]).capitalize())
    return Rep(str(uuid.uuid5(uuid.NAMESPACE_URL, email.lower())), *names, email, "")


def _customer_of(domain: str, language: str) -> Customer:
    """The sample customer with a domain, or somebody there; without a domain somebody of whom no more is known."""
    known = next((each for each in (ACME, ACME_EU, *OTHERS) if each.domain == domain.lower()), None)
    if known is not None:
        return replace(known, languages=language)
    company = domain.partition(".")[0].capitalize() or "New Customer"
    return Customer(company, language, (Contact("Sam Sample", f"sam.sample@{domain}" if domain else "", ""),))


class _Talk:
    """One conversation in the making. `customers` is empty for an internal one."""

    def __init__(
        self,
        rng: random.Random,
        day: date,
        hour: int,
        kind: Kind,
        customers: Sequence[Customer],
        *,
        rep: Rep | None = None,
        seconds: int | None = None,
    ) -> None:
        self._rng, self._kind, self._customers = rng, kind, customers
        self.id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        self._rep: Rep = rep or rng.choice(REPS)
        spoken = rng.choice(customers[0].languages.split()) if customers else rng.choice(("de", "de", "en"))
        self._words: Phrases = {"de": GERMAN, "en": ENGLISH}[spoken]
        self._contacts = [rng.choice(each.contacts) for each in customers]
        if kind == "meetings" and customers and rng.random() < 0.4:
            self._contacts.append(next(each for each in customers[0].contacts if each not in self._contacts))
        minute = rng.choice((0, 0, 15, 30)) if kind == "meetings" else rng.randrange(30)
        self._start = datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)
        least, most = (20, 58 - minute) if kind == "meetings" else (3, 26)
        self._seconds = seconds if seconds is not None else rng.randrange(least * 60, most * 60)
        kinds = _MEETING_TYPES if kind == "meetings" else _CALL_TYPES
        self._type = rng.choice(kinds) if customers else "Internal"
        self._topics: list[Topic] = rng.sample(self._words.topics, 3 if kind == "meetings" else 2)
        about = customers[0] if customers else rng.choice(OTHERS)
        self._company = about.company
        self._people: list[Rep | Contact] = [self._rep, *self._contacts]
        if not customers:
            self._people += [each for each in REPS if each is not self._rep][:2]
        self._places = {
            "rep": self._rep.name,
            "contact": self._contacts[0].name if self._contacts else self._rep.name,
            "company": about.company,
            "type": self._type,
            "topic": self._topics[0].title,
            "seats": rng.randrange(15, 400, 5),
            "months": rng.randrange(2, 25),
            "percent": rng.randrange(10, 90),
            "price": rng.randrange(29, 99),
            "budget": rng.randrange(12, 180) * 1000,
            "day": rng.choice(self._words.days),
        }

    def record(self) -> Record:
        rng, words = self._rng, self._words
        outcome = rng.choices(_OUTCOMES, (40, 25, 12, 15, 8))[0] if self._customers else None
        known_from = self._start + timedelta(seconds=self._seconds) + _ANALYSIS
        share = round(rng.uniform(0.32, 0.68), 2)
        tasks = self._tasks()
        raw: Json = {
            "id": self.id,
            "createdAt": iso(known_from),
            "updatedAt": iso(known_from + timedelta(minutes=rng.randrange(3))),
            "clientId": CLIENT_ID,
            "name": self._name(),
            "date": iso(self._start),
            "summary": self._summary(outcome),
            "actionItems": self._action_items(tasks),
            "participants": self._participants(share),
            "userQuestions": [self._fill(rng.choice(each.questions)) for each in self._topics if self._customers],
            "duration": self._seconds,
            "emailDraft": self._draft(tasks) if self._customers else None,
            "feedback": [{"criterion": each, "score": rng.randrange(1, 6)} for each in words.feedback],
            "metrics": {
                "speakRatio": share,
                "questions": rng.randrange(3, 22),
                "patience": round(rng.uniform(0.4, 2.2), 1),
                "wordsPerMinute": rng.randrange(118, 176),
                "longestMonologue": rng.randrange(35, 190),
            },
            "type": self._type,
            "insights": self._insights(),
            "language": words.code,
            "outcome": outcome,
            "comments": self._comments(known_from),
            "rating": rng.choice((None, None, 3, 4, 5)),
            "user": user(self._rep),
            **self._crm(),
            "customerDomains": list(dict.fromkeys(each.domain for each in self._contacts)),
            "recordingConsent": "given" if self._customers else "not required",
        }
        raw |= self._of_a_call() if self._kind == "calls" else self._of_a_meeting()
        made = read_record(self._kind, raw, internal=not self._customers, recorded=True)
        return replace(made, known_from=known_from, transcript=self._transcript())

    # ---- fields

    def _fill(self, template: str, **places: object) -> str:
        return template.format_map({**self._places, **places})

    def _name(self) -> str:
        if not self._customers:
            return self._fill(self._rng.choice(self._words.internal_names))
        names = self._words.meeting_name if self._kind == "meetings" else self._words.call_name
        return self._fill(self._rng.choice(names))

    def _summary(self, outcome: str | None) -> str:
        rng, words = self._rng, self._words
        if outcome is None:
            return " ".join(self._fill(each) for each in rng.sample(words.internal_told, 2))
        sentences = [rng.choice(words.openings[self._type])]
        sentences += [rng.choice(each.told) for each in self._topics]
        return " ".join(self._fill(each) for each in [*sentences, rng.choice(words.endings[outcome])])

    def _tasks(self) -> list[str]:
        if not self._customers:
            return [self._fill(each) for each in self._rng.sample(self._words.internal_tasks, 2)]
        return [self._fill(self._rng.choice(each.tasks)) for each in self._topics]

    def _action_items(self, tasks: list[str]) -> list[Any]:
        if self._rng.random() < 0.15:
            return list(tasks)
        names = [self._rep.name, self._rep.name, self._places["contact"]]
        return [{"text": each, "assignee": self._rng.choice(names), "done": self._rng.random() < 0.3} for each in tasks]

    def _participants(self, share: float) -> list[Json]:
        """With their parts of the talking time, which make 1; `share` is the rep's."""
        left, shares = 1 - share, [share]
        for _ in self._people[2:]:
            shares.append(round(left * self._rng.uniform(0.4, 0.7), 2))
            left -= shares[-1]
        shares.append(round(left, 2))
        return [
            {"name": each.name, "email": each.email, "speakRatio": part}
            for each, part in zip(self._people, shares, strict=True)
        ]

    def _insights(self) -> list[Json]:
        if not self._customers:
            return []
        return [{"title": each.title, "text": self._fill(each.insight)} for each in self._topics[:2]]

    def _draft(self, tasks: list[str]) -> Json:
        """A draft: Kickscale never sends it by itself (article 13408775)."""
        points = "\n".join(f"- {each}" for each in tasks)
        return {
            "subject": self._fill(self._rng.choice(self._words.subject)),
            "body": self._fill(self._words.body, points=points),
        }

    def _comments(self, at: datetime) -> list[Json]:
        if self._rng.random() < 0.8:
            return []
        return [{"text": self._rng.choice(self._words.comments), "user": USERS[1], "createdAt": iso(at)}]

    def _crm(self) -> Json:
        if not self._customers or self._rng.random() < 0.2:
            return {"crmReference": None, "businessEntities": []}
        number = self._rng.randrange(10_000, 99_999)
        deal = f"{self._company} {self._places['seats']}"
        return {
            "crmReference": {
                "deal": {"id": str(number), "name": deal, "url": f"https://crm.example/deals/{number}"},
                "company": {"id": str(number + 1), "name": self._company},
                "contact": {"id": str(number + 2), "name": self._contacts[0].name},
            },
            "businessEntities": [{"type": "deal", "name": deal}, {"type": "company", "name": self._company}],
        }

    def _of_a_call(self) -> Json:
        phones = [self._rep.phone, self._contacts[0].phone]
        direction = self._rng.choice(("outbound", "outbound", "inbound"))
        caller, callee = phones if direction == "outbound" else reversed(phones)
        return {
            "caller": caller,
            "callee": callee,
            "direction": direction,
            "externalCallId": f"tel-{self._rng.randrange(10**9):09}",
        }

    def _of_a_meeting(self) -> Json:
        return {"participantEmails": [each.email for each in self._people], "metadata": {}}

    def _transcript(self) -> Callable[[], list[Json]]:
        """What makes the lines, in turns."""
        words = self._words
        if not self._customers:
            lines, names = list(words.internal_lines), [each.name for each in self._people[:2]]
        else:
            lines = [*words.greeting, *(line for each in self._topics for line in each.lines), *words.farewell]
            names = [self._rep.name, self._contacts[0].name]
        return partial(_spoken, tuple(lines), tuple(names), dict(self._places), self._seconds)


def _spoken(lines: Sequence[str], names: Sequence[str], places: Json, seconds: int) -> list[Json]:
    """Utterances spread over the conversation as their lengths are."""
    texts = [each.format_map(places) for each in lines]
    whole, said, found = sum(map(len, texts)), 0, []
    for place, each in enumerate(texts):
        found.append({"speaker": names[place % 2], "text": each, "start": round(seconds * said / whole, 1)})
        said += len(each)
    return found
