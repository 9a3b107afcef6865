"""The database behind Protocols."""
