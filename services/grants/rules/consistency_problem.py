"""One thing that is wrong with a programme's rules. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`path` is the place in the document ("tranches.0.gates"), `code` names the sentence. What does not `blocks` is
    told, and may stay."""

    path: str
    code: str
    blocks: bool = True
