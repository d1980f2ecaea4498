"""The demonstration's calls, and what groups file for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from services.grants import applications, group_members, groups, policy, programmes
from services.grants import calls as use_cases
from services.grants.applying import attaching, drafts, filing
from services.grants.demo import cast, papers
from services.grants.demo.cast import Stage
from services.grants.demo.words import BODY, GROUPS, IDEAS
from services.grants.models import Application, Call
from services.grants.policy import SEOUL, CallTerms
from services.grants.ready.public_benefit import FIELDS
from services.grants.rules import forms
from services.grants.rules.definition import Definition
from shared.districts import BY_CODE, BY_NAME, DISTRICTS
from shared.identity.actor import Actor, Role

CEILING_WON = {"integrated_call": 4_000_000, "dong_plan": 9_000_000, "public_benefit": 20_000_000}
TITLES = {
    "integrated_call": "마을공동체 통합공모",
    "dong_plan": "동단위 계획형 시민참여예산",
    "public_benefit": "비영리민간단체 공익활동 지원사업",
    "space_funding": "마을활력소 사업비 지원",
}


@dataclass(frozen=True)
class Plan:
    """A call to make: days from today of its opening and closing; `goals` say how far each application gets (see
    `course.GOALS`), in the order of their numbers. `who` are accounts' logins that lead the first groups."""

    district: str | None
    opens: int
    closes: int
    goals: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    programme: str = "integrated_call"
    rolling: bool = False
    draft: bool = False
    strands: tuple[str, ...] = field(default=("neighbourhood_alley", "group_space"))


PLANS = (
    Plan("성북구", -330, -300, ("archived", "closed", "closed", "rejected")),
    Plan("동작구", -262, -238, ("archived", "returning", "settling", "overdue", "rejected"), ("neighbor",)),
    Plan("금천구", -205, -180, ("closed", "second", "terminated", "rejected")),
    Plan("은평구", -165, -140, ("second", "interim", "reserve")),
    Plan("마포구", -120, -98, ("spending", "agreed", "rejected"), strands=("neighbourhood_alley",)),
    Plan(None, -130, -100, ("spending", "spending", "spending", "paid", "reserve", "rejected"), (), "dong_plan"),
    Plan("동작구", -95, -70, ("spending", "paid", "rejected"), ("resident",)),
    Plan(None, -80, -58, ("paid", "agreed", "rejected"), (), "public_benefit"),
    Plan("동작구", -50, -22, ("offered", "announced", "withdrawn", "rejected"), ("neighbor",)),
    Plan("동작구", -34, -14, ("deliberation",) * 3),
    Plan("서대문구", -28, -5, ("document_review",) * 2),
    Plan("동작구", -24, -3, ("document_review",) * 3),
    Plan("금천구", -20, 25, ("submitted", "correcting", "eligible"), rolling=True),
    Plan("성북구", -10, 11, ("submitted", "submitted")),
    Plan("강동구", -6, 15, ("submitted",)),
    Plan("동작구", -5, 18, ("submitted",), (), "space_funding"),
    Plan("중구", -3, 20),
    Plan(None, -2, 30, (), (), "dong_plan"),
    Plan("관악구", 9, 30),
    Plan("동작구", 14, 40, draft=True),
)
ONLY = {
    "dong_plan": ("dong_plan",),
    "public_benefit": tuple(key for key, _ko, _en in FIELDS),
    "space_funding": ("space_making",),
}


