"""The settings as the table in docs/settings.md and `.env.example` show them."""

from dataclasses import dataclass

from pydantic import SecretStr

from bot.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Documented:
    name: str
    default: str
    description: str
    is_secret: bool


def documented() -> tuple[Documented, ...]:
    """Return every setting, in the order of the documentation."""
    return tuple(
        Documented(
            name=name.upper(),
            default="" if field.default is None or isinstance(field.default, SecretStr) else str(field.default),
            description=str(field.description),
            is_secret=isinstance(field.default, SecretStr),
        )
        for name, field in Settings.model_fields.items()
    )
