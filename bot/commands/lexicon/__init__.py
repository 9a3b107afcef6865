"""The words that commands are made of. `words` defines what a language needs; each language has its own module."""
