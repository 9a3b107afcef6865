"""Names and sizes of files. Sizes are in decimal units, as Slack shows them."""

from bot.model.uploads import OfferedFile
from bot.render.kit.blocks import inline, link
from bot.texts import Texts, formatting

NAME = 150
_UNITS = (("gb", 10**9), ("mb", 10**6), ("kb", 10**3), ("bytes", 1))


def name(texts: Texts, file_name: str, address: str = "") -> str:
    """Return a recording's file name in bold as mrkdwn, or a text in its place, with a link to `address` if given."""
    return f"*{link(address, inline(file_name, NAME) or texts('upload.unnamed'))}*"


def line(texts: Texts, file: OfferedFile) -> str:
    """Return the file's name in bold and its size, as mrkdwn."""
    return texts("upload.file", name=name(texts, file.name), size=size(texts, file.size))


def size(texts: Texts, count: float) -> str:
    """Return e.g. `456 MB` or `1.2 GB`."""
    unit, factor = _unit(count)
    return texts(f"sizes.{unit}", number=_number(texts, count, factor))


def part(texts: Texts, done: int, count: int) -> str:
    """Return e.g. `123 of 456 MB`, both in the unit of the whole."""
    unit, factor = _unit(count)
    number = texts("sizes.part", done=_number(texts, done, factor), number=_number(texts, count, factor))
    return texts(f"sizes.{unit}", number=number)


def _unit(count: float) -> tuple[str, int]:
    return next(((unit, factor) for unit, factor in _UNITS if count >= 0.9995 * factor), _UNITS[-1])


def _number(texts: Texts, count: float, factor: int) -> str:
    number = count / factor
    if factor > 1 and 0 < number < 9.95:
        return formatting.decimal(texts.language, number)
    return formatting.number(texts.language, round(number))
