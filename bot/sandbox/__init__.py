"""A loopback Slack and a loopback Kickscale, as strict as the real ones: to try, develop and test the bot."""
