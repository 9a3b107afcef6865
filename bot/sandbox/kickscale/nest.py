"""NestJS's error responses: https://docs.nestjs.com/exception-filters, `packages/common/exceptions/` in nestjs/nest."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web


class Refusal(Exception):
    """An error response: the status and NestJS's `message`, one sentence or a list of them."""

    def __init__(self, status: int, message: str | Sequence[str]) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message if isinstance(message, str) else list(message)

    def response(self) -> web.Response:
        return answer(body(self.status, self.message), self.status)


def answer(content: Any, status: int = 200) -> web.Response:
    """Return JSON as Express sends it. Lone surrogates are escaped, as every character beyond ASCII may be."""
    return web.Response(text=json.dumps(content), status=status, content_type="application/json", charset="utf-8")


def body(status: int, message: str | Sequence[str] = "") -> dict[str, Any]:
    if status == 429:  # @nestjs/throttler's ThrottlerException is made from just a string: there is no `error`
        return {"statusCode": 429, "message": message or "ThrottlerException: Too Many Requests"}
    if status == 500:  # the built-in filter's answer to an unknown exception
        return {"statusCode": 500, "message": message or "Internal server error"}
    phrase = HTTPStatus(status).phrase
    return {"message": message or phrase, "error": phrase, "statusCode": status}


def unknown_route(method: str, target: str) -> Refusal:
    """The message has the address as requested, with its query (`packages/core/router/routes-resolver.ts`)."""
    return Refusal(404, f"Cannot {method} {target}")
