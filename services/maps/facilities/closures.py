"""Closures: the column 휴관일, free text in dozens of spellings.

The text becomes a rule only when every word of it is understood; "토요일(격주)" or a misspelt day leaves it a text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, TypedDict

from services.maps.facilities.problems import Note
from shared.bus.catalogue import NAMED_DAYS

FIELD: Final = "휴관일"


class Closures(TypedDict):
    """When a unit is closed, every rule adding to the others.

    ``weekdays``: ISO weekdays (1 Monday to 7 Sunday) of every week. ``holidays``: all public holidays (공휴일).
    ``monthly``: [n, ISO weekday], the n-th (1 to 5; -1 the last) of that weekday in each month. ``named``: some of
    ``NAMED_DAYS``, days named instead of, or beside, all public holidays.
    """

    weekdays: list[int]
    holidays: bool
    monthly: list[list[int]]
    named: list[str]


_DAYS: Final = "월화수목금토일"
_WEEKDAY: Final = rf"[{_DAYS}](?:요일)?"
_NEVER: Final = re.compile(r"(?:연중\s*)?무휴(?:일)?|(?:휴관일\s*)?없음|휴관일\s*없음")
_REMARK: Final = re.compile(r"\s*\((?:(?:시설|운영)\s*)?사정에 따라 (?:변경 ?(?:가능|될 수 있음)|변동 ?가능)\)$")
_TAIL: Final = re.compile(r"\s*(?:정기\s*)?(?:휴관일?|휴무일?)$")
_ORDINAL: Final = r"(?:제?\s?[1-5]|첫|둘|셋|넷|다섯|두|세|네|마지막)\s?(?:번째|째)?\s?(?:주)?"
_ORDINALS: Final = {"첫": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "넷": 4, "네": 4, "다섯": 5, "마지막": -1}

#: The words of the language, tried in this order at each position.
_TOKENS: Final = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in (
            ("separator", r"[\s,+./·ㆍ・‧&;]+|및|와|과|그리고"),
            ("new_year", r"신정|1월\s?1일"),
            ("seollal", r"설날|구정|설(?=[\s,·ㆍ/(및]|연휴|당일)"),
            ("chuseok", r"추석"),
            ("both", r"명절"),
            ("labour", r"근로자의\s?날|노동절"),
            ("span", r"\(?(?P<length>당일|연휴)\)?"),
            ("holidays", r"(?:(?:법정|국가|국정|관공서의?|모든)\s?)?공휴일(?:\s?\(대체\s?(?:공휴일|휴일)\s?포함\))?"),
            ("substitute", r"(?:대체|임시)\s?공휴일"),
            (
                "monthly",
                rf"(?:매월\s?)?(?P<ordinals>{_ORDINAL}(?:[\s,·ㆍ/+.및]+{_ORDINAL})*)\s?(?P<nth_day>{_WEEKDAY})",
            ),
            ("every", r"매주"),
            ("weekend", r"주말"),
            ("range", rf"(?P<first>{_WEEKDAY})\s?[~∼～-]\s?(?P<last>{_WEEKDAY})"),
            ("weekday", _WEEKDAY),
        )
    )
)


def read_closures(text: str) -> tuple[Closures | None, list[Note]]:
    """(closures, notes) of the published text; None when it is blank or not wholly understood."""
    if not text:
        return None, [Note(FIELD, text, "closures_missing")]
    closures = _understand(_REMARK.sub("", text))
    if closures is None:
        return None, [Note(FIELD, text, "closures_not_understood")]
    copy: Closures = {  # the cached one must not be shared between units
        "weekdays": list(closures["weekdays"]),
        "holidays": closures["holidays"],
        "monthly": [list(rule) for rule in closures["monthly"]],
        "named": list(closures["named"]),
    }
    notes = [Note(FIELD, text, "closures_may_change")] if _REMARK.search(text) else []
    if len(copy["weekdays"]) == len(_DAYS):
        notes.append(Note(FIELD, text, "closed_every_day"))
    return copy, notes


@lru_cache(maxsize=4096)
def _understand(text: str) -> Closures | None:
    text = _TAIL.sub("", text)
    if _NEVER.fullmatch(text):
        return {"weekdays": [], "holidays": False, "monthly": [], "named": []}
    weekdays: set[int] = set()
    monthly: set[tuple[int, int]] = set()
    named: set[str] = set()
    unmeasured: list[str] = []  # 설날, 추석 still waiting for 당일 or 연휴
    holidays = substitute = False
    previous = ""
    position = 0
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None:
            return None
        position = match.end()
        # lastgroup is the last group closed, and that is the outer, named alternative.
        kind = match.lastgroup or ""
        if kind == "separator":
            continue
        if previous == "every" and kind not in ("weekday", "weekend", "range"):
            return None
        # "첫째 월, 화요일": whether the ordinal counts for the second day is not certain.
        if previous == "monthly" and kind in ("weekday", "weekend", "range"):
            return None
        match kind:
            case "weekday":
                weekdays.add(_weekday(match["weekday"]))
            case "weekend":
                weekdays |= {6, 7}
            case "range":
                first, last = _weekday(match["first"]), _weekday(match["last"])
                if first >= last:
                    return None
                weekdays |= set(range(first, last + 1))
            case "monthly":
                ordinals = _ordinals(match["ordinals"])
                if ordinals is None:
                    return None
                monthly |= {(nth, _weekday(match["nth_day"])) for nth in ordinals}
            case "holidays":
                holidays = True
            case "substitute":
                substitute = True
            case "new_year":
                named.add("new_year_day")
            case "labour":
                named.add("labour_day")
            case "seollal" | "chuseok":
                unmeasured.append(kind)
            case "both":
                unmeasured += ["seollal", "chuseok"]
            case "span":
                if not unmeasured:
                    return None
                suffix = "day" if match["length"] == "당일" else "holidays"
                named |= {f"{feast}_{suffix}" for feast in unmeasured}
                unmeasured.clear()
        previous = kind
    nothing = not (weekdays or holidays or monthly or named)
    # Unmeasured feasts add nothing to all public holidays; alone it is not certain whether one day or three are meant.
    if nothing or previous == "every" or ((substitute or unmeasured) and not holidays):
        return None
    return {
        "weekdays": sorted(weekdays),
        "holidays": holidays,
        "monthly": [list(rule) for rule in sorted(monthly)],
        "named": sorted(named, key=NAMED_DAYS.index),
    }


def _weekday(word: str) -> int:
    return _DAYS.index(word[0]) + 1


def _ordinals(text: str) -> set[int] | None:
    """The numbers of "1,3주", "둘째·넷째 주" …; None for bare numbers, which could as well be days of the month."""
    if not re.search(r"주|째|첫|마지막", text):
        return None
    words = re.findall(rf"[1-5]|{'|'.join(_ORDINALS)}", text)
    return {int(word) if word.isdigit() else _ORDINALS[word] for word in words}
