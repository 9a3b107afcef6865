"""Lenient parsing of JSON records into the model, since their inner structure is undocumented."""
