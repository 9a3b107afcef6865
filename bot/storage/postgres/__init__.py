"""The stores on PostgreSQL, for bots that outgrow one machine: `DATABASE_URL`."""

from bot.storage.postgres.database import PostgresDatabase

__all__ = ["PostgresDatabase"]
