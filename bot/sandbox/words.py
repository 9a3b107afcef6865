"""What the sandbox's own commands are called in each language; the English names always work."""

from collections.abc import Mapping

from bot.texts.languages import ENGLISH, GERMAN

WORDS: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {"exit": "quit"},
    GERMAN: {
        "klick": "click",
        "teilen": "share",
        "absenden": "submit",
        "warten": "wait",
        "schließen": "close",
        "als": "as",
        "verlauf": "history",
        "uhr": "clock",
        "stunde": "hour",
        "morgen": "tomorrow",
        "hilfe": "help",
        "ende": "quit",
        "ja": "yes",
    },
}


def meaning(language: str, word: str) -> str:
    """Return the English name of a command, or of a word that belongs to one; other words as they are."""
    return WORDS[language].get(word, word)


def name_of(language: str, command: str) -> str:
    """Return what a command is called in a language."""
    return next((word for word, english in WORDS[language].items() if english == command), command)
