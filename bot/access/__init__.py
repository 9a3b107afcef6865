"""Who may have what, and where.

policy    the rules, as pure functions
gate      applies them to a person who asks
audience  applies them to the people in a channel
consent   whether a transcript or a recording may be handed out at all
audit     the log of what was shown, refused and changed
"""
