"""The same thing asked for twice at the same moment is made once (invariant 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

Made = TypeVar("Made")


def once(act: Callable[[], Made]) -> Made:
    """Do a unit of work that looks first for what is there already, and makes it where it is not.

    Where nothing can be locked yet, two that look at the same moment both find nothing, and the database lets one of
    them make it: the other looks again, and finds it. Raises what `act` raises, IntegrityError where it was another
    rule that was broken.
    """
    try:
        return act()
    except IntegrityError:
        return act()
