"""Why a group did not get what it asked for: option by option, from the finished allocation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.booking.rules.allocation import is_banned
from services.booking.rules.weekly import Option, Placement, Room, Rules, Wish, answered, exclude, starts, unfit


@dataclass(frozen=True)
class Reason:
    """What became of an option. `code`: given (a time counts for one option only, `weekly.answered`); unit_unknown,
    too_many_people, closed, taken, too_short (the range is shorter than the time asked for), removed (by hand), own_day
    (the group has another time then), enough (it has all it wanted), free (nobody has it: staff took one away since),
    or lost, to the placements `lost_to`, because of `why`:

    pinned (set by hand), weight (a group of more weight has it), only_time (the other would have nothing), fairness
    (the other has no larger share of what it wanted), preference (the other named it earlier), total (with it here,
    others together would have had less)."""

    code: str
    option: Option | None = None
    lost_to: tuple[Placement, ...] = ()
    why: str | None = None


def reasons(
    rooms: Mapping[int, Room],
    wishes: Iterable[Wish],
    rules: Rules,
    placements: Iterable[Placement],
    *,
    pinned: Iterable[Placement] = (),
    forbidden: Iterable[Placement] = (),
) -> dict[int, tuple[Reason, ...]]:
    """A reason for each option, by wish, in the order of the options."""
    known = {wish.id: wish for wish in wishes}
    placed, fixed, banned = sorted(set(placements)), frozenset(pinned), tuple(forbidden)
    found = {}
    for wish in known.values():
        own = answered((each for each in placed if each.wish_id == wish.id), wish.options)
        found[wish.id] = tuple(
            Reason("given", option)
            if rank in own
            else _reason(rooms, known, rules, placed, fixed, banned, wish, option)
            for rank, option in enumerate(wish.options)
        )
    return found


def _reason(
    rooms: Mapping[int, Room],
    wishes: Mapping[int, Wish],
    rules: Rules,
    placed: list[Placement],
    pinned: frozenset[Placement],
    banned: tuple[Placement, ...],
    wish: Wish,
    option: Option,
) -> Reason:
    own = [each for each in placed if each.wish_id == wish.id]
    times = list(starts(option, wish.minutes, rules.grid))
    if not times:
        return Reason("too_short", option)
    wanted = [Placement(wish.id, option.unit_id, time) for time in times]
    misfits = [unfit(rooms.get(option.unit_id), each.time, wish.people, rules) for each in wanted]
    if None not in misfits:
        # Where some times are closed and others taken, what others hold says more.
        return Reason("taken" if "taken" in misfits else str(misfits[0]), option)
    possible = [each for each, misfit in zip(wanted, misfits, strict=True) if misfit is None]
    allowed = [each for each in possible if not is_banned(each, banned)]
    if not allowed:
        return Reason("removed", option)
    if len(own) >= wish.times:
        return Reason("enough", option)
    blocked = [[each for each in placed if exclude(rooms, time, each)] for time in allowed]
    holders = sorted({each for found in blocked for each in found if each.wish_id != wish.id})
    if holders and all(any(each.wish_id != wish.id for each in found) for found in blocked):
        return Reason("lost", option, tuple(holders), _why(wishes, placed, pinned, wish, option, holders))
    same_day = rules.one_a_day and any(each.time.weekday == option.weekday for each in own)
    return Reason("own_day" if same_day or all(blocked) else "free", option)


def _why(
    wishes: Mapping[int, Wish],
    placed: list[Placement],
    pinned: frozenset[Placement],
    wish: Wish,
    option: Option,
    holders: list[Placement],
) -> str:
    """The plainest difference between the group and those who hold its option."""
    if any(each in pinned for each in holders):
        return "pinned"
    others = [wishes[each.wish_id] for each in holders if each.wish_id in wishes]
    if any(other.weight > wish.weight for other in others):
        return "weight"
    given = {other.id: sum(each.wish_id == other.id for each in placed) for other in (*others, wish)}
    if any(given[other.id] == 1 for other in others):
        return "only_time"
    if any(given[other.id] * wish.times <= given[wish.id] * other.times for other in others):
        return "fairness"
    mine = wish.options.index(option)
    for other in others:
        theirs = answered((each for each in placed if each.wish_id == other.id), other.options)
        if any(rank < mine and each in holders for rank, each in theirs.items()):
            return "preference"
    return "total"
