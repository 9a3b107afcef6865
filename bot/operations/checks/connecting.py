"""What the doctor says if a service can't be reached."""

from collections.abc import Mapping

from bot.errors import ConnectionCause

DETAILS: Mapping[ConnectionCause, str] = {
    "dns": "its host name is unknown",
    "certificate": "its certificate isn't trusted",
    "tls": "TLS failed",
    "refused": "nothing listens there",
    "": "can't connect",
}


def remedy(why: ConnectionCause, setting: str) -> str:
    """Return what to do; `setting` is the name of the one with the address."""
    match why:
        case "dns":
            return f"Check the host name in {setting}, and this machine's DNS and proxy."
        case "certificate":
            return f"Check {setting}. If a proxy here has its own certificates, set SSL_CERT_FILE to them."
        case "tls":
            return f"Check whether {setting} must begin with https:// or http://, and its port."
        case _:
            return f"Check {setting}, and that this machine can reach it."
