"""The app's icon is as Slack wants it."""

import struct

from tests.icon import PNG, SIZE, SVG


def test_the_icon_is_a_square_picture() -> None:
    """Of 512 to 2000 pixels, as a PNG, and small enough for any upload."""
    head = PNG.read_bytes()
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (SIZE, SIZE)
    assert len(head) < 100_000
    assert f'width="{SIZE}" height="{SIZE}"' in SVG.read_text("utf-8")
