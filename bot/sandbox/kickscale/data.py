"""A believable sample workspace, day by day: a day's conversations depend only on its date.

So the data is the same at each start, only seen from a different day, and it grows with the clock. The fields are those
that the connector lists. Their inner structure is not known: it is a guess here, and varies on purpose where the reader
must not rely on it.
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
from bot.sandbox.kickscale.customers import COMPANIES, ENGLISH_COMPANY, Company, Contact, Customer, Rep
from bot.sandbox.kickscale.english import ENGLISH
from bot.sandbox.kickscale.german import GERMAN
from bot.sandbox.kickscale.phrases import AFTER_PURCHASE, LIKELIHOODS, OUTCOMES, Phrases, Topic
from bot.sandbox.kickscale.records import Json, Kind, Record, read_record

DAYS = 365
CLIENT_ID = "sandbox-client-id"
ZONE = ZoneInfo("Europe/Berlin")


def user(rep: Rep) -> Json:
    """Return an owner. The connector says that there is a profile; its four fields are a guess."""
    return {"id": rep.id, "firstName": rep.first_name, "lastName": rep.last_name, "email": rep.email}


def users(language: str, domain: str) -> list[Json]:
    """Return the users of the company that speaks a language, with e-mail addresses that end with `domain`."""
    return [user(rep) for rep in COMPANIES[language].reps if rep.email.endswith(domain)]


_HOURS = range(8, 17)
_MEETING_TYPES = ("Discovery", "Demo", "Demo", "Negotiation", "Onboarding", "Check-in")
_CALL_TYPES = ("Discovery", "Follow-up", "Follow-up", "Negotiation", "Check-in")
_ANALYSIS = timedelta(minutes=6)


def local_day(moment: datetime) -> date:
    """Return the day in the office's time zone."""
    return moment.astimezone(ZONE).date()


