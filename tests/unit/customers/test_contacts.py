"""What a conversation says about its customers."""

from typing import Any

import pytest

from bot.customers.contacts import contacts
from bot.kickscale.records.parsing import conversation
from bot.model.conversation import Kind
from bot.model.customers import Contact
from tests.clock import MONDAY_MORNING as NOW

REP = frozenset({"robin@example.com"})


def said(**fields: Any) -> list[Contact]:
    record = {
        "id": "c1",
        "date": NOW.isoformat(),
        "customerDomains": ["acme.com"],
        "user": {"email": "Robin@example.com"},
        "participants": [{"email": "jane@acme.com"}],
        **fields,
    }
    found = conversation(record, Kind.CALL)
    assert found is not None
    return contacts(found)


def test_each_customer_of_a_conversation_is_learned() -> None:
    """With the reps, and without the customers' own people, of whom nothing needs to be known."""
    assert said() == [Contact("c1", "acme.com", NOW, REP)]
    assert [contact.domain for contact in said(customerDomains=["acme.com", "b.com"])] == ["acme.com", "b.com"]
    assert said(customerDomains=None) == []
    assert said(date=None) == []


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"crmReference": {"company": {"name": "Acme GmbH"}, "deal": {"name": "Big"}}}, "Acme GmbH"),
        ({"crmReference": {"company": "Acme"}}, "Acme"),
        ({"businessEntities": [{"type": "deal", "name": "Big"}, {"type": "Company", "name": "Acme"}]}, "Acme"),
        ({"crmReference": {"companyId": "17"}, "businessEntities": [3, None, {}]}, ""),
        ({"crmReference": {"company": {"name": "x" * 101}}}, ""),
        ({"crmReference": {"company": "Acme"}, "customerDomains": ["acme.com", "b.com"]}, ""),
    ],
)
def test_a_company_has_the_name_that_the_record_has(fields: dict[str, Any], name: str) -> None:
    """If it is certain whose name it is."""
    assert {contact.name for contact in said(**fields)} == {name}
