"""The budget of an agreement by cost category and item: cut to the award, checked, and changed by rule. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from services.grants.rules.definition import SettlementRules

Problems = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Line:
    """What a cost item may cost: won of the grant and of the group's own money."""

    category: str
    item: str
    grant_won: int
    self_won: int = 0
    note: str = ""

    @property
    def field(self) -> str:
        """The name of its field in a form."""
        return f"grant.{self.category}.{self.item}"


def read(rows: Iterable[Mapping[str, Any]] | None) -> list[Line]:
    """The lines of a filed or an agreed budget; several of one item become one."""
    found: dict[tuple[str, str], Line] = {}
    for row in rows or ():
        key = str(row.get("category", "")), str(row.get("item", ""))
        line = Line(*key, _won(row.get("grant_won")), _won(row.get("self_won")), str(row.get("note") or ""))
        earlier = found.get(key)
        if earlier is not None:
            notes = ", ".join(note for note in (earlier.note, line.note) if note)
            line = Line(*key, earlier.grant_won + line.grant_won, earlier.self_won + line.self_won, notes)
        found[key] = line
    return list(found.values())


def dump(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """As the agreement keeps them; an empty line says nothing."""
    return [asdict(line) for line in lines if line.grant_won or line.self_won]


def scaled(lines: Sequence[Line], grant_won: int, self_won: int) -> list[Line]:
    """The lines with the grant and the own money cut in proportion, each adding up to the won."""
    grants = _shares([line.grant_won for line in lines], grant_won)
    own = _shares([line.self_won for line in lines], self_won)
    return [replace(line, grant_won=g, self_won=s) for line, g, s in zip(lines, grants, own, strict=True)]


def suggested(lines: Sequence[Line], rules: SettlementRules, grant_won: int, self_won: int) -> list[Line]:
    """What to begin an agreement with: the filed lines cut to the award; where none were filed, one line to divide."""
    if not lines and rules.categories and rules.categories[0].items:
        first = rules.categories[0]
        lines = [Line(first.key, first.items[0].key, grant_won, self_won)]
    return scaled(lines, grant_won, self_won)


def problems(lines: Sequence[Line], rules: SettlementRules, grant_won: int, self_won: int) -> Problems:
    """What is wrong with agreed lines: unknown items, ceilings in per cent of the grant, sums that do not add up."""
    for line in lines:
        item = rules.item(line.category, line.item)
        if item is None:
            yield line.field, "cost_item_unknown"
        elif line.grant_won < 0 or line.self_won < 0:
            yield line.field, "won_negative"
        elif over(line.grant_won, item.ceiling_percent, grant_won):
            yield line.field, "over_item_ceiling"
    by_category = totals(lines)
    for category in rules.categories:
        if over(by_category.get(category.key, 0), category.ceiling_percent, grant_won):
            yield "budget", "over_category_ceiling"
            break
    if rules.categories or lines:
        if sum(line.grant_won for line in lines) != grant_won:
            yield "budget", "grant_does_not_add_up"
        if sum(line.self_won for line in lines) != self_won:
            yield "budget", "self_does_not_add_up"


def totals(lines: Iterable[Line]) -> dict[str, int]:
    """Won of the grant by category."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.category] = found.get(line.category, 0) + line.grant_won
    return found


def within_rule(before: Sequence[Line], after: Sequence[Line], percent: int) -> bool:
    """Whether a change needs no approval: the sums stay, and no category gives away more than `percent` per cent of
    what was last agreed for it (`before`: not what earlier changes by rule made of it, or many small steps would add
    up to a large one)."""
    if _sums(before) != _sums(after):
        return False
    new = totals(after)
    return all((won - new.get(key, 0)) * 100 <= percent * won for key, won in totals(before).items())


def same(some: Iterable[Line], others: Iterable[Line]) -> bool:
    """Whether two budgets give the same to each item, in whatever order and with whatever notes."""

    def by_item(lines: Iterable[Line]) -> dict[tuple[str, str], tuple[int, int]]:
        return {(each.category, each.item): (each.grant_won, each.self_won) for each in lines if each != _nothing(each)}

    return by_item(some) == by_item(others)


def over(won: int, percent: int | None, whole_won: int) -> bool:
    """Whether an amount is more than that part of the whole, a broken won counting for one."""
    return percent is not None and won > part_of(percent, whole_won)


def part_of(percent: int, whole_won: int) -> int:
    """That part of a sum in won, a broken won counting for one: every ceiling in per cent of a grant is this, where it
    is agreed and where it is spent."""
    return -(-percent * whole_won // 100)


def _nothing(line: Line) -> Line:
    return replace(line, grant_won=0, self_won=0)


def _sums(lines: Iterable[Line]) -> tuple[int, int]:
    rows = list(lines)
    return sum(line.grant_won for line in rows), sum(line.self_won for line in rows)


def _shares(parts: Sequence[int], total: int) -> list[int]:
    """`total` divided as the parts are, by largest remainders; to the first where the parts are nothing."""
    whole = sum(parts)
    if not parts:
        return []
    if whole == 0:
        return [total, *([0] * (len(parts) - 1))]
    shares = [part * total // whole for part in parts]
    left = total - sum(shares)
    by_remainder = sorted(range(len(parts)), key=lambda at: (-(parts[at] * total % whole), at))
    for at in by_remainder[:left]:
        shares[at] += 1
    return shares


def _won(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
