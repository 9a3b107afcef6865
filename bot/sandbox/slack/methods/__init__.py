"""The methods of the Web API in the sandbox, one module per family."""

from bot.sandbox.slack.methods import chat, conversations, files, people, views
from bot.sandbox.slack.methods.base import Method

METHODS: dict[str, Method] = {
    method.name: method
    for method in (*people.METHODS, *conversations.METHODS, *chat.METHODS, *views.METHODS, *files.METHODS)
}
