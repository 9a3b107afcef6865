"""What the parts of the bot pass to one another: frozen types that know no Slack, no HTTP and no SQL."""
