"""The people in the sample data: reps, and customers with clearly made-up names and domains (RFC 2606, RFC 6761)."""

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


# From ranges reserved for fiction: Bundesnetzagentur's (0)30 23125, Ofcom's 20 7946 0; the NANP's is 555-01.
_LINES = {"de": "+49 30 23125 {:03}", "en": "+44 20 7946 0{:03}"}

REPS = tuple(
    Rep(f"0c0ffee0-0000-4000-8000-00000000000{place}", first, last, f"{first}.{last}@example.com".lower(), line)
    for place, (first, last, line) in enumerate(
        (
            ("Robin", "Rep", "+49 30 23125 901"),
            ("Lea", "Lead", "+1 212 555 0190"),
            ("Max", "Muster", "+49 30 23125 903"),
            ("Erika", "Example", "+44 20 7946 0904"),
        ),
        start=1,
    )
)


def _customer(company: str, domain: str, languages: str, names: str) -> Customer:
    """`names` are separated by commas; a name can be followed by `@` and a domain of its own."""
    contacts = []
    for place, contact in enumerate(names.split(",")):
        name, _, own = contact.strip().partition("@")
        line = _LINES[languages[:2]].format(100 + sum(domain.encode()) % 750 + place)
        contacts.append(Contact(name, f"{name.lower().replace(' ', '.')}@{own or domain}", line))
    return Customer(company, languages, tuple(contacts))


ACME = _customer("Acme", "acme.com", "en en de", "Jane Doe, John Doe, Sam Sample")
ACME_EU = _customer("Acme Europe", "eu.acme.com", "de en", "Erika Mustermann, Otto Normal")
GLOBEX = _customer("Globex", "globex.example", "en", "Pat Placeholder, Alex Anybody")
OTHERS = (
    GLOBEX,
    _customer("Initech", "initech.example", "en", "Tina Test, Terry Tester"),
    _customer("Umbrella", "umbrella.example", "en de", "Uma Unknown, Ulrich Unbekannt"),
    _customer("Hooli", "hooli.example", "en", "Holly Holder, Sasha Someone"),
    _customer("Stark", "stark.example", "en", "Stacy Stand-In, Nico Nobody"),
    _customer("Wayne", "wayne.example", "en", "Will Whoever, Wendy Whatever"),
    _customer("Muster", "muster.example", "de", "Martina Muster, Markus Muster"),
    _customer("Beispiel", "beispiel.example", "de", "Berta Beispiel, Bernd Beispiel"),
    _customer("Vorlage", "vorlage.example", "de de en", "Vera Vorlage, Volker Vorlage"),
    _customer("Example Org", "example.org", "en de", "Olive Ordinary, Oscar Ordinary"),
    _customer("Example Net", "example.net", "de", "Nora Normal, Norbert Normal"),
)
