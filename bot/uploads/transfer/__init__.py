"""The way of a recording to Kickscale: the queue, the attempts, and what follows."""
