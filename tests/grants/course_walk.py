"""A walk through the whole course by the use cases themselves, in any order and by anybody; and what must be true after
each step, looked up without asking a guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import (
    agreements,
    applications,
    award,
    balance,
    changes,
    closing,
    expenses,
    interim,
    ledger,
    milestones,
    payments,
    programmes,
    settlement,
    termination,
)
from services.grants.changes import Wanted
from services.grants.committee import agenda, attendance, deciding, meetings, minutes, voting
from services.grants.committee.agenda import Proposal
from services.grants.committee.meetings import Plan
from services.grants.intake import checking
from services.grants.milestones import Said
from services.grants.models import (
    AUDIT,
    AgendaItem,
    Agreement,
    ApplicantGroup,
    Application,
    Call,
    ChangeRequest,
    Expense,
    InterimCheck,
    Meeting,
    Milestone,
    Objection,
    Posting,
    Project,
    ReturnOrder,
    ReturnPayment,
    Review,
    Settlement,
    Signature,
    Tranche,
)
from services.grants.policy import city_date
from services.grants.returns import orders
from services.grants.returns import payments as returned
from services.grants.reviewing import assigning, recusal, scoring, stages
from services.grants.rules import agreed_budget
from services.grants.rules.expenses import Spent
from services.grants.selection import announcement, embargo, objections, reserve
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal
from tests.grants.conftest import CITY, CLOSES, DONGJAK, DURING, SEONGBUK, answers, make_group, moved, resident
from tests.grants.meeting_room import MEMBERS, member
from tests.grants.paying import SECOND
from tests.grants.paying import Project as Paying
from tests.grants.review_room import reviewer, written
from tests.grants.spending import receipt

REVIEWERS = (801, 802, 803, 804, 805)
ANYBODY = (DONGJAK, SECOND, SEONGBUK, CITY, resident(4_444), reviewer(801), member(701))
_numbers = count(6_000)
NEXT: dict[str, tuple[str, ...]] = {
    "draft": ("submit",),
    "submitted": ("accept", "accept", "accept", "request_correction", "refuse"),
    "correcting": ("correct",),
    "eligible": ("advance", "later"),
    "document_review": ("review", "advance", "advance"),
    "interview_review": ("review", "advance", "advance"),
    "deliberation": ("meet", "select", "select", "select", "put_in_reserve", "reject"),
    "reserve": ("announce", "promote", "close_reserve", "object", "uphold"),
    "rejected": ("announce", "object", "uphold", "later"),
    "ineligible": ("object", "uphold"),
    "selected": ("announce", "announce", "agree", "object", "uphold"),
    "running": (
        "ready",
        "through",
        "through",
        "interim",
        "change",
        "spend",
        "spend",
        "decide_expense",
        "decide_expense",
        "later",
        "report",
        "file",
    ),
    "settling": ("finalize", "decide_expense", "finalize", "send_back"),
    "settled": ("give_back", "close", "close"),
    "terminated": ("claw", "give_back", "close"),
    "closed": ("archive",),
    "archived": ("claw",),
    "withdrawn": ("later",),
}
"""What leads on from a state, so that a walk at random gets far."""


class Walk:
    """One application of a call of its own. Each step is a method; `by` is who tries it (None: who may)."""

    def __init__(self, database: Database, publish: Callable[..., Call]) -> None:
        number = next(_numbers)
        self.database, self.now = database, DURING
        self.leader = resident(number)
        self.call = publish(title=f"공고 {number}")
        self.group = make_group(database, number, bank="은행", bank_account=f"1-{number}", bank_holder="모임")
        self.id = applications.begin(database, self.leader, DURING, call_id=self.call.id, group_id=self.group).id
        self.paying = Paying(database, self.id, self.leader)
        self.keys = count(1)
        self.done: Counter[str] = Counter()
        self.refused: tuple[Any, ...] = ()
        self.facts = self._facts()

    # the draft, and intake

    def save(self, by: Actor | None) -> None:
        values = answers(requested_won=2_000_000)
        revision = self.application().revision
        applications.save(
            self.database,
            by or self.leader,
            self.now,
            application_id=self.id,
            revision=revision,
            values=values,
        )

    def submit(self, by: Actor | None) -> None:
        if by is None:
            self.save(by)
        applications.submit(self.database, by or self.leader, self.now, application_id=self.id, key=self.key())

    def correct(self, by: Actor | None) -> None:
        applications.correct(self.database, by or self.leader, self.now, application_id=self.id, key=self.key())

    def withdraw(self, by: Actor | None) -> None:
        applications.withdraw(self.database, by or self.leader, self.now, application_id=self.id)

    def accept(self, by: Actor | None) -> None:
        checking.accept(self.database, by or DONGJAK, self.now, application_id=self.id)

    def refuse(self, by: Actor | None) -> None:
        checking.refuse(self.database, by or DONGJAK, self.now, application_id=self.id, reason="자격이 없습니다.")

    def request_correction(self, by: Actor | None) -> None:
        checking.request_correction(
            self.database, by or DONGJAK, self.now, application_id=self.id, reason="고쳐 주세요."
        )

    # review and committee

    def advance(self, by: Actor | None) -> None:
        self.now = max(self.now, CLOSES + timedelta(hours=1))
        stages.advance(self.database, by or DONGJAK, self.now, application_id=self.id)

    def review(self, by: Actor | None) -> None:
        stage_key = self.application().state
        assigning.assign_stage(self.database, by or DONGJAK, self.now, call_id=self.call.id, stage_key=stage_key)
        for each in self.rows(Review, state="assigned"):
            who = by or reviewer(each.account_id)
            scoring.submit(self.database, who, self.now, review_id=each.id, written=written())

    def recuse(self, by: Actor | None) -> None:
        for each in self.rows(Review, state="assigned")[:1]:
            who = by or reviewer(each.account_id)
            recusal.declare(self.database, who, self.now, review_id=each.id, reason="이웃입니다.")

    def turn_down(self, by: Actor | None) -> None:
        stages.lead(
            self.database,
            by or DONGJAK,
            self.now,
            call_id=self.call.id,
            application_ids=[self.id],
            event="reject",
            reason="점수가 모자랍니다.",
        )

    def meet(self, by: Actor | None) -> Meeting:
        who = by or DONGJAK
        terms = Plan("심의위원회", self.now + timedelta(hours=1), "회의실")
        meeting = meetings.plan(self.database, who, self.now, call_id=self.call.id, terms=terms, key=self.key())
        self.now += timedelta(hours=1)
        meetings.open_meeting(self.database, who, self.now, meeting_id=meeting.id)
        for each in MEMBERS:
            attendance.arrive(self.database, member(each), self.now, meeting_id=meeting.id)
        return meeting

    def decide(self, by: Actor | None, proposal: Proposal, votes: int = 5) -> None:
        """On the agenda of the newest meeting, or of one more: proposed, voted on, decided."""
        items = [each for each in self.rows(AgendaItem) if each.state in ("pending", "voting")]
        if not items:
            self.meet(by)
            items = [each for each in self.rows(AgendaItem) if each.state in ("pending", "voting")]
        for item in items[-1:]:
            agenda.propose(self.database, by or DONGJAK, self.now, item_id=item.id, proposal=proposal)
            voting.start(self.database, by or DONGJAK, self.now, item_id=item.id)
            for each in MEMBERS[:votes]:
                voting.cast(self.database, member(each), self.now, item_id=item.id, choice="for")
            deciding.decide(self.database, by or DONGJAK, self.now, item_id=item.id)

    def select(self, by: Actor | None) -> None:
        self.decide(by, Proposal("select", 2_000_000 if self.id % 2 else 1_500_001, reason="예산에 맞춥니다."))

    def select_too_much(self, by: Actor | None) -> None:
        self.decide(by, Proposal("select", 2_000_001))

    def select_alone(self, by: Actor | None) -> None:
        self.decide(by, Proposal("select", 1_000_000, reason="예산에 맞춥니다."), votes=2)

    def put_in_reserve(self, by: Actor | None) -> None:
        self.decide(by, Proposal("reserve", 1_500_000, reason="다음입니다."))

    def reject(self, by: Actor | None) -> None:
        self.decide(by, Proposal("reject", reason="예산이 모자랍니다."))

    def end_meeting(self, by: Actor | None) -> None:
        with self.database.read() as session:
            found = session.scalars(select(Meeting.id).where(Meeting.call_id == self.call.id)).all()
        for each in found:
            minutes.close(self.database, by or DONGJAK, self.now, meeting_id=each)

    def announce(self, by: Actor | None) -> None:
        hour = self.now + timedelta(minutes=5)
        with self.database.read() as session:
            due = session.get_one(Call, self.call.id).announce_at
        if due is None:
            announcement.set_hour(
                self.database, by or DONGJAK, self.now, call_id=self.call.id, announce_at=hour, leave=True
            )
        elif due > self.now:
            self.now = due
        announcement.announce(self.database, self.now, self.call.id)

    def promote(self, by: Actor | None) -> None:
        terms = {"awarded_won": 1_000_000, "reason": "남은 예산만큼입니다."}
        reserve.promote(self.database, by or DONGJAK, self.now, application_id=self.id, **terms)

    def close_reserve(self, by: Actor | None) -> None:
        reserve.close(self.database, by or DONGJAK, self.now, application_id=self.id, reason="예산을 다 썼습니다.")

    def object(self, by: Actor | None) -> None:
        objections.file(self.database, by or self.leader, self.now, application_id=self.id, words="다시 봐 주세요.")

    def uphold(self, by: Actor | None) -> None:
        for each in self.rows(Objection):
            objections.answer(
                self.database, by or DONGJAK, self.now, objection_id=each.id, upheld=True, answer="맞습니다."
            )

    # agreement and payments

    def agree(self, by: Actor | None) -> None:
        agreement = self.paying.prepare(by or DONGJAK, self.now, starts_on=city_date(self.now))
        self.paying.sign(by or self.leader, "group", agreement, self.now)
        self.paying.sign(by or DONGJAK, "district", agreement, self.now)

    def ready(self, by: Actor | None) -> None:
        for key in ("training_done", "self_contribution_deposited"):
            self.say(by, key)

    def report(self, by: Actor | None) -> None:
        self.say(by, "report_filed")

    def say(self, by: Actor | None, key: str) -> None:
        said = Said(city_date(self.now), 10**6, "적습니다.")
        milestones.say(
            self.database, by or DONGJAK, self.now, application_id=self.id, key=key, said=said, upload_key=self.key()
        )

    def unsay(self, by: Actor | None) -> None:
        milestones.send_back(
            self.database, by or DONGJAK, self.now, application_id=self.id, key="report_filed", reason="더 적어 주세요."
        )

    def interim(self, by: Actor | None, result: str = "passed") -> None:
        interim.check(
            self.database,
            by or DONGJAK,
            self.now,
            application_id=self.id,
            checked_on=city_date(self.now),
            result=result,
            findings="보았습니다.",
            key=self.key(),
        )

    def interim_fails(self, by: Actor | None) -> None:
        self.interim(by, "failed")

    def request(self, by: Actor | None) -> None:
        for each in self.rows(Tranche, state="planned")[:1]:
            payments.request(self.database, by or self.leader, self.now, tranche_id=each.id)

    def take_back(self, by: Actor | None) -> None:
        for each in self.rows(Tranche, state="requested"):
            payments.take_back(self.database, by or self.leader, self.now, tranche_id=each.id)

    def prepare(self, by: Actor | None) -> None:
        for each in self.rows(Tranche, state="requested"):
            payments.prepare(self.database, by or DONGJAK, self.now, tranche_id=each.id)

    def approve(self, by: Actor | None) -> None:
        for each in self.rows(Tranche, state="prepared"):
            payments.approve(self.database, by or SECOND, self.now, tranche_id=each.id)

    def pay(self, by: Actor | None) -> None:
        for each in self.rows(Tranche, state="approved"):
            green = self.green(each.number)
            payments.pay(
                self.database,
                by or DONGJAK,
                self.now,
                tranche_id=each.id,
                reference=self.key(),
                paid_on=city_date(self.now),
            )
            assert green, "paid against a red gate"

    def through(self, by: Actor | None) -> None:
        self.request(by)
        self.prepare(by)
        self.approve(by)
        self.pay(by)

    def change(self, by: Actor | None) -> None:
        with self.database.read() as session:
            agreed = agreements.in_force(session, self.id)
        amount = (agreed.amount_won if agreed else 100) * (100 if next(self.keys) % 2 else 80) // 100
        lines = tuple(agreed_budget.scaled(self.paying.terms().lines, amount, 0))
        wanted = Wanted("budget", "바꿉니다.", lines=lines)
        changes.ask(self.database, by or self.leader, self.now, application_id=self.id, wanted=wanted, key=self.key())

    def answer_change(self, by: Actor | None) -> None:
        for each in self.rows(ChangeRequest, state="open"):
            yes = bool(next(self.keys) % 3)
            changes.decide(self.database, by or DONGJAK, self.now, change_id=each.id, approve=yes, answer="네")

    # spending, settlement, return

    def spend(self, by: Actor | None) -> None:
        number = next(self.keys)
        expenses.record(
            self.database,
            by or self.leader,
            self.now,
            application_id=self.id,
            spent=Spent(
                category="activity",
                item="materials",
                spent_on=city_date(self.now),
                payee=f"가게 {number}",
                amount_won=10_000 * number + number,
                purpose="모종",
            ),
            key=self.key(),
            evidence=[receipt()],
        )

    def decide_expense(self, by: Actor | None) -> None:
        for each in self.rows(Expense, state="filed"):
            part = each.amount_won if next(self.keys) % 3 else each.amount_won // 2
            expenses.decide(
                self.database, by or DONGJAK, self.now, expense_id=each.id, accepted_won=part, reason="나누어 봅니다."
            )

    def reopen(self, by: Actor | None) -> None:
        for each in self.rows(Expense)[-1:]:
            expenses.reopen(self.database, by or DONGJAK, self.now, expense_id=each.id, reason="다시 봅니다.")

    def take_expense_back(self, by: Actor | None) -> None:
        for each in self.rows(Expense, state="filed")[-1:]:
            expenses.withdraw(self.database, by or self.leader, self.now, expense_id=each.id)

    def file(self, by: Actor | None) -> None:
        settlement.file_report(
            self.database,
            by or self.leader,
            self.now,
            application_id=self.id,
            outcome="잘했습니다.",
            interest_won=7,
            statement=[receipt()],
            key=self.key(),
        )

    def send_back(self, by: Actor | None) -> None:
        settlement.send_back(self.database, by or DONGJAK, self.now, application_id=self.id, reason="더 적어 주세요.")

    def finalize(self, by: Actor | None) -> None:
        settlement.finalize(self.database, by or DONGJAK, self.now, application_id=self.id)

    def claw(self, by: Actor | None) -> None:
        orders.clawback(
            self.database,
            by or DONGJAK,
            self.now,
            application_id=self.id,
            amount_won=300_000,
            reason="잘못 썼습니다.",
            exclude=False,
            key=self.key(),
        )

    def cancel(self, by: Actor | None) -> None:
        for each in self.rows(ReturnOrder, state="due"):
            orders.cancel(self.database, by or DONGJAK, self.now, order_id=each.id, reason="잘못 보았습니다.")

    def give_back(self, by: Actor | None) -> None:
        """All that is open, in two parts."""
        for each in self.rows(ReturnOrder, state="due"):
            for half in (2, 1):
                with self.database.read() as session:
                    there = returned.payments(session, each.id)
                    tenths = programmes.rules_of_application(session, self.application()).settlement.late_tenths
                    left = returned.standing_of(each, there, tenths, city_date(self.now)).total_won
                returned.pay(
                    self.database,
                    by or DONGJAK,
                    self.now,
                    order_id=each.id,
                    came_won=-(-left // half),
                    paid_on=city_date(self.now),
                    key=self.key(),
                )

    def terminate(self, by: Actor | None) -> None:
        termination.terminate(self.database, by or DONGJAK, self.now, application_id=self.id, reason="그만둡니다.")

    def close(self, by: Actor | None) -> None:
        closing.close(self.database, by or DONGJAK, self.now, application_id=self.id)

    def archive(self, by: Actor | None) -> None:
        closing.archive(self.database, by or DONGJAK, self.now, application_id=self.id)

    def later(self, by: Actor | None) -> None:
        self.now += timedelta(days=(1, 5, 20)[next(self.keys) % 3])

    # what is true after each

    def take(self, name: str, by: Actor | None = None) -> None:
        """Try a step, and look at everything."""
        self.now += timedelta(minutes=1)
        try:
            getattr(self, name)(by)
            self.done[name] += 1
        except Refusal as refusal:
            self.refused = (name, refusal.code, refusal.fields)
        self.check()

    def check(self) -> None:
        with self.database.read() as session:
            application = session.get_one(Application, self.id)
            rules = programmes.rules_of_application(session, application)
            steps = applications.steps_of(session, self.id)
            audited = Counter(
                session.scalars(select(AUDIT.c.action).where(AUDIT.c.subject == f"application:{self.id}"))
            )
            self._check_process(rules, application, steps, audited)
            published = [each[1:] for each in moved(self.database) if each[0] == self.id]
            assert published == [(at, each.from_state, each.to_state) for at, each in enumerate(steps, 1)]
            self._check_money(session, application)
            self._check_embargo(session, rules, application)
        before, self.facts = self.facts, self._facts()
        changed = {name for name, held in self.facts[1].items() if held != before[1][name]}
        if changed:
            assert self.facts[0] > before[0], "something changed and no audit row says so"
        if before[1]["application"][0] == "archived":
            assert changed <= {"return_order", "posting"}, "the archive changed"

    def _check_process(self, rules: Any, application: Application, steps: Any, audited: Counter[str]) -> None:
        state = "draft"
        for step in steps:
            assert step.from_state == state
            row = rules.transition(step.event, step.from_state)
            assert row is not None, step.event
            assert row.end == step.to_state
            state = step.to_state
        assert application.state == state
        assert application.phase == rules.state(state).phase
        for event, times in Counter(step.event for step in steps).items():
            assert audited[f"application.{event}"] == times

    def _check_money(self, session: Session, application: Application) -> None:
        awarded = application.awarded_won or 0
        assert awarded <= application.requested_won
        postings = ledger.postings_of(session, self.id)
        sums = Counter[str]()
        for each in postings:
            sums[each.kind] += each.amount_won
        summed = ledger.of_application(session, self.id)
        assert summed == balance.Balance.of(dict(sums))
        tranches = award.tranches_of(session, self.id)
        paid = sum(each.amount_won for each in tranches if each.state == "paid")
        agreed = agreements.in_force(session, self.id)
        assert paid == sums["expenditure"]
        assert paid <= (agreed.amount_won if agreed else 0) <= awarded or not (paid or agreed)
        assert 0 <= summed.expenditure_won <= summed.commitment_won <= awarded or not postings
        assert all(each.prepared_by != each.approved_by for each in tranches if each.state in ("approved", "paid"))
        line_id = session.get_one(Call, application.call_id).line_id
        line = session.scalars(select(Posting).where(Posting.line_id == line_id)).all()
        assert balance.check(line).commitment_won <= self.call.budget_won
        came = session.scalar(
            select(func.coalesce(func.sum(ReturnPayment.amount_won), 0))
            .join(ReturnOrder, ReturnOrder.id == ReturnPayment.order_id)
            .where(ReturnOrder.application_id == self.id)
        )
        assert sums["return"] <= int(came or 0)
        if application.state == "withdrawn":
            assert summed.commitment_won == summed.expenditure_won == 0
        if application.phase in ("settling", "closed") and application.state != "settling":
            assert summed.commitment_won == summed.expenditure_won
        self._check_end(session, application, summed, paid)

    def _check_end(self, session: Session, application: Application, summed: Any, paid: int) -> None:
        kept = session.scalar(select(Settlement).where(Settlement.application_id == self.id))
        ordered = session.scalars(select(ReturnOrder).where(ReturnOrder.application_id == self.id)).all()
        if kept is None or kept.state != "finalized" or any(each.state == "due" for each in ordered):
            return
        back = sum(each.amount_won - each.interest_won for each in ordered if each.state == "paid")
        assert summed.expenditure_won == summed.commitment_won == paid - back
        assert summed.expenditure_won <= (kept.final_won or 0)
        if not any(each.kind == "clawback" for each in ordered):
            assert summed.expenditure_won == kept.final_won

    def _check_embargo(self, session: Session, rules: Any, application: Application) -> None:
        known = embargo.known(rules, application, self.call, self.now)
        if application.announced_at is not None and application.announced_at <= self.now:
            return
        assert known.awarded_won is None
        assert known.reserve_rank is None
        assert not known.reason
        assert known.state.key not in ("selected", "reserve", "rejected", "terminated", "running")
        for model in (Agreement, Tranche, Project, Posting):
            assert session.scalar(select(model.id).where(model.application_id == self.id).limit(1)) is None

    def green(self, number: int) -> bool:
        """Whether the gates of a tranche are open, by looking oneself."""
        today = city_date(self.now)
        with self.database.read() as session:
            application = session.get_one(Application, self.id)
            versions = self.rows(Agreement)
            newest = max(versions, key=lambda each: each.version, default=None)
            signers = set(
                session.scalars(select(Signature.account_id).join(Agreement).where(Agreement.application_id == self.id))
            )
            group = session.get_one(ApplicantGroup, application.group_id)
            there = {each.key for each in self.rows(Milestone) if not each.waiting}
            overdue = [each for each in self.rows(ReturnOrder, state="due") if each.due_on < today]
            if newest is None or newest.signed_at is None or len(signers) < 2 or overdue:
                return False
            if number == 1:
                return bool(group.bank_account) and "training_done" in there
            checks = sorted(self.rows(InterimCheck), key=lambda each: (each.checked_at, each.id))
            waiting = self.rows(Expense, state="filed")
            first = [each for each in self.rows(Tranche) if each.number < number and each.state != "cancelled"]
            return (
                "report_filed" in there
                and bool(checks)
                and checks[-1].result == "passed"
                and not waiting
                and all(each.state == "paid" for each in first)
            )

    def rows(self, model: Any, **wanted: Any) -> list[Any]:
        with self.database.read() as session:
            order = model.key if model is Milestone else model.id
            return list(session.scalars(select(model).filter_by(application_id=self.id, **wanted).order_by(order)))

    def application(self) -> Application:
        with self.database.read() as session:
            return session.get_one(Application, self.id)

    def key(self) -> str:
        return f"k{next(self.keys)}"

    def _facts(self) -> tuple[int, dict[str, list[Any]]]:
        """How many audit rows there are, and everything that a step may change."""
        with self.database.read() as session:
            audited = session.scalar(select(func.count()).select_from(AUDIT)) or 0
            application = session.get_one(Application, self.id)
            found: dict[str, list[Any]] = {
                "application": [application.state, application.awarded_won, application.announced_at]
            }
            for model, columns in CHANGING.items():
                wanted = [getattr(model, name) for name in columns]
                rows = session.execute(select(*wanted).where(model.application_id == self.id)).all()
                found[model.__tablename__] = sorted(map(repr, rows))
        return audited, found


CHANGING: dict[Any, tuple[str, ...]] = {
    Tranche: ("id", "state", "amount_won"),
    Agreement: ("id", "version", "signed_at", "replaced_at"),
    ChangeRequest: ("id", "state"),
    ReturnOrder: ("id", "state"),
    Expense: ("id", "state", "accepted_won"),
    Settlement: ("id", "state", "final_won"),
    AgendaItem: ("id", "state", "proposal", "proposed_won"),
    Review: ("id", "state"),
    Objection: ("id", "state"),
    Milestone: ("key", "waiting", "recorded_at"),
    InterimCheck: ("id", "result"),
    Posting: ("id", "amount_won"),
}
STEPS = sorted(
    {each for found in NEXT.values() for each in found}
    | {
        "save",
        "withdraw",
        "recuse",
        "turn_down",
        "select_too_much",
        "select_alone",
        "end_meeting",
        "interim_fails",
        "unsay",
        "request",
        "take_back",
        "prepare",
        "approve",
        "pay",
        "answer_change",
        "reopen",
        "take_expense_back",
        "cancel",
        "terminate",
        "archive",
        "claw",
        "give_back",
    }
)
