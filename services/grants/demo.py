"""The demonstration: calls in every state, applications, funded projects, intermediaries and the budget of 2020.

Deterministic: the same day and the same spaces give the same rows; times are relative to `now`. What is there already
is left alone, so loading it again, also after an interrupted load, completes it and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from services.grants import applications, calls, decisions, intermediaries, ledger
from services.grants.demo_budget import YEAR, all_lines
from services.grants.demo_words import BODY, GROUPS, IDEAS, REASONS
from services.grants.models import Application, Call, Posting, Space
from services.grants.policy import SEOUL, CallTerms, Filing, city_date
from shared.database import Database
from shared.districts import BY_CODE, BY_NAME, DISTRICTS
from shared.identity.actor import SYSTEM, Actor, Role

INTEGRATED = ("neighbourhood_alley", "group_space")
CEILING_WON = 4_000_000
LAST_KEY = f"demo:{YEAR}:last"


@dataclass(frozen=True)
class Plan:
    """A call to make: days from today of opening and closing, what came in and how many of it are decided."""

    district: str | None
    opens: int
    closes: int
    filed: int = 0
    funded: int = 0
    refused: int = 0
    rolling: bool = False
    draft: bool = False
    strands: tuple[str, ...] = INTEGRATED


PLANS = (
    Plan("성북구", -120, -95, filed=6, funded=5, refused=1),
    Plan("동작구", -115, -92, filed=6, funded=5, refused=1),
    Plan("금천구", -110, -88, filed=5, funded=4, refused=1),
    Plan("은평구", -108, -85, filed=4, funded=4),
    Plan("마포구", -100, -80, filed=4, funded=3, refused=1),
    Plan("노원구", -98, -78, filed=3, funded=3, strands=INTEGRATED[:1]),
    Plan(None, -90, -60, filed=16, funded=15, refused=1, strands=("dong_plan",)),
    Plan("동작구", -30, -3, filed=4),
    Plan("서대문구", -28, -5, filed=3),
    Plan("금천구", -20, 25, filed=3, funded=2, rolling=True),
    Plan("성북구", -10, 11, filed=2),
    Plan("강동구", -6, 15, filed=1),
    Plan("중구", -3, 20),
    Plan(None, -2, 30, strands=("dong_plan",)),
    Plan("관악구", 9, 30),
    Plan("동작구", 14, 40, draft=True),
)
SUBSIDISED = {"송파구": 281_000_000, "서초구": 266_000_000}
DIRECT = {"서대문구": 99_000_000}
NONE = ("중구",)
COMMISSIONED_WON = 9_040_000_000


def load(database: Database, now: datetime, residents: Sequence[int] = ()) -> None:
    """Load the demonstration. `residents`: accounts that some of the applications belong to; the other applicants
    have no account (their ids are negative)."""
    with database.read() as session:
        if session.scalar(select(Posting.id).where(Posting.idempotency_key == LAST_KEY)):
            return
        spaces = list(session.scalars(select(Space).where(Space.stage != "retired").order_by(Space.id)))
    for number, plan in enumerate(PLANS, 1):
        _load_call(database, now, number, plan, spaces, residents)
    _load_intermediaries(database, now)
    _load_budget(database, now)


def _load_call(
    database: Database, now: datetime, number: int, plan: Plan, spaces: list[Space], residents: Sequence[int]
) -> None:
    today = city_date(now)
    district = BY_NAME[plan.district].code if plan.district else None
    opens_at, closes_at = _at(today, plan.opens, 9), _at(today, plan.closes, 18)
    written_at = min(opens_at - timedelta(days=7), now)
    terms = CallTerms(
        district=district,
        programme="dong_plan" if "dong_plan" in plan.strands else "integrated_call",
        title=_title(plan, opens_at),
        body=BODY,
        strands=plan.strands,
        opens_at=opens_at,
        closes_at=closes_at,
        results_on=closes_at.date() + timedelta(days=14),
        budget_won=max(plan.filed, 8) * CEILING_WON,
        ceiling_won=CEILING_WON,
        rolling=plan.rolling,
    )
    call = calls.create(database, SYSTEM, written_at, terms=terms, key=f"demo-call-{number}")
    if plan.draft:
        return
    calls.publish(database, SYSTEM, written_at, call_id=call.id)
    random = Random(f"maru {number}")  # noqa: S311 - a demonstration, not a secret
    filed = [_file(database, now, call, index, random, spaces, residents) for index in range(plan.filed)]
    for index, application in enumerate(filed[: plan.funded + plan.refused]):
        _decide(database, now, call, application, random, funded=index < plan.funded)


def _file(
    database: Database,
    now: datetime,
    call: Call,
    index: int,
    random: Random,
    spaces: list[Space],
    residents: Sequence[int],
) -> Application:
    district = call.district or random.choice(DISTRICTS).code
    strand = call.strands[index % len(call.strands)]
    title, idea = IDEAS[strand][(call.id * 5 + index) % len(IDEAS[strand])]
    near = [space for space in spaces if space.district == district]
    place = random.choice(near) if near and (strand == "group_space" or random.random() < 0.7) else None
    requested_won = random.randrange(16, 41) * 100_000
    filing = Filing(
        group_name=random.choice(GROUPS),
        members=random.randrange(3, 31),
        title=title,
        strand=strand,
        plan=f"{idea}\n\n{BY_CODE[district].name} 주민이 함께 준비하고, 한 해의 이야기를 모아 이웃과 나눕니다.",
        requested_won=requested_won,
        self_contribution_won=requested_won // 100_000 * 10_000,
        district=district,
        space_id=place.id if place else None,
    )
    last = min(call.closes_at, now) - call.opens_at
    filed_at = (call.opens_at + last * (index + 1) / 20).astimezone(SEOUL).replace(hour=10 + index % 7)
    # Residents stay free to apply to what is open: only the closed calls hold applications of theirs.
    own = index < len(residents) and call.closes_at <= now and call.district is not None
    account_id = residents[index] if own else -(call.id * 100 + index)
    actor = Actor(account_id=account_id, name="주민 대표", roles=frozenset({Role.RESIDENT}))
    return applications.submit(
        database, actor, filed_at, call_id=call.id, filing=filing, key=f"demo-application-{call.id}-{index}"
    )


def _decide(
    database: Database, now: datetime, call: Call, application: Application, random: Random, funded: bool
) -> None:
    if application.state != "submitted":
        return
    wanted_at = application.submitted_at if call.rolling else call.closes_at
    decided_at = min(wanted_at + timedelta(days=10, hours=random.randrange(1, 8)), now)
    if funded:
        cut_won = random.choice((0, 0, 100_000, 300_000))
        awarded_won = (application.requested_won or 0) - cut_won
        reason = "" if not cut_won else "재료비를 조정하여 선정했습니다."
        decisions.select_application(
            database, SYSTEM, decided_at, application_id=application.id, awarded_won=awarded_won, reason=reason
        )
    else:
        decisions.reject(database, SYSTEM, decided_at, application_id=application.id, reason=random.choice(REASONS))


def _load_intermediaries(database: Database, now: datetime) -> None:
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


def _load_budget(database: Database, now: datetime) -> None:
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


def _title(plan: Plan, opens_at: datetime) -> str:
    where = plan.district or "서울시"
    what = "동단위 계획형 시민참여예산" if "dong_plan" in plan.strands else "마을공동체 통합공모"
    how = " (수시)" if plan.rolling else ""
    return f"{opens_at.year}년 {where} {what}{how}"


def _at(today: date, days: int, hour: int) -> datetime:
    return datetime.combine(today + timedelta(days=days), time(hour), SEOUL)
