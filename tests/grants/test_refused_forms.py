"""Small forms on pages that hold several: a refusal stands beside the form, and what was typed is still in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from services.grants import sanctions
from services.grants.models import Call
from services.grants.policy import city_date
from services.grants.returns import orders
from shared.database import Database
from tests.grants import meeting_room, review_room
from tests.grants.conftest import DONGJAK
from tests.grants.meeting_room import HELD
from tests.grants.spending import OVER, SPENDING, running

LONG = "길다" * 600


@dataclass(frozen=True)
class Scene:
    """What is sent to be refused: by whom, when and where, and the field beside which the refusal stands."""

    path: str
    form: dict[str, str]
    beside: str
    login: str = "dongjak"
    at: datetime = HELD


@dataclass(frozen=True)
class Stage:
    """What scenes are made of."""

    house: Any
    database: Database
    call: Call

    def reserves(self) -> list[int]:
        meeting_room.appoint(self.database)
        made = [meeting_room.waiting(self.database, self.call, who) for who in (1, 2)]
        meeting = meeting_room.opened(self.database, self.call)
        for each in made:
            meeting_room.decide(self.database, meeting, each, "reserve")
        return made

    def item(self, *, opened: bool = True) -> tuple[int, int]:
        """A meeting of which the demonstration's reviewer is a member, and its item."""
        meeting_room.appoint(self.database, (self.house.actor("reviewer").account_id, *meeting_room.MEMBERS[:4]))
        made = meeting_room.waiting(self.database, self.call)
        if not opened:
            return meeting_room.planned(self.database, self.call).id, 0
        meeting = meeting_room.opened(self.database, self.call, there=())
        return meeting.id, meeting_room.item_of(self.database, meeting, made).id


def promoted(stage: Stage) -> Scene:
    first, _second = stage.reserves()
    form = {"awarded_won": "9,999,999", "reason": "함께 정했습니다."}
    return Scene(f"/grants/applications/{first}/promote", form, "awarded_won")


def promoted_out_of_turn(stage: Stage) -> Scene:
    _first, second = stage.reserves()
    form = {"awarded_won": "1,000,000", "reason": "함께 정했습니다."}
    return Scene(f"/grants/applications/{second}/promote", form, "awarded_won")


def taken_off_the_reserve_list(stage: Stage) -> Scene:
    first, _second = stage.reserves()
    return Scene(f"/grants/applications/{first}/reserve/close", {"reason": LONG}, "reason")


def finalized(stage: Stage) -> Scene:
    project = running(stage.database, stage.call)
    project.record(proved=False)
    project.file()
    form = {"note": "통장 사본을 함께 보았습니다."}
    return Scene(f"/grants/applications/{project.id}/settlement/final", form, "note", at=OVER)


def report_sent_back(stage: Stage) -> Scene:
    project = running(stage.database, stage.call)
    project.file()
    return Scene(f"/grants/applications/{project.id}/settlement/back", {"reason": LONG * 2}, "reason", at=OVER)


def expense_reopened(stage: Stage) -> Scene:
    project = running(stage.database, stage.call)
    expense = project.accepted()
    project.file()
    project.finalize()
    form = {"reason": "영수증을 다시 봅니다."}
    return Scene(f"/grants/expenses/{expense.id}/reopen", form, "reason", at=OVER)


def clawback_cancelled(stage: Stage) -> Scene:
    project = running(stage.database, stage.call)
    claw: dict[str, Any] = {"amount_won": 500_000, "reason": "잘못 씀", "exclude": False, "key": "c"}
    order = orders.clawback(stage.database, DONGJAK, OVER, application_id=project.id, **claw)
    return Scene(f"/grants/returns/{order.id}/cancel", {"reason": LONG}, "reason", at=OVER)


def exclusion_lifted(stage: Stage) -> Scene:
    project = running(stage.database, stage.call)
    today = city_date(SPENDING)
    when: dict[str, Any] = {"starts_on": today, "ends_on": today + timedelta(days=300)}
    made = sanctions.impose(stage.database, DONGJAK, SPENDING, group_id=project.group_id, reason="잘못 씀", **when)
    return Scene(f"/grants/manage/sanctions/{made.id}/lift", {"reason": LONG}, "reason", at=SPENDING)


def meeting_cancelled(stage: Stage) -> Scene:
    meeting_id, _item = stage.item(opened=False)
    return Scene(f"/grants/meetings/{meeting_id}/cancel", {"reason": LONG}, "reason")


def meeting_cancelled_once_open(stage: Stage) -> Scene:
    meeting_id, _item = stage.item()
    return Scene(f"/grants/meetings/{meeting_id}/cancel", {"reason": "비가 많이 옵니다."}, "reason")


def item_deferred(stage: Stage) -> Scene:
    _meeting, item_id = stage.item()
    return Scene(f"/grants/meetings/items/{item_id}/defer", {"reason": LONG}, "reason")


def stepped_aside(stage: Stage) -> Scene:
    _meeting, item_id = stage.item()
    return Scene(f"/grants/meetings/items/{item_id}/recusal", {"reason": LONG}, "reason", login="reviewer")


def stepped_aside_for_a_member(stage: Stage) -> Scene:
    _meeting, item_id = stage.item()
    form = {"reason": LONG, "account_id": str(meeting_room.MEMBERS[1])}
    return Scene(f"/grants/meetings/items/{item_id}/recusal", form, "reason")


def visit_dated(stage: Stage) -> Scene:
    (it,) = review_room.in_review(stage.database, stage.call)
    form = {"held_at": "", "place": "마을센터 2층", "note": "앞문으로 오세요."}
    return Scene(f"/grants/applications/{it}/reviews/{review_room.STAGE}/date", form, "held_at")


def reviewed_again(stage: Stage) -> Scene:
    review_room.appoint(stage.database, review_room.POOL)
    (it,) = review_room.in_review(stage.database, stage.call)
    for each in review_room.assign(stage.database, stage.call):
        review_room.hand_in(stage.database, each)
    form = {"round": "1", "reason": LONG, "who": "same"}
    return Scene(f"/grants/applications/{it}/reviews/again", form, "reason", at=review_room.LATER)


SCENES = (
    promoted,
    promoted_out_of_turn,
    taken_off_the_reserve_list,
    finalized,
    report_sent_back,
    expense_reopened,
    clawback_cancelled,
    exclusion_lifted,
    meeting_cancelled,
    meeting_cancelled_once_open,
    item_deferred,
    stepped_aside,
    stepped_aside_for_a_member,
    visit_dated,
    reviewed_again,
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda each: each.__name__)
def test_a_refused_form_is_shown_again_as_it_was_typed(
    house: Any,
    database: Database,
    publish: Callable[..., Call],
    at: Callable[[datetime], None],
    scene: Callable[[Stage], Scene],
) -> None:
    told = scene(Stage(house, database, publish()))
    at(told.at)
    page = house.client(told.login).post_form(told.path, told.form)
    assert page.status_code in (409, 422), page.text
    (form,) = (
        each
        for each in re.findall(r"<form.*?</form>", page.text, re.S)
        if f'action="{told.path}"' in each and "aria-invalid" in each
    )
    assert f'id="field-{told.beside}-error"' in form
    assert f'href="#field-{told.beside}"' in page.text
    for typed in told.form.values():
        assert typed in unescape(form)
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