def publish(stage: Stage, number: int, plan: Plan) -> Call:
    """The call, published unless it stays a draft."""
    opens_at, closes_at = stage.at(plan.opens, 9), stage.at(plan.closes, 18)
    written_at = stage.past(opens_at - timedelta(days=7))
    ceiling_won = CEILING_WON.get(plan.programme, 30_000_000)
    where = plan.district or "서울시"
    alike = [each for each in PLANS if (each.district, each.programme) == (plan.district, plan.programme)]
    how = " (수시)" if plan.rolling else f" {alike.index(plan) + 1}차" if len(alike) > 1 else ""
    terms = CallTerms(
        district=BY_NAME[plan.district].code if plan.district else None,
        programme=plan.programme,
        title=f"{opens_at.year}년 {where} {TITLES[plan.programme]}{how}",
        body=BODY,
        strands=ONLY.get(plan.programme, plan.strands),
        opens_at=opens_at,
        closes_at=closes_at,
        results_on=closes_at.date() + timedelta(days=14),
        budget_won=max(len(plan.goals), 8) * ceiling_won,
        ceiling_won=ceiling_won,
        rolling=plan.rolling,
    )
    boss = cast.staff(stage, terms.district)
    call = use_cases.create(stage.database, boss, written_at, terms=terms, key=f"demo-call-{number}")
    return call if plan.draft else use_cases.publish(stage.database, boss, written_at, call_id=call.id)


def file_all(stage: Stage, call: Call, plan: Plan) -> list[Application]:
    """What came in."""
    return [_file(stage, call, plan, index) for index in range(len(plan.goals))]


def begin_drafts(stage: Stage) -> None:
    """A draft that two neighbours write together, for a call that is open."""
    lead, friend = stage.people.get("resident"), stage.people.get("neighbor")
    if lead is None or friend is None:
        return
    key = next(number for number, plan in enumerate(PLANS, 1) if plan.district == "중구")
    with stage.database.read() as session:
        call_id = session.scalar(select(Call.id).where(Call.idempotency_key == f"demo-call-{key}"))
    if call_id is None:
        return
    made = _group(stage, lead, BY_NAME["중구"].code, 401, "나란히 걷는 이웃", stage.at(-3))
    group_members.join(stage.database, friend, stage.at(-2), made.invite_code)
    draft = drafts.begin(stage.database, lead, stage.at(-2, 11), call_id=call_id, group_id=made.id)
    if not draft.typed.get("title"):
        values = {"title": "시장 골목 이야기 산책", "plan": "시장에서 오래 일한 이웃의 이야기를 들으며 걷습니다."}
        drafts.save(stage.database, lead, stage.at(-1), application_id=draft.id, revision=draft.revision, values=values)


