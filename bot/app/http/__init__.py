"""The bot's HTTP side: Slack's requests, Kickscale's, and the pages for operators."""
