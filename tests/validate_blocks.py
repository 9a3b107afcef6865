"""Has Slack check every kind of message and form: `uv run python -m tests.validate_blocks`.

It sends sample data to Slack's `blocks.validate` (https://docs.slack.dev/reference/methods/blocks.validate), which
needs no token. No test and no CI calls it: both work without a network. `--url` is another address of that method.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx

from bot.texts import texts_in
from bot.texts.languages import LANGUAGES
from bot.tools.terminal import echo
from tests.catalogues import catalogue
from tests.unit.render.screens import screens

URL = "https://slack.com/api/blocks.validate"
TRIES = 5
Payload = Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default=URL)
    url = parser.parse_args().url
    payloads = choose(payload for language in LANGUAGES for payload in every_screen(language))
    invalid = 0
    with httpx.Client(timeout=30.0) as client:
        for payload in payloads:
            if problems := list(validate(client, url, payload)):
                invalid += 1
                echo("\n  ".join([json.dumps(payload, ensure_ascii=False), *problems]))
    echo(f"{len(payloads)} checked, {invalid} invalid.")
    sys.exit(1 if invalid else 0)


def every_screen(language: str) -> Iterator[Payload]:
    return screens(texts_in(language), list(catalogue(language)))


def choose(payloads: Iterable[Payload]) -> list[Payload]:
    """Return the longest payload of each shape: Slack limits how often it is asked."""
    longest: dict[str, Payload] = {}
    for payload in payloads:
        key = json.dumps(shape(payload))
        if key not in longest or len(json.dumps(payload)) > len(json.dumps(longest[key])):
            longest[key] = payload
    return list(longest.values())


def shape(value: Any, key: str = "") -> Any:
    """Return a payload without its texts and numbers, and without repetitions."""
    match value:
        case Mapping():
            return {name: shape(item, name) for name, item in sorted(value.items())}
        case list():
            return sorted({json.dumps(shape(item)) for item in value})
        case _:
            return value if key in {"type", "style"} else type(value).__name__


def validate(client: httpx.Client, url: str, payload: Payload) -> Iterator[str]:
    """Yield what Slack finds wrong with a payload. Raises httpx.HTTPError, or RuntimeError if it doesn't check it."""
    kind = "view" if payload.get("type") in {"modal", "home"} else "message"
    for _ in range(TRIES):
        response = client.post(url, data={kind: json.dumps(payload)})
        if response.status_code != 429:
            break
        time.sleep(float(response.headers.get("Retry-After", "1")))
    answer = response.raise_for_status().json()
    if answer.get("ok"):
        return
    if answer.get("error") != f"invalid_{kind}" and not answer.get("errors"):
        raise RuntimeError(f"Slack didn't check it: {answer.get('error')}")
    for error in answer.get("errors") or [{"message": answer["error"]}]:
        yield f"{error.get('pointer', '')}: {error.get('message', '')} ({error.get('code', '')})"


if __name__ == "__main__":
    main()
