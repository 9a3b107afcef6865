"""Writes settings into a `.env` file, where `Settings.load` finds them again."""

from pathlib import Path

from bot.config.environment import read_environment
from bot.errors import ConfigError


def write_setting(file: Path, name: str, value: str) -> None:
    """Set one setting, and keep everything else in the file, which only its owner can read from now on.

    If this is interrupted, the file is as it was. Raises ConfigError.
    """
    from dotenv import set_key  # noqa: PLC0415 only `init` writes settings

    file = file.resolve()
    try:
        if file.exists():
            file.chmod(0o600)  # a new one is created like that
        set_key(file, name, value, quote_mode="auto")
    except UnicodeDecodeError:
        raise ConfigError(str(file), "isn't UTF-8 text. Save it as UTF-8.") from None
    except OSError as exc:
        raise ConfigError(str(file), f"can't be written to ({exc.strerror}). Make it writable.") from exc
    if read_environment(file)[0].get(name.lower()) != value:
        raise ConfigError(str(file), f"can't hold this value of {name}. Set it in the environment.")
