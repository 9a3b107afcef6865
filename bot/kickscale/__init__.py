"""The Kickscale API: what is asked, what comes back, and the one client that asks.

`protocol`, `operations`, `openapi`, `binding` and `parsing` are pure; `client` supplies the I/O.
"""
