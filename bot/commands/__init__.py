"""Typed text in, a command out."""
