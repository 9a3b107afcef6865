"""The durable queue, and what keeps its effects from happening twice."""
