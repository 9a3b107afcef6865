"""How meetings and calls look in Slack: lists, details, cards, shared answers, transcripts, recording links."""
