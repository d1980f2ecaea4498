"""What a settlement adds up to: what was paid, what of it is recognised, and what has to come back. Pure; whole won.

Of what was paid: recognised + refused + waiting + unspent = paid, to the won, whatever was recorded. An expense beyond
what was paid is the group's own: the grant never recognises more than it paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from services.grants import policy


def reason_problems(reason: str) -> policy.Problems:
    """What is wrong with the reason of a decision that the group reads."""
    if not reason.strip():
        yield "reason", "reason_needed"
    else:
        yield from policy.text_problems("reason", reason, policy.REASON)


class Recorded(Protocol):
    """What counts of an expense. `accepted_won` None: it waits for an answer."""

    @property
    def category(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def amount_won(self) -> int: ...
    @property
    def accepted_won(self) -> int | None: ...


@dataclass(frozen=True)
class Sums:
    """Of the grant. `recorded_won` is what the group says it spent of it, `own_won` what it spent of its own money;
    the other four parts add up to `paid_won`."""

    agreed_won: int
    paid_won: int
    recorded_won: int
    accepted_won: int
    waiting_won: int
    refused_won: int
    unspent_won: int
    interest_won: int
    own_won: int
    own_accepted_won: int

    @property
    def spent_won(self) -> int:
        """What of the paid money was spent, recognised or not."""
        return self.paid_won - self.unspent_won

    @property
    def to_return_won(self) -> int:
        """What has to come back as things stand: unspent, refused, and the interest that the account bore."""
        return self.unspent_won + self.refused_won + self.interest_won

    @property
    def beyond_won(self) -> int:
        """What was recorded beyond what was paid: the group's own."""
        return max(0, self.recorded_won - self.paid_won)


def sums(*, agreed_won: int, paid_won: int, interest_won: int, expenses: Iterable[Recorded]) -> Sums:
    """The sums of an application's expenses; what was withdrawn does not count."""
    live = [each for each in expenses if each.state != "withdrawn"]
    grant = [each for each in live if each.source == "grant"]
    own = [each for each in live if each.source == "self"]
    recorded = sum(each.amount_won for each in grant)
    waiting = sum(each.amount_won for each in grant if each.state == "filed")
    recognised = min(sum(each.accepted_won or 0 for each in grant), paid_won)
    open_won = min(waiting, paid_won - recognised)
    unspent = max(0, paid_won - recorded)
    return Sums(
        agreed_won=agreed_won,
        paid_won=paid_won,
        recorded_won=recorded,
        accepted_won=recognised,
        waiting_won=open_won,
        refused_won=paid_won - recognised - open_won - unspent,
        unspent_won=unspent,
        interest_won=interest_won,
        own_won=sum(each.amount_won for each in own),
        own_accepted_won=sum(each.accepted_won or 0 for each in own),
    )


@dataclass(frozen=True)
class Line:
    """A cost category: what was agreed of the grant, what of it was recorded, recognised and refused."""

    category: str
    agreed_won: int
    recorded_won: int
    accepted_won: int
    refused_won: int

    @property
    def left_won(self) -> int:
        """What may still be spent; negative when more was recorded than agreed."""
        return self.agreed_won - self.recorded_won + self.refused_won


def by_category(agreed: Iterable[tuple[str, int]], expenses: Iterable[Recorded]) -> list[Line]:
    """The lines in the order of the agreement, then of what was spent elsewhere. `agreed`: (category, won) of its
    lines."""
    planned: dict[str, int] = {}
    for category, won in agreed:
        planned[category] = planned.get(category, 0) + won
    grant = [each for each in expenses if each.state != "withdrawn" and each.source == "grant"]
    for each in grant:
        planned.setdefault(each.category, 0)
    lines = []
    for category, agreed_won in planned.items():
        here = [each for each in grant if each.category == category]
        decided = [each for each in here if each.state != "filed"]
        lines.append(
            Line(
                category=category,
                agreed_won=agreed_won,
                recorded_won=sum(each.amount_won for each in here),
                accepted_won=sum(each.accepted_won or 0 for each in decided),
                refused_won=sum(each.amount_won - (each.accepted_won or 0) for each in decided),
            )
        )
    return lines
