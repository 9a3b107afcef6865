"""The stores as tables of an SQL database, SQLite or PostgreSQL."""
