"""What those who run a call do next with an application: one sentence, and where it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from services.grants import agreements, award, changes, interim, milestones, payments, process
from services.grants.funded import Funded
from services.grants.models import AgendaItem, Expense, Meeting, ReturnOrder, Settlement, Tranche
from services.grants.pages.look import Look
from services.grants.pages.next_for_group import Next, thing
from services.grants.pages.words import day, deadline, moment, won
from services.grants.policy import city_date
from services.grants.rules.tranches import MOVING, UNPAID
from services.grants.selection import objections


def next_thing(look: Look) -> Next | None:
    """The next step of the staff, or whom it waits for; None where nothing is left to do."""
    objection = objections.waiting_of(look.session, look.application.id)
    if objection is not None:
        page = url_for("objections.show", objection_id=objection.id)
        return thing(_("이의신청이 들어왔습니다. 읽고 답해 주세요."), page, _("이의신청에 답하기"), todo=True)
    by_phase: dict[str, Callable[[Look], Next | None]] = {
        "intake": _intake,
        "review": _review,
        "decision": _decision,
        "rejected": _announce,
        "selected": _selected,
        "running": _running,
        "settling": _settling,
        "closed": _closed,
    }
    found = by_phase.get(look.application.phase)
    return found(look) if found else None


def _intake(look: Look) -> Next:
    row = {each.transition.event: each for each in _steps(look)}
    if "accept" in row:
        return thing(_("자격을 확인해 주세요."), _at(look, "intake.show"), _("자격 확인하기"), todo=True)
    if "advance" in row:
        if row["advance"].red:
            closes = moment(look.call.closes_at)
            return thing(_("자격을 확인했습니다. %(when)s에 접수가 마감되면 심사를 시작할 수 있습니다.", when=closes))
        page = url_for("intake.index", call_id=look.call.id)
        return thing(_("자격을 확인했습니다. 심사를 시작해 주세요."), page, _("신청 목록에서 심사 시작하기"), todo=True)
    until = look.application.correct_by
    if until is None:
        return thing(_("모임이 고쳐서 다시 내기를 기다립니다."))
    if until <= look.now:
        text = _("보완 기한이 지났습니다. 자격을 결정해 주세요.")
        return thing(text, _at(look, "intake.show"), _("자격 확인하기"), todo=True)
    return thing(_("모임이 %(when)s까지 고쳐서 다시 내기를 기다립니다.", when=deadline(until)))


def _review(look: Look) -> Next:
    stage = look.rules.state(look.application.state).stage or look.application.state
    row = next((each for each in _steps(look) if each.transition.event == "advance"), None)
    page = url_for("stages.index", call_id=look.call.id, stage=stage)
    if row is None or row.red:
        return thing(_("심사위원의 점수를 기다립니다."), page, _("심사 현황 보기"))
    return thing(_("점수가 모두 들어왔습니다. 다음 단계로 보내 주세요."), page, _("심사 현황 보기"), todo=True)


def _decision(look: Look) -> Next:
    if look.application.decided_at is not None:
        return _announce(look) or thing(_("예비로 선정했습니다. 자리가 나면 순서대로 올립니다."), *_ranking(look))
    meeting = look.session.scalar(
        select(Meeting)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(AgendaItem.application_id == look.application.id, Meeting.state.in_(("planned", "open")))
        .order_by(Meeting.held_at)
        .limit(1)
    )
    if meeting is not None:
        page = url_for("meetings.show", meeting_id=meeting.id)
        text = _("%(title)s(%(when)s)의 안건입니다.", title=meeting.title, when=moment(meeting.held_at))
        return thing(text, page, _("회의 열기"), todo=True)
    page = url_for("meetings.of_call", call_id=look.call.id)
    return thing(_("위원회 안건에 올려 의결해 주세요."), page, _("위원회 회의 보기"), todo=True)


def _announce(look: Look) -> Next | None:
    """What is decided and not yet told to anybody."""
    if look.application.announced_at is not None:
        return None
    page = url_for("announcing.form", call_id=look.call.id)
    if look.call.announce_at is not None and look.call.announce_at > look.now:
        text = _("의결했습니다. %(when)s에 모두에게 알립니다.", when=moment(look.call.announce_at))
        return thing(text, page, _("결과 발표 보기"))
    return thing(_("의결했습니다. 결과를 발표할 시각을 정해 주세요."), page, _("결과 발표하기"), todo=True)


def _ranking(look: Look) -> tuple[str, str]:
    return url_for("choosing.show", call_id=look.call.id), _("순위와 예산 보기")


def _selected(look: Look) -> Next:
    hidden = _announce(look)
    if hidden is not None:
        return hidden
    newest = agreements.newest(look.session, look.application.id)
    if newest is None:
        return thing(_("협약서를 써 주세요."), _at(look, "agreements.edit"), _("협약서 쓰기"), todo=True)
    page = _at(look, "agreements.show")
    if "group" not in {each.party for each in agreements.signatures(look.session, newest)}:
        return thing(_("모임의 서명을 기다립니다."), page, _("협약 보기"))
    return thing(_("모임이 서명했습니다. 담당자도 서명해 주세요."), page, _("협약서에 서명하기"), todo=True)


def _running(look: Look) -> Next | None:
    here = look.application.id
    if changes.open_one(look.session, here) is not None:
        return thing(_("변경 신청에 답해 주세요."), _at(look, "changes.show"), _("변경 신청 보기"), todo=True)
    if any(each.waiting for each in milestones.of_application(look.session, here).values()):
        text = _("모임이 올린 증빙을 확인해 주세요.")
        return thing(text, _at(look, "milestones.show"), _("교육·자부담·보고서"), todo=True)
    following = next((each for each in award.tranches_of(look.session, here) if each.state in UNPAID), None)
    if following is not None and following.state in MOVING:
        return _payment(look, following)
    undecided = _undecided(look)
    if undecided is not None:
        return undecided
    if following is not None:
        return _gates(look, following)
    return thing(_("모임이 사업을 하고 있습니다. 지출이 올라오면 확인해 주세요."))


def _payment(look: Look, tranche: Tranche) -> Next:
    page = url_for("payment.show", application_id=look.application.id, _anchor=f"tranche-{tranche.number}")
    which = {"number": tranche.number, "won": won(tranche.amount_won)}
    if tranche.state == "requested":
        text = _("모임이 %(number)s차 교부 %(won)s을 신청했습니다. 지급을 준비해 주세요.", **which)
        return thing(text, page, _("지급 준비하기"), todo=True)
    if tranche.state == "approved":
        text = _("%(number)s차 교부 %(won)s이 승인되었습니다. 이체한 뒤 지급을 기록해 주세요.", **which)
        return thing(text, page, _("지급 기록하기"), todo=True)
    if tranche.prepared_by == look.actor.account_id:
        return thing(_("%(number)s차 교부 %(won)s은 다른 담당자의 승인을 기다립니다.", **which), page, _("교부 보기"))
    text = _("%(number)s차 교부 %(won)s을 살펴보고 승인해 주세요.", **which)
    return thing(text, page, _("교부 승인하기"), todo=True)


def _gates(look: Look, tranche: Tranche) -> Next:
    """Whom the next payment waits for."""
    page = url_for("payment.show", application_id=look.application.id, _anchor=f"tranche-{tranche.number}")
    it = Funded(look.application, look.call, look.rules, own=False)
    red = {gate.guard.key: gate for gate in payments.gates(look.session, it, tranche, look.now) if not gate.green}
    waits = {key for key, gate in red.items() if gate.owner == "group"}
    if "interim_passed" in red and "report_filed" not in red and not waits:
        newest = next(iter(interim.of_application(look.session, look.application.id)), None)
        if newest is None or newest.result != "passed":
            text = _("모임이 중간보고서를 냈습니다. 중간평가를 해 주세요.")
            return thing(text, _at(look, "interim.show"), _("중간평가 하기"), todo=True)
    if not red:
        text = _("%(number)s차 교부의 조건을 모두 갖추었습니다. 모임의 신청을 기다립니다.", number=tranche.number)
        return thing(text, page, _("교부 보기"))
    text = _("%(number)s차 교부의 조건을 모임이 갖추고 있습니다.", number=tranche.number)
    return thing(text, page, _("교부 조건 보기"))


def _undecided(look: Look) -> Next | None:
    filed = look.session.scalar(
        select(func.count())
        .select_from(Expense)
        .where(Expense.application_id == look.application.id, Expense.state == "filed")
    )
    if not filed:
        return None
    text = _("확인을 기다리는 지출이 %(number)s건 있습니다.", number=filed)
    return thing(text, _at(look, "expenses.index"), _("지출 확인하기"), todo=True)


def _settling(look: Look) -> Next | None:
    undecided = _undecided(look)
    if undecided is not None:
        return undecided
    page = _at(look, "settlements.show")
    report = look.session.scalar(select(Settlement).where(Settlement.application_id == look.application.id))
    if report is not None and report.state == "filed":
        return thing(_("정산 보고서를 보고 금액을 확정해 주세요."), page, _("정산 검토하기"), todo=True)
    return _owed(look) or _end(look, page)


def _owed(look: Look) -> Next | None:
    order = look.session.scalar(
        select(ReturnOrder)
        .where(ReturnOrder.application_id == look.application.id, ReturnOrder.state == "due")
        .order_by(ReturnOrder.due_on, ReturnOrder.id)
        .limit(1)
    )
    if order is None:
        return None
    params = {"won": won(order.amount_won), "when": day(order.due_on)}
    if order.due_on < city_date(look.now):
        text = _("%(won)s의 반납 기한이 %(when)s에 지났습니다.", **params)
        return thing(text, _at(look, "returns.show"), _("반납·환수 보기"), todo=True)
    text = _("모임이 %(when)s까지 %(won)s을 반납합니다. 들어오면 기록해 주세요.", **params)
    return thing(text, _at(look, "returns.show"), _("반납·환수 보기"))


def _end(look: Look, page: str) -> Next | None:
    """Closing, or what is still in its way."""
    row = next((each for each in _steps(look) if each.transition.event == "close"), None)
    if row is None:
        return None
    if row.red:
        return thing(
            _("돌려받을 돈이 남아 있는지 정해 주세요."), _at(look, "returns.show"), _("반납·환수 보기"), todo=True
        )
    return thing(_("정산이 모두 끝났습니다. 사업을 종료해 주세요."), page, _("사업 종료하기"), todo=True)


def _closed(look: Look) -> Next | None:
    if any(each.transition.event == "archive" for each in _steps(look)):
        text = _("종료한 사업입니다. 기록을 보관해 주세요.")
        return _owed(look) or thing(text, _at(look, "settlements.show"), _("보관하기"), todo=True)
    return _owed(look)


def _steps(look: Look) -> list[process.Step]:
    return process.steps(look.session, look.application, look.call, look.actor, look.now)


def _at(look: Look, endpoint: str, **more: Any) -> str:
    return url_for(endpoint, application_id=look.application.id, **more)
