"""The people in the sample data: reps, and customers with clearly made-up names and domains (RFC 2606, RFC 6761).

There are two companies: one that speaks English, and German with its German customers, and one that only speaks German.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rep:
    id: str
    first_name: str
    last_name: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    email: str
    phone: str

    @property
    def domain(self) -> str:
        return self.email.partition("@")[2]


@dataclass(frozen=True, slots=True)
class Customer:
    company: str
    languages: str
    """`de`, `en`, or both, repeated by how frequent they are."""
    contacts: tuple[Contact, ...]

    @property
    def domain(self) -> str:
        return self.contacts[0].domain


@dataclass(frozen=True, slots=True)
class Company:
    """A company that uses Kickscale, and its customers."""

    language: str
    """`de` if everything is in German."""
    reps: tuple[Rep, ...]
    """The first one created the API key."""
    main: Customer
    """Has a call every day."""
    sister: Customer
    """Of the main one."""
    partner: Customer
    """Joins meetings with the main one."""
    others: tuple[Customer, ...]


# From ranges reserved for fiction: Bundesnetzagentur's (0)30 23125, Ofcom's 20 7946 0; the NANP's is 555-01.
_LINES = {"de": "+49 30 23125 {:03}", "en": "+44 20 7946 0{:03}"}


def _reps(*people: tuple[str, str, str]) -> tuple[Rep, ...]:
    return tuple(
        Rep(f"0c0ffee0-0000-4000-8000-00000000000{place}", first, last, f"{first}.{last}@example.com".lower(), line)
        for place, (first, last, line) in enumerate(people, start=1)
    )


def _customer(company: str, domain: str, languages: str, names: str) -> Customer:
    """`names` are separated by commas; a name can be followed by `@` and a domain of its own."""
    contacts = []
    for place, contact in enumerate(names.split(",")):
        name, _, own = contact.strip().partition("@")
        line = _LINES[languages[:2]].format(100 + sum(domain.encode()) % 750 + place)
        contacts.append(Contact(name, f"{name.lower().replace(' ', '.')}@{own or domain}", line))
    return Customer(company, languages, tuple(contacts))


_GLOBEX = _customer("Globex", "globex.example", "en", "Pat Placeholder, Alex Anybody")
ENGLISH_COMPANY = Company(
    "en",
    _reps(
        ("Robin", "Rep", "+49 30 23125 901"),
        ("Lea", "Lead", "+1 212 555 0190"),
        ("Max", "Muster", "+49 30 23125 903"),
        ("Erika", "Example", "+44 20 7946 0904"),
    ),
    _customer("Acme", "acme.com", "en", "Jane Doe, John Doe, Sam Sample"),
    _customer("Acme Europe", "eu.acme.com", "de en", "Erika Mustermann, Otto Normal"),
    _GLOBEX,
    (
        _GLOBEX,
        _customer("Initech", "initech.example", "en", "Tina Test, Terry Tester"),
        _customer("Umbrella", "umbrella.example", "en", "Uma Unknown, Ulf Unnamed"),
        _customer("Hooli", "hooli.example", "en", "Holly Holder, Sasha Someone"),
        _customer("Stark", "stark.example", "en", "Stacy Stand-In, Nico Nobody"),
        _customer("Wayne", "wayne.example", "en", "Will Whoever, Wendy Whatever"),
        _customer("Muster", "muster.example", "de", "Martina Muster, Markus Muster"),
        _customer("Beispiel", "beispiel.example", "de", "Berta Beispiel, Bernd Beispiel"),
        _customer("Vorlage", "vorlage.example", "de de en", "Vera Vorlage, Volker Vorlage"),
        _customer("Example Org", "example.org", "en", "Olive Ordinary, Oscar Ordinary"),
        _customer("Example Net", "example.net", "de", "Nora Normal, Norbert Normal"),
    ),
)

_GLOBEX_GERMAN = _customer("Globex Deutschland", "globex.example", "de", "Petra Platzhalter, Armin Anonym")
GERMAN_COMPANY = Company(
    "de",
    _reps(
        ("Jana", "Vogt", "+49 30 23125 911"),
        ("Lea", "Lead", "+49 30 23125 912"),
        ("Max", "Muster", "+49 30 23125 903"),
        ("Erika", "Beispiel", "+49 30 23125 914"),
    ),
    _customer("Acme GmbH", "acme.com", "de", "Erika Mustermann, Max Mustermann, Jens Jedermann"),
    _customer("Alpen-Acme", "eu.acme.com", "de", "Otto Normal, Ilse Irgendwer"),
    _GLOBEX_GERMAN,
    (
        _GLOBEX_GERMAN,
        _customer("Muster & Söhne", "muster.example", "de", "Martina Muster, Markus Muster"),
        _customer("Beispiel AG", "beispiel.example", "de", "Berta Beispiel, Bernd Beispiel"),
        _customer("Vorlage GmbH", "vorlage.example", "de", "Vera Vorlage, Volker Vorlage"),
        _customer("Probe Maschinenbau", "probe.example", "de", "Paula Probe, Paul Probe"),
        _customer("Exempel Logistik", "exempel.example", "de", "Eva Exempel, Emil Exempel"),
        _customer("Entwurf Energie", "entwurf.example", "de", "Elke Entwurf, Erik Entwurf"),
        _customer("Versuch Versicherung", "versuch.example", "de", "Vroni Versuch, Viktor Versuch"),
        _customer("Normal Handel", "example.net", "de", "Nora Normal, Norbert Normal"),
        _customer("Unbekannt Medien", "unbekannt.example", "de", "Ute Unbekannt, Ulrich Unbekannt"),
    ),
)
COMPANIES = {company.language: company for company in (ENGLISH_COMPANY, GERMAN_COMPANY)}
