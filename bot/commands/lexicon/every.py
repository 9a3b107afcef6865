"""The words of all languages together: people mix them, and anybody may use any of them."""

from bot.commands.lexicon.de import DE
from bot.commands.lexicon.en import EN
from bot.commands.lexicon.words import merge
from bot.texts.languages import ENGLISH, GERMAN

LEXICONS = {ENGLISH: EN, GERMAN: DE}

WORDS = merge(EN, DE)
