"""Lotteries for everybody: the list, one of them, what the draw came to and how to run it again."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from services.booking import lottery
from services.booking.lottery import results
from services.booking.rules import draw
from services.booking.schemas.units import row_id
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.pages import database

PROGRAM = Path(draw.__file__)
"""The file that runs a draw again; it needs nothing but Python, so it is handed out as it is."""


def index() -> ResponseReturnValue:
    """What can be entered, what opens soon, what was drawn; of `?space_id=` only if given."""
    space_id = request.args.get("space_id", type=row_id)
    found = results.listed(database(), current_actor(), now(), space_id)
    by_stage = {stage: [each for each in found if each.stage == stage] for stage in ("open", "soon", "closing")}
    over = [each for each in found if each.stage in ("drawn", "cancelled")]
    return render_template("booking/lotteries.html", found=found, over=over, **by_stage)


def show(lottery_id: int) -> ResponseReturnValue:
    """Times, rules, commitment; what is mine of it, and why I won or lost."""
    shown = lottery.read(database(), current_actor(), lottery_id)
    return render_template(
        "booking/lottery.html",
        shown=shown,
        lottery=shown.lottery,
        stage=shown.lottery.stage(now()),
        mine=shown.mine if shown.mine and not shown.mine.withdrawn else None,
        slots={slot.id: slot for slot in shown.slots},
        explained=results.explained(shown),
        won_by=results.given(shown),
        awards=shown.awards,
    )


def receipt(lottery_id: int) -> ResponseReturnValue:
    """The whole draw in public: everybody's number, tickets and result, without any names."""
    found, slots, document = results.receipt(database(), lottery_id)
    return render_template(
        "booking/lottery_receipt.html",
        lottery=found,
        document=document,
        rows=results.numbers_of(document, slots),
        program=PROGRAM.name,
        file=_file(lottery_id),
    )


def download(lottery_id: int) -> ResponseReturnValue:
    """The receipt as a file, which the program checks."""
    document = results.receipt(database(), lottery_id)[2]
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return _attachment(text, "application/json", _file(lottery_id))


def program() -> ResponseReturnValue:
    """The program that checks a receipt: one file for plain Python."""
    return _attachment(PROGRAM.read_text("utf-8"), "text/x-python; charset=utf-8", PROGRAM.name)


def _file(lottery_id: int) -> str:
    return f"receipt-{lottery_id}.json"


def _attachment(text: str, kind: str, name: str) -> Response:
    return Response(text, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'})
