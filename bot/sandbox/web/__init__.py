"""The sandbox in a browser: a page that looks like Slack, served on the loopback.

`server.serve` starts it. The page is drawn on the server for every request, from the state of the embedded Slack, and
`static/page.js` does little more than to fetch it again when something has changed.
"""
