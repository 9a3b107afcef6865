"""Addresses of PostgreSQL databases, which contain a password."""

import re
from urllib.parse import unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
DEFAULT_PORT = 5432
_NO_CODE = re.compile("%(?:00|(?![0-9a-fA-F]{2}))")


def is_database_url(value: str) -> bool:
    """Return whether it is e.g. `postgresql://user:password@host/name`.

    It isn't if its password has characters that belong in a code, such as `%40`: a part of it would be taken for the
    host or the name, and be shown in messages. Those of PostgreSQL repeat what is no code, too.
    """
    try:
        parts = urlsplit(value)
        name = parts.path.strip("/")
        is_clear = parts.netloc.count("@") < 2 and not re.search("[/@]", name) and not parts.fragment
        return parts.scheme in SCHEMES and bool(name) and is_clear and parts.port != 0 and not _NO_CODE.search(value)
    except ValueError:
        return False


def describe_database(url: str) -> str:
    """Return which database it is, e.g. `kickscale on db.example.com:5432`: nothing secret."""
    parts = urlsplit(url)
    return f"{unquote(parts.path.strip('/'))} on {parts.hostname or 'localhost'}:{parts.port or DEFAULT_PORT}"
