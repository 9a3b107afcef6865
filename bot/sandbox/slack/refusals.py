"""What somebody can't do in the embedded Slack."""


class Refused(LookupError, ValueError):
    """`reason` and `values` say in any language what the English `sentence` says."""

    def __init__(self, reason: str, sentence: str = "", **values: str) -> None:
        self.reason = reason
        self.values = values
        super().__init__(sentence or reason)
