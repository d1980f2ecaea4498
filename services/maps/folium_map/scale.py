"""Classes of a choropleth: as many districts in each as possible, and honest about what they hold."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypedDict

CLASSES: Final = 5  # as many shades of the ramp as people tell apart
NO_VALUE: Final = "ramp-0"

Number = int | float


class LegendItem(TypedDict):
    """One line of the legend: ``tone`` is the CSS class of its colour, the same as on the map (``ramp-0`` … ``-5``)."""

    tone: str
    label: str


@dataclass(frozen=True)
class Scale:
    """Upper bounds of the classes, ascending; each is a value that occurs, so equal values never part."""

    bounds: tuple[Number, ...]

    @classmethod
    def of(cls, values: Iterable[Number | None], classes: int = CLASSES) -> Scale:
        """Quantile classes of the values that are known: at most ``classes``, fewer when there are fewer values."""
        known = sorted(value for value in values if value is not None)
        ends = (known[-(-len(known) * part // classes) - 1] for part in range(1, classes + 1) if known)
        distinct = sorted(set(known))
        return cls(tuple(distinct if len(distinct) <= classes else dict.fromkeys(ends)))

    def tone(self, value: Number | None) -> str:
        """The CSS class of a value; shades are spread over the whole ramp when there are few classes."""
        return NO_VALUE if value is None else self._tone(bisect_left(self.bounds, value))

    def _tone(self, index: int) -> str:
        index = min(index, len(self.bounds) - 1)
        if len(self.bounds) <= 1:
            return f"ramp-{CLASSES // 2 + 1}"
        return f"ramp-{1 + round(index * (CLASSES - 1) / (len(self.bounds) - 1))}"

    def legend(
        self, values: Iterable[Number | None], no_value: str, write: Callable[[Number], str] = "{:,}".format
    ) -> list[LegendItem]:
        """The legend of the classes that hold any of ``values``, each from its smallest to its largest one."""
        listed = list(values)
        items: list[LegendItem] = []
        for index in range(len(self.bounds)):
            held = [value for value in listed if value is not None and bisect_left(self.bounds, value) == index]
            if held:
                low, high = write(min(held)), write(max(held))
                items.append({"tone": self._tone(index), "label": low if low == high else f"{low} – {high}"})
        if None in listed:
            items.append({"tone": NO_VALUE, "label": no_value})
        return items
