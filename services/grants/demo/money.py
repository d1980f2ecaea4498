"""The demonstration's intermediaries and the city's budget of 2020, as the report of that October prints them."""

from __future__ import annotations

from datetime import date, datetime

from services.grants import intermediaries, ledger
from services.grants.demo.budget import YEAR, all_lines
from shared.database import Database
from shared.districts import DISTRICTS
from shared.identity.actor import SYSTEM

LAST_KEY = f"demo:{YEAR}:last"
SUBSIDISED = {"송파구": 281_000_000, "서초구": 266_000_000}
DIRECT = {"서대문구": 99_000_000}
NONE = ("중구",)
COMMISSIONED_WON = 9_040_000_000


def load_intermediaries(database: Database, now: datetime) -> None:
    commissioned = [each.name for each in DISTRICTS if each.name not in {*SUBSIDISED, *DIRECT, *NONE}]
    share_won = COMMISSIONED_WON // len(commissioned) // 10_000_000 * 10_000_000
    funding = {
        name: share_won + (index * 8 % len(commissioned) - len(commissioned) // 2) * 4_000_000
        for index, name in enumerate(commissioned)
    }
    funding[commissioned[-1]] += COMMISSIONED_WON - sum(funding.values())
    for district in DISTRICTS:
        name = district.name
        mode, operator, funding_won = "none", "", 0
        if name in funding:
            mode, operator, funding_won = "commissioned", f"{name} 이웃마루 협동조합", funding[name]
        elif name in SUBSIDISED:
            mode, operator, funding_won = "subsidised", f"{name} 마을살이 모임", SUBSIDISED[name]
        elif name in DIRECT:
            mode, funding_won = "direct", DIRECT[name]
        intermediaries.put(
            database,
            SYSTEM,
            now,
            district=district.code,
            year=YEAR,
            mode=mode,
            operator=operator,
            funding_won=funding_won,
        )


def load_budget(database: Database, now: datetime) -> None:
    """Each line's figures reached in three steps, on the last days of the first three quarters."""
    lines = all_lines()
    for position, (division, programme, printed) in enumerate(lines, 1):
        line = ledger.open_line(
            database, SYSTEM, now, year=YEAR, position=position, division=division, programme=programme
        )
        key = f"demo:{YEAR}:{position}"
        entries = [(ledger.Entry("appropriation", printed.budget, date(YEAR, 1, 1)), f"{key}:appropriation")]
        for kind, whole_won, tenths in (
            ("commitment", printed.commitment, (4, 7, 10)),
            ("expenditure", printed.expenditure, (3, 6, 10)),
        ):
            done_won = 0
            for month, day, part in ((3, 31, tenths[0]), (6, 30, tenths[1]), (9, 30, tenths[2])):
                due_won = whole_won * part // 10
                entry = ledger.Entry(kind, due_won - done_won, date(YEAR, month, day))
                last = position == len(lines) and kind == "expenditure" and month == 9
                entries.append((entry, LAST_KEY if last else f"{key}:{kind}:{month}"))
                done_won = due_won
        ledger.post_all(database, SYSTEM, now, line_id=line.id, entries=entries)
