"""A switch for each open question about the API. The default is the likely answer. Switches work at runtime."""

from dataclasses import dataclass
from enum import StrEnum


class DomainForm(StrEnum):
    """How the customer-domain filter takes domains."""

    SINGLE = "single"
    REPEATED = "repeated"
    COMMA = "comma"


class ById(StrEnum):
    """How one record is requested: `/calls/{id}`, or a filter of the list."""

    PATH = "path"
    QUERY = "query"


class Oversize(StrEnum):
    """What a `pageSize` above the recommended 100 does."""

    CAP = "cap"
    HONOUR = "honour"
    REJECT = "reject"


class Envelope(StrEnum):
    """What a list is wrapped in."""

    TOTAL = "total"
    NO_TOTAL = "no total"
    OWN_COUNT = "own count"
    """The total is that of the page."""
    BARE = "bare"


class Swagger(StrEnum):
    """What `/swagger-json` answers."""

    HONEST = "honest"
    MISSING = "missing"
    SLOW = "slow"
    """A byte once in a while until released: only a deadline for the whole answer ends it."""
    HUGE = "huge"
    HTML = "html"
    BROKEN = "broken"
    ARRAY = "array"


class UploadForm(StrEnum):
    """How a recording is uploaded."""

    MULTIPART = "multipart"
    PRESIGNED = "presigned"
    URL = "url"
    NONE = "none"


@dataclass(slots=True)
class Variant:
    domain_filter: str = "customerDomain"
    """The query parameter's name (article 13571612 says that there is one); empty for none."""
    domain_form: DomainForm = DomainForm.SINGLE
    domain_ignored: bool = False
    """The filter is documented and accepted, but changes nothing."""
    domain_loose: bool = False
    """The filter also finds domains that end with the requested one: eu.acme.com and notacme.com."""
    by_id: ById = ById.PATH
    id_name: str = "id"
    """The path parameter's name, or the query parameter's; `{kind}` in it is `call` or `meeting`."""
    id_ignored: bool = False
    """Whatever id is requested, the answer is the newest record (by path) or the whole list (by query)."""
    reading_changes: bool = False
    """To read a single record changes its `updatedAt`."""
    one_in_data: bool = False
    """A single record is wrapped in `{"data": {…}}`."""
    end_inclusive: bool = True
    """Whether the range includes a record that begins at `endDate`. The connector only knows about `startDate`."""
    order_ignored: bool = False
    """Every list has the newest first."""
    lists_twice: bool = False
    """Every record is in the list twice."""
    page_cap: int = 10**9
    """The most records on a page, whatever `pageSize` and `oversize` say."""
    oversize: Oversize = Oversize.CAP
    rejects_unknown: bool = False
    """Whether an undocumented query parameter causes a 400 (NestJS's `forbidNonWhitelisted`) or is ignored."""
    envelope: Envelope = Envelope.TOTAL
    swagger: Swagger = Swagger.HONEST
    swagger_guarded: bool = False
    """Whether `/swagger-json` needs the credentials too. NestJS serves it outside of controllers, so without guards."""
    upload: UploadForm = UploadForm.MULTIPART
    upload_path: str = "/calls/upload"
    max_bytes: int = 2 * 10**9
    """The largest recording that it accepts, which the document states."""
    takes_external_id: bool = True
    """Whether the document says that an upload may have an `externalCallId`."""
    hides_external_id: bool = False
    """Whether answers leave out `externalCallId`, so that an upload can't be found by it."""

    def id_of(self, kind: str) -> str:
        """Return the id parameter's name for `calls` or `meetings`."""
        return self.id_name.replace("{kind}", kind.removesuffix("s"))