def _file(stage: Stage, call: Call, plan: Plan, index: int) -> Application:
    random = Random(f"maru {call.id} {index}")  # noqa: S311 - a demonstration, not a secret
    number = call.id * 12 + index
    district = call.district or random.choice(DISTRICTS).code
    strands = [each for each in call.strands if each in IDEAS]
    strand = strands[index % len(strands)]
    title, idea = IDEAS[strand][(call.id * 5 + index) % len(IDEAS[strand])]
    lead = _lead(stage, plan, number, index)
    last = min(call.closes_at, stage.now) - call.opens_at
    filed_at = (call.opens_at + last * (index + 1) / 20).astimezone(SEOUL).replace(hour=10 + index % 7)
    name = GROUPS[number % len(GROUPS)]
    group = _group(stage, lead, district, number, name, min(filed_at, call.opens_at), plan.programme)
    with stage.database.read() as session:
        rules = programmes.rules_of_call(session, call)
    requested_won = random.randrange(16, 41) * (call.ceiling_won // 40 // 1000 * 1000)
    wanted = {
        "title": title,
        "strand": strand,
        "district": district,
        "plan": f"{idea}\n\n{BY_CODE[district].name} 주민이 함께 준비하고, 한 해의 이야기를 모아 이웃과 나눕니다.",
        "requested_won": requested_won,
        "self_contribution_won": requested_won * max(10, rules.settlement.self_percent + 5) // 100,
        "place": _place(stage, random, strand, district),
        "dong": f"느티{number % 3 + 1}동",
        "members": cast.named(number, 6 if plan.programme != "integrated_call" else 4, district),
    }
    answers = answers_to(rules, call, wanted)
    key = f"demo-application-{call.id}-{index}"
    needs_files = any(each.kind == "files" and each.required for each in rules.form.fields)
    if not needs_files:
        return applications.file(
            stage.database, lead, filed_at, call_id=call.id, group_id=group.id, answers=answers, key=key
        )
    draft = drafts.begin(stage.database, lead, filed_at, call_id=call.id, group_id=group.id)
    if draft.phase != "draft":
        return draft
    drafts.save(stage.database, lead, filed_at, application_id=draft.id, revision=draft.revision, values=answers)
    paper = papers.paper("계획서.pdf", f"plan {number}")
    attaching.attach(
        stage.database, lead, filed_at, application_id=draft.id, field="files", found=[paper], key=f"{key}-file"
    )
    return filing.submit(stage.database, lead, filed_at, application_id=draft.id, key=key)


def answers_to(rules: Definition, call: Call, wanted: dict[str, Any]) -> dict[str, Any]:
    """Answers to any programme's form: what is `wanted`, and something fitting for what it asks beside."""
    answers: dict[str, Any] = {}
    for question in forms.questions(rules, forms.Terms(call.ceiling_won, tuple(call.strands), call.district)):
        if question.kind == "files":
            continue
        if question.key in wanted:
            answers[question.key] = wanted[question.key]
        elif question.kind == "budget":
            answers[question.key] = _budget(rules, wanted["requested_won"], wanted["self_contribution_won"])
        elif question.kind in ("number", "won"):
            answers[question.key] = max(question.least or 1, 40)
        elif question.kind == "date":
            answers[question.key] = (call.results_on + timedelta(days=45)).isoformat()
        elif question.kind == "choice":
            answers[question.key] = question.choices[0].key
        else:
            answers[question.key] = wanted["plan"].split("\n")[0][: question.longest or 200]
    return answers


def _budget(rules: Definition, granted_won: int, own_won: int) -> list[dict[str, Any]]:
    """Lines within the ceilings of categories and items: up to seven tenths in the first, the rest in the next ones."""
    lines: list[dict[str, Any]] = []
    left_won = granted_won
    for category in sorted(rules.settlement.categories, key=lambda each: each.ceiling_percent or 0):
        item = min(category.items, key=lambda each: each.ceiling_percent or 0)
        percents = [each for each in (category.ceiling_percent, item.ceiling_percent) if each is not None]
        most_won = granted_won * min([70, *percents]) // 100 // 1000 * 1000
        grant_won = min(most_won, left_won)
        if grant_won:
            self_won = 0 if lines else own_won
            line = {"category": category.key, "item": item.key, "grant_won": grant_won, "self_won": self_won}
            lines.append({**line, "note": ""})
        left_won -= grant_won
    if left_won:
        lines[0]["grant_won"] += left_won
    return lines


def _place(stage: Stage, random: Random, strand: str, district: str) -> dict[str, Any]:
    near = [space for space in stage.spaces if space.district == district]
    if near and (strand == "group_space" or random.random() < 0.7):
        return {"space_id": random.choice(near).id}
    return {"address": f"{BY_CODE[district].name} 주민센터 앞"}


def _lead(stage: Stage, plan: Plan, number: int, index: int) -> Actor:
    login = plan.who[index] if index < len(plan.who) else ""
    stand_in = Actor(account_id=-(5_000 + number), name="모임 대표", roles=frozenset({Role.RESIDENT}))
    return stage.people.get(login, stand_in)


def _group(
    stage: Stage, lead: Actor, district: str, number: int, name: str, at: datetime, programme: str = ""
) -> groups.ApplicantGroup:
    kind = "nonprofit" if programme == "public_benefit" else "residents"
    details = groups.Details(
        name=name,
        district=district,
        kind=kind,
        registration_number=f"{100 + number % 800}-82-{10_000 + number}" if kind == "nonprofit" else "",
        founded_on=policy.city_date(at) - timedelta(days=900),
        address=f"{BY_CODE[district].name} 마을길 {number * 10}",
        about="이웃과 함께하는 모임입니다.",
        bank="마을은행",
        bank_account=f"110-{number:03d}-{300_400 + number}",
        bank_holder=name,
    )
    return groups.make(stage.database, lead, at, details, key=f"demo-group-{number}")
