"""The running bot: wiring, life cycle, HTTP."""
