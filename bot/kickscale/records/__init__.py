"""JSON records in, the model's types out; lenient, because their inner shapes are undocumented."""
