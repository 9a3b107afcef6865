"""The languages that the bot speaks. Each has a file of texts in this folder."""

ENGLISH = "en"
GERMAN = "de"
LANGUAGES = (ENGLISH, GERMAN)
DEFAULT = ENGLISH


def language_of(locale: str) -> str:
    """Return the language for somebody with this locale in Slack, e.g. `de-DE`: German, or else English."""
    return GERMAN if locale.replace("_", "-").split("-")[0].lower() == GERMAN else ENGLISH
