"""Offers, the upload form and the progress message."""
