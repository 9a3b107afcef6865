"""What the settings say about how Kickscale's API is used, in place of what its OpenAPI document says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DomainFilterOverride:
    """The query parameter that narrows a list to a customer's domain; none if `name` is empty."""

    name: str
    form: str = "single"
    """How it takes several values: `single`, `repeated` or `comma`."""


@dataclass(frozen=True, slots=True)
class ByIdOverride:
    """How one is asked for: a path with a `{placeholder}`, or a path and the query parameter that takes the id."""

    path: str
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class UploadOverride:
    path: str
    style: str = ""
    """`multipart`, `presigned` or `url`; empty for what the document says, if it has this path."""
    file_field: str = ""


@dataclass(frozen=True, slots=True)
class ApiOverrides:
    """None if the OpenAPI document decides."""

    domain_filter: DomainFilterOverride | None = None
    call: ByIdOverride | None = None
    meeting: ByIdOverride | None = None
    upload: UploadOverride | None = None
    max_upload: int | None = None
    """The largest recording, in bytes."""
