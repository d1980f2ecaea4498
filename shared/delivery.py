"""What every way out of the house (e-mail, SMS) may answer, so that whoever sends knows whether to try again.

A reason holds codes only: what a server says in words quotes addresses.
"""


class Undeliverable(Exception):  # noqa: N818 - the word of the domain
    """This message will never arrive at this address; trying again is no use."""


class TryLater(Exception):  # noqa: N818 - the word of the domain
    """Not now. `everybody`: the server itself is in trouble, so the next message would fare no better."""

    def __init__(self, reason: str, *, everybody: bool = True) -> None:
        super().__init__(reason)
        self.everybody = everybody
