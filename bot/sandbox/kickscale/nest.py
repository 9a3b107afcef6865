"""How NestJS says no. https://docs.nestjs.com/exception-filters and `packages/common/exceptions/` in nestjs/nest."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web


class Refusal(Exception):
    """An answer that is an error: the status and NestJS's `message`, one sentence or a list of them."""

    def __init__(self, status: int, message: str | Sequence[str]) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message if isinstance(message, str) else list(message)

    def response(self) -> web.Response:
        return answer(body(self.status, self.message), self.status)


def answer(content: Any, status: int = 200) -> web.Response:
    """JSON as Express sends it. A lone surrogate in a raw record is escaped, as any character beyond ASCII may be."""
    return web.Response(text=json.dumps(content), status=status, content_type="application/json", charset="utf-8")


def body(status: int, message: str | Sequence[str] = "") -> dict[str, Any]:
    if status == 429:  # @nestjs/throttler's ThrottlerException is made of a string alone: there is no `error`
        return {"statusCode": 429, "message": message or "ThrottlerException: Too Many Requests"}
    if status == 500:  # the built-in filter's answer to an exception that it does not know
        return {"statusCode": 500, "message": message or "Internal server error"}
    phrase = HTTPStatus(status).phrase
    return {"message": message or phrase, "error": phrase, "statusCode": status}


def unknown_route(method: str, target: str) -> Refusal:
    """`packages/core/router/routes-resolver.ts`: the address as it was asked, its query included."""
    return Refusal(404, f"Cannot {method} {target}")
