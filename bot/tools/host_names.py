"""Names of hosts on the internet."""

import re

_NAME = re.compile(r"(?:[a-z0-9_-]+\.)+(?!0x[0-9a-f]*\.?$)[a-z0-9_-]*[a-z_-][a-z0-9_-]*\.?")


def is_host_name(text: str) -> bool:
    """Return whether this is a host's name in lower case: more than one label, the last of which is not a number.

    https://url.spec.whatwg.org/#ends-in-a-number-checker
    """
    return _NAME.fullmatch(text) is not None
