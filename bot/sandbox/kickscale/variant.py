"""What is open about the API, one switch each. The default is the likely reading; flip one while the server runs."""

from dataclasses import dataclass
from enum import StrEnum


class DomainForm(StrEnum):
    """How the customer-domain filter takes domains."""

    SINGLE = "single"
    REPEATED = "repeated"
    COMMA = "comma"


class ById(StrEnum):
    """How one record is asked for: `/calls/{id}`, or a filter of the list."""

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
    BARE = "bare"


class Swagger(StrEnum):
    """What `/swagger-json` answers."""

    HONEST = "honest"
    MISSING = "missing"
    SLOW = "slow"
    """A byte now and then, until released: only a deadline over the whole ends it."""
    HUGE = "huge"
    HTML = "html"
    BROKEN = "broken"
    ARRAY = "array"


class UploadForm(StrEnum):
    """How a recording comes in."""

    MULTIPART = "multipart"
    PRESIGNED = "presigned"
    URL = "url"
    NONE = "none"


@dataclass(slots=True)
class Variant:
    domain_filter: str = "customerDomain"
    """The query parameter's name (article 13571612 says that there is one); empty: there is none."""
    domain_form: DomainForm = DomainForm.SINGLE
    domain_ignored: bool = False
    """The filter is documented and taken, and changes nothing."""
    by_id: ById = ById.PATH
    id_name: str = "id"
    """The path parameter's name, or the query parameter's; `{kind}` in it is `call` or `meeting`."""
    id_ignored: bool = False
    """Whatever id is asked for, the newest record answers (by path), or the whole list (by query)."""
    one_in_data: bool = False
    """A single record comes as `{"data": {…}}` rather than bare."""
    end_inclusive: bool = True
    """Whether a record that begins at `endDate` belongs to the range. The connector knows it of `startDate` alone."""
    oversize: Oversize = Oversize.CAP
    rejects_unknown: bool = False
    """Whether a query parameter that is not documented is a 400 (NestJS's `forbidNonWhitelisted`) or ignored."""
    envelope: Envelope = Envelope.TOTAL
    swagger: Swagger = Swagger.HONEST
    swagger_guarded: bool = False
    """Whether `/swagger-json` wants the credentials too. NestJS serves it outside of controllers, so of guards."""
    upload: UploadForm = UploadForm.MULTIPART
    upload_path: str = "/calls/upload"
    max_bytes: int = 2 * 10**9
    """The largest recording that it takes, and says that it takes."""
    takes_external_id: bool = True
    """Whether an upload may bring an `externalCallId`, as far as the document says."""
    hides_external_id: bool = False
    """Whether no answer holds `externalCallId`, so that an upload cannot be found again by it."""

    def id_of(self, kind: str) -> str:
        """The name of that parameter for `calls` or `meetings`."""
        return self.id_name.replace("{kind}", kind.removesuffix("s"))
