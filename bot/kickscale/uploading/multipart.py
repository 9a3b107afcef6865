"""What a multipart form has before and after a file, so that its length is known before the file is read: pure.

It is written as browsers do, since every service is tested with those: in UTF-8, and only quotation marks and line
breaks in names are escaped (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_MEDIA_TYPE = re.compile(rf"{_WORD}/{_WORD}(?:; *{_WORD}={_WORD})*")
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Framing:
    content_type: str
    before: bytes
    after: bytes
    """What goes before and after the bytes of the file."""


def frame(
    fields: Iterable[tuple[str, str]], file_field: str, file_name: str, media_type: str, boundary: str
) -> Framing:
    """Return the framing of a form with these fields, in order, and then the file.

    The file comes last, so that a service that reads the form as a stream has the fields first. `boundary` consists of
    letters and digits, and must be so long and random that no file contains it.
    """
    head = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{_lines(value)}\r\n'
        for name, value in fields
    ]
    kind = media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
    head.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(file_field)}"; '
        f'filename="{_quoted(file_name)}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    return Framing(
        content_type=f"multipart/form-data; boundary={boundary}",
        before=_bytes("".join(head)),
        after=f"\r\n--{boundary}--\r\n".encode(),
    )


def _quoted(name: str) -> str:
    return _lines(name).replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _lines(text: str) -> str:
    return _BREAK.sub("\r\n", text)


def _bytes(text: str) -> bytes:
    """Encode in UTF-8, with lone surrogates as the replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
