"""Decides whether two email addresses belong to the same person."""


def fold(address: str) -> str:
    """Return the form in which addresses are compared: in lower case, otherwise as written.

    Only letters with exactly one capital count as the same in both cases. `str.casefold` would make `groß@` equal to
    `gross@`, and `str.lower` a Kelvin sign equal to a `k`: those may be two people's addresses, and one of them
    would see the other's conversations.
    """
    return address.lower() if address.isascii() else "".join(map(_lower, address))


def is_same(one: str, other: str) -> bool:
    """Return whether both are the same address. An empty one is not the same as any."""
    return bool(one) and fold(one) == fold(other)


def _lower(letter: str) -> str:
    lower = letter.lower()
    return lower if lower.upper() == letter else letter
