"""Why a connection failed."""

import socket
import ssl
from collections.abc import Iterator

from bot.errors import ConnectionCause


def why_unreachable(exc: BaseException) -> ConnectionCause:
    """Return the reason in an exception of an HTTP client, or in what it was raised from."""
    for cause in _causes(exc):
        match cause:
            case socket.gaierror():
                return "dns"
            case ssl.SSLCertVerificationError():
                return "certificate"
            case ssl.SSLError():
                return "tls"
            case ConnectionRefusedError():
                return "refused"
    return ""


def _causes(exc: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = [exc]
    for error in seen:  # it grows
        yield error
        inside = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        seen += [cause for cause in (error.__cause__, error.__context__, *inside) if cause and cause not in seen]
