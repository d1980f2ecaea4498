"""Taking part in a lottery: enter, change, withdraw, and answer a win."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import groups, lottery
from services.booking.lottery import Shown, drawing, results
from services.booking.models import LotteryEntry, LotterySlot
from services.booking.models.lotteries import WORDS_LENGTH
from services.booking.pages.reserve import group_name_of
from services.booking.rules.lottery import MOST_WISHES
from services.booking.schemas.lotteries import entering_of_form
from services.booking.wording import during_text, reservation_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(lottery_id: int) -> ResponseReturnValue:
    """The form, empty or as I entered before; `?slot=12` stands as the first wish."""
    shown = _read(lottery_id)
    if shown.lottery.stage(now()) != "open":
        return _back(lottery_id)
    if shown.mine and not shown.mine.withdrawn:
        return _form(shown, _typed(shown.mine))
    return _form(shown, {"wish.1": request.args.get("slot", "")})


def save(lottery_id: int) -> ResponseReturnValue:
    """Enter, or change what I entered with."""
    shown = _read(lottery_id)
    try:
        entering = entering_of_form(request.form)
        entering = replace(entering, group_name=group_name_of(entering.group_id) or entering.group_name)
        entry = lottery.enter(database(), current_actor(), now(), lottery_id, entering)
    except ValidationError as error:
        return _form(shown, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (401, 403, 404):
            raise
        return _form(shown, request.form, refusal)
    if shown.mine and not shown.mine.withdrawn:
        flash(_("참가 내용을 바꿨습니다. 참가 번호는 그대로 %(number)s번입니다.", number=entry.number), "success")
    else:
        flash(_("추첨에 참가했습니다. 참가 번호는 %(number)s번입니다.", number=entry.number), "success")
    return _back(lottery_id)


def withdraw_form(lottery_id: int) -> ResponseReturnValue:
    """Ask whether it is really meant."""
    shown = _read(lottery_id)
    if shown.mine is None or shown.mine.withdrawn or shown.lottery.stage(now()) != "open":
        return _back(lottery_id)
    return render_template("booking/lottery_withdraw.html", lottery=shown.lottery, mine=shown.mine)


def withdraw(lottery_id: int) -> ResponseReturnValue:
    """Take my entry back."""
    try:
        lottery.withdraw(database(), current_actor(), now(), lottery_id)
        flash(_("참가를 취소했습니다. 마감 전까지 다시 참가할 수 있습니다."), "success")
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        flash(sentence(refusal.code, refusal.params), "error")
    return _back(lottery_id)


def confirm(award_id: int) -> ResponseReturnValue:
    """Take what I won."""
    found, _award = results.award_mine(database(), current_actor(), award_id)
    try:
        made = drawing.confirm(database(), current_actor(), now(), award_id)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        flash(sentence(refusal.code, refusal.params), "error")
        return _back(found.id)
    flash(_("예약이 확정되었습니다. %(when)s에 만나요.", when=reservation_text(made)), "success")
    return _back(found.id)


def decline_form(award_id: int) -> ResponseReturnValue:
    """Ask whether it is really meant."""
    found, award = results.award_mine(database(), current_actor(), award_id)
    if award.status != "offered":
        return _back(found.id)
    return render_template("booking/lottery_decline.html", lottery=found, award=award)


def decline(award_id: int) -> ResponseReturnValue:
    """Pass on what I won."""
    found, _award = results.award_mine(database(), current_actor(), award_id)
    try:
        drawing.decline(database(), current_actor(), now(), award_id)
        flash(_("당첨을 사양했습니다. 이 시간은 다음 순위인 분에게 돌아갑니다."), "success")
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        flash(sentence(refusal.code, refusal.params), "error")
    return _back(found.id)


def _read(lottery_id: int) -> Shown:
    return lottery.read(database(), current_actor(), lottery_id)


def _back(lottery_id: int) -> ResponseReturnValue:
    return redirect(service_url("booking", f"/lotteries/{lottery_id}"))


def _typed(mine: LotteryEntry) -> dict[str, Any]:
    """What I entered with, as the form's fields."""
    wishes = {f"wish.{rank}": str(slot_id) for rank, slot_id in enumerate(mine.wishes, 1)}
    same = {name: getattr(mine, name) for name in ("people", "purpose", "words", "group_id", "group_name")}
    return {**wishes, **same}


def _form(shown: Shown, typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    errors = field_sentences(refusal) if refusal else {}
    wrong = [name for name in errors if name.partition(".")[0] == "wishes"]
    if wrong:  # one sentence for the list of wishes, whichever of them it is about
        errors = {"wishes": errors[wrong[0]], **{name: told for name, told in errors.items() if name not in wrong}}
    for name in ("unit_id", "start", "end"):  # what the rules say of the first wish's place and time
        if name in errors:
            errors.setdefault("form", []).extend(errors.pop(name))
    slots = [slot for slot in shown.slots if slot.status == "held"]
    page = render_template(
        "booking/lottery_entry.html",
        shown=shown,
        lottery=shown.lottery,
        stage=shown.lottery.stage(now()),
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        ranks=min(MOST_WISHES, len(slots)),
        options=[(str(slot.id), _option(slot, shown.wished.get(slot.id, 0))) for slot in slots],
        groups=[(each.group.id, each.group.name) for each in groups.mine(database(), current_actor())],
        words_length=WORDS_LENGTH,
        changing=bool(shown.mine and not shown.mine.withdrawn),
    )
    return page, refusal.status if refusal else 200


def _option(slot: LotterySlot, wished: int) -> str:
    place = f"{during_text(slot.during, slot.unit.zone)} · {slot.unit.name}"
    if slot.unit.capacity:
        return _("%(place)s (%(n)s명까지, 바란 분 %(wished)s명)", place=place, n=slot.unit.capacity, wished=wished)
    return _("%(place)s (바란 분 %(wished)s명)", place=place, wished=wished)
