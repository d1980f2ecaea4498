"""The budget as of a day: lines, divisions, totals and execution rates, all sums over the ledger."""

import re
from collections.abc import Sequence
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.grants import ledger
from services.grants.pages.reading import Reader
from services.grants.policy import city_date
from shared import clock
from shared.web.errors import sentence
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """A year's table; the address may name the year and the day."""
    today = city_date(clock.now())
    typed = Reader(request.args)
    as_of = typed.day("as_of") if request.args.get("as_of") else today
    wanted = request.args.get("year", "")
    with database().read() as session:
        known = ledger.years(session)
        year = int(wanted) if re.fullmatch(r"20\d\d", wanted, re.ASCII) else _year_of(as_of or today, known)
        divisions = ledger.table(session, year=year, as_of=as_of or today)
    return render_template(
        "grants/budget.html",
        divisions=divisions,
        total=ledger.total(division.total for division in divisions),
        year=year,
        years=known,
        as_of=as_of or today,
        typed_as_of=request.args.get("as_of") or today,
        errors={name: [sentence(code) for code in codes] for name, codes in typed.unread.items()},
    ), 422 if typed.unread else 200


def _year_of(day: date, known: Sequence[int]) -> int:
    """The day's own year where it has a budget; else the newest that has one."""
    return day.year if day.year in known or not known else known[0]
