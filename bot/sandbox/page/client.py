"""The words of Slack's own client, in the languages that the bot speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    only_you: str
    edited: str
    optional: str
    more: str
    close: str


_ENGLISH = Client("Only visible to you", "edited", "optional", "More actions", "Close")
_GERMAN = Client("Nur für dich sichtbar", "bearbeitet", "optional", "Weitere Aktionen", "Schließen")


def client(locale: str) -> Client:
    return _GERMAN if locale.startswith("de") else _ENGLISH
