"""The result of a check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report: `detail` is a phrase, `remedy` a sentence, empty if all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
