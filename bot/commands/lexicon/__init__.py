"""The words that commands are made of, one module per language."""
