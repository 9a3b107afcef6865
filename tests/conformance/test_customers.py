"""Customers: whose conversations with them were read, and who may know of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.erasure.traces import forget_old_copies
from bot.model.access import Sight
from bot.model.customers import Contact, Customer
from bot.model.erasure import About
from bot.storage.mirror import CustomerStore
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING as NOW
from tests.conformance.copies import REP, copy, forget

LEA = "lea@example.com"
EARLIER = NOW - timedelta(days=3)
CONTACTS = (
    Contact("c1", "acme.com", NOW, frozenset({REP}), "Acme GmbH"),
    Contact("c2", "acme.com", EARLIER, frozenset({LEA}), "Acme"),
    Contact("c3", "eu.acme.com", EARLIER, frozenset({LEA})),
)


@pytest.fixture
async def customers(stores: Stores) -> CustomerStore:
    await stores.customers().learn(CONTACTS, NOW)
    return stores.customers()


async def test_a_customer_is_known_by_the_latest_contact(customers: CustomerStore) -> None:
    """Whatever the order in which conversations are read, and however often."""
    await customers.learn([CONTACTS[1], CONTACTS[0]], NOW)
    assert await customers.known(Sight()) == [
        Customer("acme.com", ("Acme GmbH", "Acme"), NOW),
        Customer("eu.acme.com", (), EARLIER),
    ]


async def test_only_customers_within_sight_are_known(customers: CustomerStore) -> None:
    """A bound channel has only its own, and somebody who sees only their own conversations those of these."""
    acme, below = ("acme.com", NOW), ("eu.acme.com", EARLIER)
    for sight, known in (
        (Sight(customers=("acme.com",)), [acme]),
        (Sight(customers=("*.acme.com",)), [acme, below]),
        (Sight(customers=("other.example",)), []),
        (Sight(address=REP, conversations="took_part"), [acme]),
        (Sight(address=LEA, conversations="took_part"), [("acme.com", EARLIER), below]),
        (Sight(address=LEA, conversations="took_part", customers=("eu.acme.com",)), [below]),
        (Sight(address="max@example.com", conversations="took_part"), []),
        (Sight(conversations="took_part"), []),
        (Sight(conversations="none"), []),
    ):
        assert [(customer.domain, customer.last_at) for customer in await customers.known(sight)] == known, sight


async def test_the_last_contact_is_that_within_sight(customers: CustomerStore) -> None:
    """Of the customers that are asked for, patterns too, and never of one that isn't theirs."""
    own = Sight(address=LEA, conversations="took_part")
    for domains, sight, at in (
        (("acme.com",), Sight(), NOW),
        (("eu.acme.com",), Sight(), EARLIER),
        (("eu.acme.com", "acme.com"), Sight(), NOW),
        (("*.eu.acme.com",), Sight(), EARLIER),
        (("*.acme.com",), Sight(), NOW),
        (("*",), Sight(), NOW),
        (("*.cme.com",), Sight(), None),
        (("other.example",), Sight(), None),
        (("acme.com",), Sight(customers=("*.acme.com",)), NOW),
        (("*.acme.com",), Sight(customers=("eu.acme.com",)), EARLIER),
        (("acme.com",), Sight(customers=("eu.acme.com",)), None),
        (("acme.com",), Sight(customers=()), None),
        (("acme.com",), own, EARLIER),
        (("acme.com",), replace(own, customers=("eu.acme.com",)), None),
        (("acme.com",), Sight(address="max@example.com", conversations="took_part"), None),
        (("acme.com",), Sight(conversations="took_part"), None),
        (("acme.com",), Sight(conversations="none"), None),
    ):
        assert await customers.last_contact(domains, sight) == at, (domains, sight)


async def test_an_erased_customer_is_forgotten(stores: Stores, customers: CustomerStore) -> None:
    """With the people; a conversation that was erased from the mirror doesn't bring them back."""
    await stores.mirror().merge([copy("c1")], None, NOW)
    await forget(stores, About.DOMAIN, "acme.com")
    await customers.learn(CONTACTS[:1], NOW)
    assert [customer.domain for customer in await customers.known(Sight())] == ["eu.acme.com"]
    assert await customers.known(Sight(address=REP, conversations="took_part")) == []


async def test_an_erased_person_is_forgotten(stores: Stores, customers: CustomerStore) -> None:
    """The customers stay, since others spoke with them."""
    await forget(stores, About.USER, "U1")
    assert await customers.known(Sight(address=REP, conversations="took_part")) == []
    assert len(await customers.known(Sight())) == 2


async def test_customers_that_nobody_reads_about_are_forgotten(stores: Stores, customers: CustomerStore) -> None:
    """They age from when a conversation with them was last read."""
    await customers.learn(CONTACTS[:1], NOW + timedelta(hours=1))
    moment = NOW + timedelta(minutes=1)
    forgotten = await stores.erasures.write(lambda erasables: forget_old_copies(erasables, moment))
    assert forgotten == {"customers": 1}
    assert [customer.domain for customer in await customers.known(Sight())] == ["acme.com"]


async def test_the_revision_changes_with_what_is_known(stores: Stores, customers: CustomerStore) -> None:
    """A new customer, name or person changes it, for those whom it concerns; so does erasure. Repetition doesn't."""
    sight, own = Sight(), Sight(address=REP, conversations="took_part")
    seen = [await customers.revision(sight), await customers.revision(own)]
    await customers.learn(CONTACTS, NOW + timedelta(hours=1))
    assert [await customers.revision(sight), await customers.revision(own)] == seen
    await customers.learn([Contact("c4", "eu.acme.com", EARLIER, frozenset({REP}))], NOW)
    assert (await customers.revision(sight) == seen[0], await customers.revision(own) == seen[1]) == (True, False)
    for contact in (
        Contact("c5", "other.example", NOW, frozenset()),
        Contact("c6", "acme.com", NOW, frozenset(), "Acme Holding"),
    ):
        before = await customers.revision(sight)
        await customers.learn([contact], NOW)
        assert await customers.revision(sight) != before
    before = await customers.revision(sight)
    await forget(stores, About.DOMAIN, "acme.com")
    assert await customers.revision(sight) != before
