"""Where the boxes and arrows of a process stand: states in columns by their phase, rows as arrows between them. Pure.

All lengths are in the units of the drawing (a pixel at its natural size).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from services.grants.rules.definition import Definition, State, Transition

WIDTH, HEIGHT = 148, 52
GAP_X, GAP_Y, MARGIN, HEAD = 200, 76, 24, 36
LINE = 18
COLUMNS = (
    ("draft",),
    ("intake",),
    ("review",),
    ("decision",),
    ("selected", "rejected", "withdrawn"),
    ("running",),
    ("settling",),
    ("closed",),
)
"""The phases that stand in one column, from left to right."""
_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85)

Point = tuple[float, float]
Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class Box:
    """A state; x and y are its upper left corner."""

    state: State
    x: int
    y: int

    @property
    def middle(self) -> Point:
        return self.x + WIDTH / 2, self.y + HEIGHT / 2


@dataclass(frozen=True)
class Arrow:
    """A row from one of its states; `number` counts the rows from 1. `label` is the middle of its words. `quiet`: one
    of many that a row leads from; the others of them have no words."""

    number: int
    row: Transition
    path: str
    label: Point
    text: str
    quiet: bool


@dataclass(frozen=True)
class Diagram:
    """`columns`: the first phase of each, and its left edge."""

    width: int
    height: int
    columns: tuple[tuple[str, int], ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass
class _Line:
    number: int
    row: Transition
    start: Box
    end: Box
    text: str
    quiet: bool
    sides: tuple[str, str] = ("right", "left")
    begin: Point = (0, 0)
    finish: Point = (0, 0)


def draw(rules: Definition, words: Callable[[Transition], str]) -> Diagram:
    """The diagram of a process; `words` gives the label of a row. Rows from or to states that are not there are left
    out: `consistency` names them."""
    boxes, columns = _boxes(rules.states)
    lines = _lines(rules, boxes, words)
    _ports(lines)
    taken: list[Area] = [(each.x, each.y, each.x + WIDTH, each.y + HEIGHT) for each in boxes.values()]
    arrows = tuple(_arrow(line, taken) for line in lines)
    width = max((x + WIDTH for _phase, x in columns), default=0) + MARGIN + GAP_X // 2
    height = max((each.y + HEIGHT for each in boxes.values()), default=0) + MARGIN
    return Diagram(width, height, columns, tuple(boxes.values()), arrows)


def _boxes(states: Iterable[State]) -> tuple[dict[str, Box], tuple[tuple[str, int], ...]]:
    boxes: dict[str, Box] = {}
    columns: list[tuple[str, int]] = []
    given = list(states)
    for phases in COLUMNS:
        here = [state for phase in phases for state in given if state.phase == phase and state.key not in boxes]
        if not here:
            continue
        x = MARGIN + len(columns) * (WIDTH + GAP_X)
        columns.append((phases[0], x))
        for row, state in enumerate({each.key: each for each in here}.values()):
            boxes[state.key] = Box(state, x, MARGIN + HEAD + row * (HEIGHT + GAP_Y))
    tallest = max((box.y for box in boxes.values()), default=0)
    for _phase, x in columns:  # each column stands in the middle of the height
        own = [key for key, box in boxes.items() if box.x == x]
        down = (tallest - boxes[own[-1]].y) // 2
        for key in own:
            boxes[key] = replace(boxes[key], y=boxes[key].y + down)
    return boxes, tuple(columns)


def _lines(rules: Definition, boxes: dict[str, Box], words: Callable[[Transition], str]) -> list[_Line]:
    found = []
    for number, row in enumerate(rules.transitions, 1):
        starts = [key for key in row.start if key in boxes]
        for place, key in enumerate(starts):
            if row.end not in boxes:
                continue
            start, end = boxes[key], boxes[row.end]
            quiet = len(starts) > 2
            text = f"{number} {words(row)}" if place == 0 else "" if quiet else str(number)
            line = _Line(number, row, start, end, text, quiet)
            if start.x == end.x:
                line.sides = ("right", "right") if start.y <= end.y else ("left", "left")
            elif start.x > end.x:
                line.sides = ("left", "right")
            found.append(line)
    return found


def _ports(lines: list[_Line]) -> None:
    """Spread the ends of the arrows over the sides of their boxes, in the order of where they lead."""
    ports: dict[tuple[str, str], list[tuple[_Line, bool]]] = {}
    for line in lines:
        ports.setdefault((line.start.state.key, line.sides[0]), []).append((line, True))
        ports.setdefault((line.end.state.key, line.sides[1]), []).append((line, False))
    for (_key, side), ends in ports.items():
        ends.sort(key=lambda each: ((each[0].end if each[1] else each[0].start).y, each[0].number))
        for place, (line, begins) in enumerate(ends, 1):
            box = line.start if begins else line.end
            x = box.x + (WIDTH if side == "right" else 0)
            point = (x, round(box.y + HEIGHT * place / (len(ends) + 1), 1))
            if begins:
                line.begin = point
            else:
                line.finish = point


def _arrow(line: _Line, taken: list[Area]) -> Arrow:
    (x1, y1), (x2, y2) = line.begin, line.finish
    if line.sides[0] == line.sides[1]:
        out = (36 + abs(y2 - y1) / 6) * (1 if line.sides[0] == "right" else -1)
        c1, c2 = (x1 + out, y1), (x2 + out, y2)
    else:
        out = max(40.0, abs(x2 - x1) / 2) * (1 if x2 >= x1 else -1)
        c1, c2 = (x1 + out, y1), (x2 - out, y2)
    curve = ((x1, y1), c1, c2, (x2, y2))
    width, height = text_width(line.text), LINE * (2 if line.row.guards and " " in line.text else 1)
    label, area = min(
        ((point, _around(point, width, height)) for point in (_at(curve, place) for place in _PLACES)),
        key=lambda each: sum(_overlap(each[1], other) for other in taken),
    )
    if line.text:
        taken.append(area)
    path = f"M{x1:g} {y1:g}C{c1[0]:.1f} {c1[1]:.1f} {c2[0]:.1f} {c2[1]:.1f} {x2:g} {y2:g}"
    return Arrow(line.number, line.row, path, (round(label[0], 1), round(label[1], 1)), line.text, line.quiet)


def text_width(text: str) -> int:
    """About how wide a label is: Korean letters are twice as wide as Latin ones."""
    return sum(12 if letter > "ᄀ" else 7 for letter in text) + 6


def _at(curve: tuple[Point, Point, Point, Point], t: float) -> Point:
    """The point of a cubic Bézier curve at t."""
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    return (
        sum(weight * point[0] for weight, point in zip(weights, curve, strict=True)),
        sum(weight * point[1] for weight, point in zip(weights, curve, strict=True)),
    )


def _around(point: Point, width: float, height: float) -> Area:
    return point[0] - width / 2, point[1] - height / 2, point[0] + width / 2, point[1] + height / 2


def _overlap(one: Area, two: Area) -> float:
    across = min(one[2], two[2]) - max(one[0], two[0])
    down = min(one[3], two[3]) - max(one[1], two[1])
    return across * down if across > 0 and down > 0 else 0
