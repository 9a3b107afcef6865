"""The frame of a form: what any reader of forms makes of it again."""

import asyncio
import re

import pytest
from aiohttp import MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol
from hypothesis import given
from hypothesis import strategies as st

from bot.kickscale.uploading.multipart import Framing, frame

BOUNDARY = "0123456789abcdef0123456789abcdef"


def framed(*fields: tuple[str, str], name: str = "a.wav", media_type: str = "audio/wav") -> Framing:
    return frame(fields, "file", name, media_type, BOUNDARY)


def test_a_form_is_written_as_browsers_write_it() -> None:
    """Byte for byte."""
    framing = framed(("name", "Büro"), ("tag", "a"), ("tag", "b\nc"))
    assert framing.content_type == f"multipart/form-data; boundary={BOUNDARY}"
    assert (
        framing.before + b"BYTES" + framing.after
        == (
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="name"\r\n\r\nBüro\r\n'
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="tag"\r\n\r\na\r\n'
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="tag"\r\n\r\nb\r\nc\r\n'
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n'
            "BYTES\r\n"
            f"--{BOUNDARY}--\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('the "best".wav', 'filename="the %22best%22.wav"'),
        ("a\r\nX-Evil: 1", 'filename="a%0D%0AX-Evil: 1"'),
        ("a\nb\rc", 'filename="a%0D%0Ab%0D%0Ac"'),
        ("back\\slash.wav", 'filename="back\\slash.wav"'),
        ("Gespräch 🎧.wav", 'filename="Gespräch 🎧.wav"'),
        ("half \ud83d.wav", 'filename="half \ufffd.wav"'),
    ],
)
def test_no_name_leaves_its_quotation_marks(name: str, written: str) -> None:
    """Quotes and line breaks are escaped, and nothing else."""
    assert f"{written}\r\nContent-Type" in framed(name=name).before.decode()


@pytest.mark.parametrize("media_type", ["", "audio", "audio/wav\r\nX: 1", "a b/c", "audio/wä"])
def test_what_is_no_media_type_is_only_bytes(media_type: str) -> None:
    """So is a file of unknown type."""
    assert framed(media_type=media_type).before.endswith(b"Content-Type: application/octet-stream\r\n\r\n")
    assert framed(media_type="audio/ogg; codecs=opus").before.endswith(b"Content-Type: audio/ogg; codecs=opus\r\n\r\n")


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=5), st.text(max_size=40))
def test_whatever_is_in_a_field_stays_in_it(fields: list[tuple[str, str]], name: str) -> None:
    """One part for each field, with only its own headers, and its value."""
    framing = framed(*fields, name=name)
    *field_parts, file = framing.before.split(f"--{BOUNDARY}\r\n".encode())[1:]
    assert len(field_parts) == len(fields)
    for part, (_, value) in zip(field_parts, fields, strict=True):
        head, _, rest = part.partition(b"\r\n\r\n")
        assert re.fullmatch(rb'Content-Disposition: form-data; name="[^"\r\n]*"', head)
        assert rest.endswith(b"\r\n")
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert rest[:-2].decode().splitlines() == re.sub(r"\r\n|\r|\n", "\r\n", whole).splitlines()
    assert re.fullmatch(
        rb'Content-Disposition: form-data; name="file"; filename="[^"\r\n]*"\r\nContent-Type: audio/wav\r\n\r\n', file
    )


async def test_a_server_reads_it_back() -> None:
    """Any that knows forms."""
    framing = framed(("name", "Büro"), ("empty", ""), ("text", "a\r\nb"), name="Gespräch.wav")
    stream = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**20)
    stream.feed_data(framing.before + bytes(range(256)) * 100 + framing.after)
    stream.feed_eof()
    read = []
    async for part in MultipartReader({"Content-Type": framing.content_type}, stream):
        assert not isinstance(part, MultipartReader)
        assert part is not None
        read.append((part.name, part.filename, bytes(await part.read())))
    assert read == [
        ("name", None, "Büro".encode()),
        ("empty", None, b""),
        ("text", None, b"a\r\nb"),
        ("file", "Gespräch.wav", bytes(range(256)) * 100),
    ]