def iso(moment: datetime) -> str:
    """Return a moment as JavaScript's `toISOString` writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=2_000)
def conversations(day: date, language: str = ENGLISH_COMPANY.language) -> tuple[Record, ...]:
    """Return a day's conversations of the company that speaks a language.

    None at weekends; otherwise a call with acme.com, on three days also a meeting.

    Records must not be changed in place, since the next server gets the same ones.
    """
    weekday = day.weekday()
    if weekday > 4:
        return ()
    rng, company = random.Random(f"kickscale {day}"), COMPANIES[language]
    main = company.main
    plans: list[tuple[Kind, Sequence[Customer]]] = [("calls", [main])]
    if weekday % 2 == 0:
        plans.append(("meetings", [main, company.partner] if weekday == 2 and day.isocalendar().week % 2 else [main]))
    if weekday == 1:
        plans.append(("calls", [company.sister]))
    if weekday in (0, 4):
        plans.append(("meetings", []))
    kinds: tuple[Kind, ...] = ("calls", "calls", "meetings")
    plans += [(rng.choice(kinds), [customer]) for customer in rng.sample(company.others, 5 + weekday % 2 - len(plans))]
    hours = sorted(rng.sample(_HOURS, len(plans)))
    rng.shuffle(plans)
    return tuple(
        _Talk(rng, day, hour, kind, customers, company).record()
        for hour, (kind, customers) in zip(hours, plans, strict=True)
    )


def uploaded(call_id: str, fields: CallFields, now: datetime, language: str) -> Json:
    """Return the call for a recording: its own fields, without what only the analysis adds."""
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
        "user": user(rep_of(fields.user_email, COMPANIES[language])),
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


def analysed(call_id: str, fields: CallFields, language: str) -> Json:
    """Return what the analysis of an uploaded call adds, always the same for an id; with a duration if it has none."""
    company = COMPANIES[language]
    customers = [_customer_of(domain, fields.language or language, company) for domain in fields.domains or ("",)]
    rng, rep = random.Random(f"kickscale {call_id}"), rep_of(fields.user_email, company)
    talk = _Talk(rng, local_day(fields.date), 12, "calls", customers, company, rep=rep, seconds=fields.duration)
    record = talk.record()
    analysed_fields = {**record.raw, "transcript": record.transcript() if record.transcript else None}
    return {name: analysed_fields[name] for name in (*_ANALYSED, "duration", "language")}


def rep_of(email: str, company: Company) -> Rep:
    """Return the rep with an email address; without an address, the one who created the API key."""
    if not email:
        return company.reps[0]
    rep = next((rep for rep in company.reps if rep.email == email.lower()), None)
    if rep is not None:
        return rep
    local, _, domain = email.partition("@")
    first, _, last = local.partition(".")
    names = (first.capitalize(), (last or domain.partition(".")[0]).capitalize())
    return Rep(str(uuid.uuid5(uuid.NAMESPACE_URL, email.lower())), *names, email, "")


def _customer_of(domain: str, language: str, company: Company) -> Customer:
    """Return the sample customer with a domain, or a made-up one; without a domain, a customer without details."""
    customer = next(
        (customer for customer in (company.main, company.sister, *company.others) if customer.domain == domain.lower()),
        None,
    )
    if customer is not None:
        return replace(customer, languages=language)
    name = domain.partition(".")[0].capitalize() or {"de": "Neuer Kunde"}.get(language, "New Customer")
    return Customer(name, language, (Contact("Sam Sample", f"sam.sample@{domain}" if domain else "", ""),))


class _Talk:
    """Makes one conversation. `customers` is empty for an internal one."""

    def __init__(  # noqa: PLR0917 all that its content depends on
        self,
        rng: random.Random,
        day: date,
        hour: int,
        kind: Kind,
        customers: Sequence[Customer],
        company: Company,
        *,
        rep: Rep | None = None,
        seconds: int | None = None,
    ) -> None:
        self._rng, self._kind, self._customers = rng, kind, customers
        self.id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        self._users = company.reps
        self._rep: Rep = rep or rng.choice(company.reps)
        spoken = rng.choice(customers[0].languages.split()) if customers else company.language
        self._words: Phrases = {"de": GERMAN, "en": ENGLISH}[spoken]
        self._contacts = [rng.choice(customer.contacts) for customer in customers]
        if kind == "meetings" and customers and rng.random() < 0.4:
            self._contacts.append(next(contact for contact in customers[0].contacts if contact not in self._contacts))
        minute = rng.choice((0, 0, 15, 30)) if kind == "meetings" else rng.randrange(30)
        self._start = datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)
        least, most = (20, 58 - minute) if kind == "meetings" else (3, 26)
        self._seconds = seconds if seconds is not None else rng.randrange(least * 60, most * 60)
        kinds = _MEETING_TYPES if kind == "meetings" else _CALL_TYPES
        self._type = rng.choice(kinds) if customers else "Internal"
        topics = [topic for topic in self._words.topics if self._type not in topic.unlikely_in]
        self._topics: list[Topic] = rng.sample(topics, 3 if kind == "meetings" else 2)
        about = customers[0] if customers else rng.choice(company.others)
        self._labels = self._words.labels if company.language == "de" else {}
        self._company = about.company
        self._people: list[Rep | Contact] = [self._rep, *self._contacts]
        if not customers:
            self._people += [rep for rep in company.reps if rep is not self._rep][:2]
        contact = self._contacts[0].name if self._contacts else self._rep.name
        seats, price = rng.randrange(15, 400, 5), rng.randrange(29, 99)
        self._places = {
            "rep": self._rep.name,
            "rep_first": self._rep.first_name,
            "contact": contact,
            "contact_first": contact.partition(" ")[0],
            "company": about.company,
            "type": self._label(self._type),
            "topic": self._topics[0].title,
            "seats": seats,
            "price": price,
            "budget": self._grouped(round(seats * price * 12, -3)),
            "team": rng.randrange(6, 16),
            "hours": rng.randrange(2, 7),
            "weeks": rng.choice((4, 6, 8)),
            "months": rng.choice((3, 4, 6, 9)),
            "term": rng.choice((12, 24, 36)),
            "percent": rng.randrange(10, 90, 5),
            "usage": rng.randrange(55, 95, 5),
            "goal": rng.choice((20, 25, 30, 40)),
            "discount": rng.choice((5, 10, 15)),
            "recordings": self._grouped(rng.randrange(500, 5_000, 100)),
            "regions": rng.randrange(3, 8),
            "day": rng.choice(self._words.days),
        }

    def record(self) -> Record:
        rng, words = self._rng, self._words
        outcome = rng.choices(OUTCOMES, LIKELIHOODS[self._type])[0] if self._customers else None
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
            "userQuestions": [self._fill(rng.choice(topic.questions)) for topic in self._topics if self._customers],
            "duration": self._seconds,
            "emailDraft": self._draft(tasks) if self._customers else None,
            "feedback": [{"criterion": criterion, "score": rng.randrange(1, 6)} for criterion in words.feedback],
            "metrics": {
                "speakRatio": share,
                "questions": rng.randrange(3, 22),
                "patience": round(rng.uniform(0.4, 2.2), 1),
                "wordsPerMinute": rng.randrange(118, 176),
                "longestMonologue": rng.randrange(35, 190),
            },
            "type": self._label(self._type),
            "insights": self._insights(),
            "language": words.code,
            "outcome": outcome and self._label(outcome),
            "comments": self._comments(known_from),
            "rating": rng.choice((None, None, 3, 4, 5)),
            "user": user(self._rep),
            **self._crm(),
            "customerDomains": list(dict.fromkeys(contact.domain for contact in self._contacts)),
            "recordingConsent": "given" if self._customers else "not required",
        }
        raw |= self._of_a_call() if self._kind == "calls" else self._of_a_meeting()
        record = read_record(self._kind, raw, internal=not self._customers, recorded=True)
        return replace(record, known_from=known_from, transcript=self._transcript())

    # ---- fields

    def _label(self, name: str) -> str:
        """Return what a type or an outcome is called in this company."""
        return self._labels.get(name, name)

    def _grouped(self, number: int) -> str:
        """Return a number with its thousands set apart, as this language writes it."""
        return f"{number:,}".replace(",", "." if self._words.code == "de" else ",")

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
            return " ".join(self._fill(sentence) for sentence in rng.sample(words.internal_summary, 2))
        endings = words.later_endings if self._type in AFTER_PURCHASE else words.endings
        sentences = [rng.choice(words.openings[self._type])]
        sentences += [rng.choice(topic.summary) for topic in self._topics]
        return " ".join(self._fill(sentence) for sentence in [*sentences, rng.choice(endings[outcome])])

    def _tasks(self) -> list[str]:
        if not self._customers:
            return [self._fill(task) for task in self._rng.sample(self._words.internal_tasks, 2)]
        return [self._fill(self._rng.choice(topic.tasks)) for topic in self._topics]

    def _action_items(self, tasks: list[str]) -> list[Any]:
        if self._rng.random() < 0.15:
            return list(tasks)
        names = [self._rep.name, self._rep.name, self._places["contact"]]
        return [{"text": task, "assignee": self._rng.choice(names), "done": self._rng.random() < 0.3} for task in tasks]

    def _participants(self, share: float) -> list[Json]:
        """Return the people with their shares of the talking time, which add up to 1. `share` is the rep's."""
        left, shares = 1 - share, [share]
        for _ in self._people[2:]:
            shares.append(round(left * self._rng.uniform(0.4, 0.7), 2))
            left -= shares[-1]
        shares.append(round(left, 2))
        return [
            {"name": person.name, "email": person.email, "speakRatio": part}
            for person, part in zip(self._people, shares, strict=True)
        ]

    def _insights(self) -> list[Json]:
        """Return one that quotes the customer, as a second client of the API sees them, and one that doesn't."""
        if not self._customers:
            return []
        quoted, other = self._topics[:2]
        place = len(self._words.greeting)  # the customer speaks first about a topic, and this is the first one
        return [
            {
                "id": f"{self.id}-1",
                "event_type": quoted.title,
                "text": self._fill(quoted.insight),
                "quote": self._fill(quoted.lines[0]),
                "speaker": self._contacts[0].name,
                "utterance_id": utterance_id(place),
            },
            {"title": other.title, "text": self._fill(other.insight)},
        ]

    def _draft(self, tasks: list[str]) -> Json:
        """Return a follow-up email. Kickscale never sends it by itself (article 13408775)."""
        points = "\n".join(f"- {task}" for task in tasks)
        return {
            "subject": self._fill(self._rng.choice(self._words.subject)),
            "body": self._fill(self._words.body, points=points),
        }

    def _comments(self, at: datetime) -> list[Json]:
        if self._rng.random() < 0.8:
            return []
        return [{"text": self._rng.choice(self._words.comments), "user": user(self._users[1]), "createdAt": iso(at)}]

    def _crm(self) -> Json:
        if not self._customers or self._rng.random() < 0.2:
            return {"crmReference": None, "businessEntities": []}
        number = self._rng.randrange(10_000, 99_999)
        deal = self._fill(self._words.deal)
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
        return {"participantEmails": [person.email for person in self._people], "metadata": {}}

    def _transcript(self) -> Callable[[], list[Json]]:
        """Return a function that makes the lines, in turns."""
        words = self._words
        if not self._customers:
            lines, names = list(words.internal_lines), [person.name for person in self._people[:2]]
        else:
            lines = [*words.greeting, *(line for topic in self._topics for line in topic.lines), *words.farewell]
            names = [self._rep.name, self._contacts[0].name]
        return partial(_spoken, tuple(lines), tuple(names), dict(self._places), self._seconds)


def utterance_id(place: int) -> str:
    return f"u{place + 1}"


def _spoken(lines: Sequence[str], names: Sequence[str], places: Json, seconds: int) -> list[Json]:
    """Return utterances, spread over the conversation in proportion to their lengths."""
    texts = [line.format_map(places) for line in lines]
    whole, spoken, utterances = sum(map(len, texts)), 0, []
    for place, text in enumerate(texts):
        at = round(seconds * spoken / whole, 1)
        utterances.append({"id": utterance_id(place), "speaker": names[place % 2], "text": text, "start": at})
        spoken += len(text)
    return utterances
