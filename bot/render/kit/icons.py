"""The emoji in messages: few, and each with one meaning."""

from bot.model.conversation import Kind

CONVERSATION = {Kind.CALL: "📞", Kind.MEETING: "📅"}
"""They show at a glance what is a call and what is a meeting."""
WARNING = "⚠️"
"""Something went wrong, or wasn't understood."""
OK = "✅"
"""Everything is as it should be."""
