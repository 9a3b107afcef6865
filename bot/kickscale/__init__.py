"""The Kickscale API. `transport`, `client` and `uploading` do the I/O; the rest is pure."""
