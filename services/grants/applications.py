"""Applications: what the parts of grants ask of them. What people do with them is in `applying/`, by subject."""

from services.grants.applying.direct import file
from services.grants.applying.drafts import begin, earlier, look, may_write, save
from services.grants.applying.filing import correct, submit
from services.grants.applying.following import (
    PAGE_SIZE,
    filings_of,
    mine,
    of_call,
    place_of,
    spaces_to_choose,
    steps_of,
    view,
    withdraw,
)
from services.grants.applying.locks import locked, locked_alone

__all__ = [
    "PAGE_SIZE",
    "begin",
    "correct",
    "earlier",
    "file",
    "filings_of",
    "locked",
    "locked_alone",
    "look",
    "may_write",
    "mine",
    "of_call",
    "place_of",
    "save",
    "spaces_to_choose",
    "steps_of",
    "submit",
    "view",
    "withdraw",
]
