"""Parses what people type into commands."""
