"""Paths below an API's address."""

import re

_PATH = re.compile(r"(?:/[^\s/?#\\]+)+")


def is_path(path: str) -> bool:
    """Return whether a path stays on its host when it is put behind one: one slash in front, no dot segments."""
    return _PATH.fullmatch(path) is not None and not {".", ".."} & set(path.split("/"))


def names_one_by_id(path: str, parameter: str = "") -> bool:
    """Return whether a path has one `{placeholder}` for an id, or none if a query parameter takes the id."""
    placeholders = re.findall(r"\{[^{}/]+\}", path)
    return len(placeholders) == (0 if parameter else 1) and ("{" in path) == bool(placeholders)
