"""What a conversation says about its customers. Pure."""

from bot.email_addresses import fold
from bot.kickscale.records.shapes import first, text
from bot.model.conversation import Conversation
from bot.model.customers import Contact

LONGEST_NAME = 100


def contacts(conversation: Conversation) -> list[Contact]:
    """Return one for each customer domain; none without a date."""
    if conversation.starts_at is None:
        return []
    domains = conversation.customer_domains
    participants = (participant.email for participant in conversation.participants)
    addresses = {fold(address) for address in (conversation.owner.email, *participants) if address}
    # The customers' own people have no use for it: only who may ask needs to be known.
    people = frozenset(address for address in addresses if address.rpartition("@")[2] not in domains)
    # Of several customers, the record doesn't say which one has the name.
    name = _company(conversation) if len(domains) == 1 else ""
    return [Contact(conversation.id, domain, conversation.starts_at, people, name) for domain in domains]


def _company(conversation: Conversation) -> str:
    """Return the company's name in the CRM's reference, or among the business entities; empty if there is none."""
    reference = conversation.raw.get("crmReference")
    company = first(reference, "company", "account") if isinstance(reference, dict) else None
    entities = conversation.raw.get("businessEntities")
    named = [
        text(entity, ("name", "label", "title"))
        for entity in (entities if isinstance(entities, list) else ())
        if isinstance(entity, dict) and text(entity.get("type")).casefold() in ("company", "account", "organization")
    ]
    name = text(company, ("name", "label", "title")) or next(filter(None, named), "")
    return name if len(name) <= LONGEST_NAME else ""
