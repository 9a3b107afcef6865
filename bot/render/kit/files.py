"""Files, by name and size. Sizes are in decimal units, as Slack shows them."""

from bot.model.uploads import OfferedFile
from bot.render.kit.blocks import inline, link
from bot.texts import Texts

NAME = 150
_UNITS = (("gb", 10**9), ("mb", 10**6), ("kb", 10**3), ("bytes", 1))


def name(texts: Texts, file_name: str, address: str = "") -> str:
    """mrkdwn of a recording's file name in bold, or of words in place of one; it leads to `address`."""
    return f"*{link(address, inline(file_name, NAME) or texts('upload.unnamed'))}*"


def line(texts: Texts, file: OfferedFile) -> str:
    """mrkdwn: the file's name in bold, and its size."""
    return texts("upload.file", name=name(texts, file.name), size=size(texts, file.size))


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
