"""Sizes of files, as people read them: decimal units, as Slack shows them."""

from bot.texts import Texts

_UNITS = (("gb", 10**9), ("mb", 10**6), ("kb", 10**3), ("bytes", 1))


def size(texts: Texts, count: float) -> str:
    """`456 MB`, `1.2 GB`."""
    unit, factor = _unit(count)
    return texts(f"sizes.{unit}", number=_number(count, factor))


def part(texts: Texts, done: int, count: int) -> str:
    """`123 of 456 MB`, both in the unit of the whole."""
    unit, factor = _unit(count)
    number = texts("sizes.part", done=_number(done, factor), number=_number(count, factor))
    return texts(f"sizes.{unit}", number=number)


def _unit(count: float) -> tuple[str, int]:
    return next((each for each in _UNITS if count >= 0.9995 * each[1]), _UNITS[-1])


def _number(count: float, factor: int) -> str:
    number = count / factor
    return f"{number:.1f}" if factor > 1 and 0 < number < 9.95 else f"{number:.0f}"
