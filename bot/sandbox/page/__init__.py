"""Messages and modals as HTML that looks like Slack.

`documents.message_html` and `documents.view_html` return fragments, and `documents.document` a whole page with the
style sheet `slack.css`. Everything from the app is escaped; links open in a new tab and have no referrer.
"""
