"""The result of a check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report: `detail` is a phrase, and `remedy` a sentence, empty if all is well.

    One that is `ok` and has a remedy is worth knowing, but doesn't make the doctor fail.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
