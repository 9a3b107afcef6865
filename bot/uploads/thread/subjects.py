"""Which customers and calls the messages about an upload are about."""

from bot import domains
from bot.jobs.outbox import Subjects
from bot.model.uploads import Upload


def domains_of(upload: Upload) -> tuple[str, ...]:
    """Return the domains that an upload's details name: the customer's, and those of addresses."""
    return tuple(domains.named(" ".join((upload.name, *upload.fields.values()))))


def subjects_of(upload: Upload) -> Subjects:
    return Subjects((upload.call,) if upload.call else (), domains_of(upload))
