"""Addresses of PostgreSQL databases, which contain a password."""

from urllib.parse import unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
DEFAULT_PORT = 5432


def is_database_url(value: str) -> bool:
    """Return whether it is e.g. `postgresql://user:password@host/name`."""
    try:
        parts = urlsplit(value)
        return parts.scheme in SCHEMES and bool(parts.path.strip("/")) and parts.port != 0
    except ValueError:
        return False


def describe_database(url: str) -> str:
    """Return which database it is, e.g. `kickscale on db.example.com:5432`: nothing secret."""
    parts = urlsplit(url)
    return f"{unquote(parts.path.strip('/'))} on {parts.hostname or 'localhost'}:{parts.port or DEFAULT_PORT}"
