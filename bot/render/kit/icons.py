"""The emoji in messages: few, and each with one meaning."""

from bot.model.conversation import Kind

CONVERSATION = {Kind.CALL: "📞", Kind.MEETING: "📅"}
"""By which calls and meetings are told apart at a glance."""
WARNING = "⚠️"
"""Something went wrong, or wasn't understood."""
OK = "✅"
"""Everything is as it should be."""
