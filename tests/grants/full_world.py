"""One call with an application in every state of its process, and beside each of them everything that can belong to
one: so that a sweep over all addresses finds a real row for every number in them. Written directly, it is quick."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from services.grants import calls, programmes
from services.grants.models import (
    AgendaItem,
    Agreement,
    ApplicantGroup,
    Application,
    Appointment,
    Attachment,
    Base,
    Call,
    ChangeRequest,
    Expense,
    Filing,
    GroupMember,
    InterimCheck,
    Meeting,
    Milestone,
    Objection,
    Programme,
    ProgrammeVersion,
    Project,
    ReturnOrder,
    Review,
    Reviewer,
    Sanction,
    Seat,
    Settlement,
    Signature,
    StageDate,
    Tranche,
    Vote,
)
from services.grants.policy import city_date
from shared.clock import now as present
from shared.database import Database
from shared.identity.actor import Actor, Role
from tests.grants import stage
from tests.grants.attaching import attach
from tests.grants.conftest import CITY, terms
from tests.grants.file_makers import pdf
from tests.house import COOKIE, Browser, TestHouse

LEADER = Actor(account_id=9_001, name="대표 느티", roles=frozenset({Role.RESIDENT}))
STRANGER = Actor(account_id=9_002, name="딴 모임 대표", roles=frozenset({Role.RESIDENT}))
KEEPER = Actor(account_id=9_003, name="지기", roles=frozenset({Role.SPACE_KEEPER}), spaces=(1,))
IDLE = Actor(account_id=9_004, name="맡은 것 없는 위원", roles=frozenset({Role.REVIEWER}))
REVIEWER = Actor(account_id=9_005, name="심사위원", roles=frozenset({Role.REVIEWER}))
OWN = Actor(account_id=9_006, name="동작 직원", roles=frozenset({Role.DISTRICT_STAFF}), district="11590")
ELSEWHERE = Actor(account_id=9_007, name="강남 직원", roles=frozenset({Role.DISTRICT_STAFF}), district="11680")
BOSS = Actor(account_id=9_008, name="시 직원", roles=frozenset({Role.CITY_STAFF}))
SECRET = "둘레마을비밀"
"""Stands in every text that only the people of the call may read."""
FUNDED = ("selected", "running", "settling", "closed")
BUDGET = [{"category": "activity", "item": "materials", "grant_won": 2_000_000, "self_won": 0, "note": SECRET}]


@dataclass
class World:
    """`ids`: name of a number in an address -> the numbers that are there."""

    house: TestHouse
    database: Database
    now: datetime
    call_id: int = 0
    ids: dict[str, list[Any]] = field(default_factory=dict)
    applications: dict[str, int] = field(default_factory=dict)
    """State -> application."""

    @property
    def app(self) -> Flask:
        return self.house.house.apps["grants"]

    def browser(self, actor: Actor | None) -> Browser:
        """A browser that this actor signed in with, whatever accounts there are."""
        browser = Browser(self.house.wsgi)
        if actor is not None:
            kept = {
                "id": actor.account_id,
                "name": actor.name,
                "roles": sorted(actor.roles),
                "district": actor.district,
                "spaces": list(actor.spaces),
                "since": int(present().timestamp()),
            }
            interface: Any = self.app.session_interface
            signer = interface.get_signing_serializer(self.app)
            browser.set_cookie(COOKIE, signer.dumps({"actor": kept, "_permanent": True}))
        return browser

    def contents(self) -> dict[str, list[str]]:
        """All that the database holds, to see that nothing was changed."""
        held: dict[str, list[str]] = {}
        with self.database.read() as session:
            for table in Base.metadata.sorted_tables:
                if table.name in ("blob", "clockwork"):
                    continue
                held[table.name] = sorted(map(repr, session.execute(select(table)).all()))
        return held


def token(browser: Browser) -> str:
    """The token that the browser's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/auth/sign-in").text)
    assert found
    return found[1]


def build(house: TestHouse, *, district: str | None = "11590", programme: str = "integrated_call") -> World:
    """The world; `district` None is a call of the city's."""
    database, now = house.databases["grants"], present()
    world = World(house, database, now)
    assert house.wsgi
    before = now - timedelta(days=70)
    wanted = terms(
        district=district,
        programme=programme,
        title="공고 하나",
        opens_at=now - timedelta(days=60),
        closes_at=now - timedelta(days=30),
        results_on=city_date(now),
        budget_won=900_000_000,
    )
    call = calls.create(database, CITY, before, terms=wanted, key="world")
    call = calls.publish(database, CITY, before, call_id=call.id)
    with database.write() as session:
        session.get_one(Call, call.id).announced_at = now - timedelta(days=10)
        version = programmes.version_of_call(session, call)
        rules = programmes.rules_of(version)
        _people(world, session)
    stage.group(database, now, (STRANGER.account_id or 0,))
    for number, state in enumerate(rules.states):
        leaders = (LEADER.account_id or 0, 20_000 + number)
        group_id = stage.group(database, now - timedelta(days=90), leaders, about=SECRET, address=SECRET)
        public = state.phase in FUNDED
        title = f"알려진 사업 {state.key}" if public else f"{SECRET} {state.key}"
        columns: dict[str, Any] = {"title": title, "plan": SECRET, "answers": {"budget": BUDGET}}
        if state.phase == "draft":
            columns["typed"] = {"title": SECRET}
        made = stage.application(
            database,
            call,
            group_id,
            now - timedelta(days=40),
            state=state.key,
            account_id=LEADER.account_id or 0,
            **columns,
        )
        world.applications[state.key] = made
    world.call_id = call.id
    for state_key, application_id in world.applications.items():
        with database.write() as session:
            _belongings(world, session, application_id, rules.stages, state_key)
    _note_ids(world, rules)
    return world


def _people(world: World, session: Any) -> None:
    for actor in (IDLE, REVIEWER):
        session.add(Reviewer(account_id=actor.account_id, name=actor.name, address="종로", changed_at=world.now))
    session.flush()
    for kind in ("reviewer", "committee"):
        session.add(
            Appointment(
                district="11590",
                account_id=REVIEWER.account_id,
                kind=kind,
                chair=True,
                starts_on=city_date(world.now) - timedelta(days=100),
                ends_on=city_date(world.now) + timedelta(days=100),
                appointed_by=1,
                appointed_at=world.now,
            )
        )


def _belongings(world: World, session: Any, application_id: int, stages: Any, state: str) -> None:
    now, day = world.now, city_date(world.now)
    here = {"application_id": application_id}
    application = session.get_one(Application, application_id)
    agreement = Agreement(
        **here,
        version=1,
        amount_won=2_000_000,
        self_contribution_won=0,
        starts_on=day - timedelta(days=20),
        ends_on=day + timedelta(days=30),
        body=SECRET,
        body_hash="0" * 64,
        budget=BUDGET,
        prepared_by=1,
        prepared_at=now,
        signed_at=now,
    )
    expense = Expense(
        **here,
        category="activity",
        item="materials",
        spent_on=day - timedelta(days=3),
        payee=SECRET,
        payee_key=SECRET,
        amount_won=100_000,
        purpose=SECRET,
        filed_by=1,
        filed_at=now,
        idempotency_key=f"world-{application_id}",
    )
    meeting = Meeting(
        call_id=world.call_id,
        district=application.district,
        title=SECRET,
        held_at=now,
        place=SECRET,
        state="open",
        opened_at=now,
        created_by=1,
        created_at=now,
        idempotency_key=f"world-{application_id}",
    )
    session.add_all([agreement, expense, meeting])
    session.flush()
    item = AgendaItem(meeting_id=meeting.id, **here, position=1, proposal="select", proposed_won=1, reason=SECRET)
    session.add_all(
        [
            item,
            Seat(meeting_id=meeting.id, account_id=REVIEWER.account_id, name="심사위원", chair=True, arrived_at=now),
            Signature(agreement_id=agreement.id, party="group", account_id=1, name="x", body_hash="0", signed_at=now),
            Tranche(**here, number=1, amount_won=1_400_000, gates=[], state="paid", paid_at=now, paid_by=1),
            Tranche(**here, number=2, amount_won=600_000, gates=[], state="requested", requested_by=LEADER.account_id),
            ChangeRequest(
                **here,
                kind="content",
                details={"words": SECRET},
                reason=SECRET,
                requested_by=1,
                requested_at=now,
                idempotency_key="world",
            ),
            Milestone(**here, key="training_done", done_on=day, waiting=True, recorded_by=1, recorded_at=now),
            InterimCheck(
                **here,
                checked_on=day,
                result="improve",
                findings=SECRET,
                checked_by=1,
                checked_at=now,
                idempotency_key="world",
            ),
            Objection(**here, words=SECRET, filed_at=now, filed_by=1),
            Settlement(
                **here,
                paid_won=1_400_000,
                spent_won=0,
                refused_won=0,
                unspent_won=0,
                interest_won=0,
                to_return_won=0,
                outcome=SECRET,
                report_hash="0" * 64,
                filed_by=1,
                filed_at=now,
            ),
            ReturnOrder(
                **here,
                kind="clawback",
                amount_won=1_000,
                reason=SECRET,
                ordered_by=1,
                ordered_at=now,
                due_on=day + timedelta(days=9),
                idempotency_key="world",
            ),
            Sanction(
                group_id=application.group_id,
                **here,
                district="11590",
                reason=SECRET,
                starts_on=day - timedelta(days=9),
                ends_on=day - timedelta(days=2),
                imposed_by=1,
                imposed_at=now,
            ),
            Review(
                **here,
                stage=stages[0].key if stages else "document_review",
                account_id=REVIEWER.account_id,
                comment=SECRET,
                assigned_at=now,
                assigned_by=1,
            ),
        ]
    )
    if application.number is not None:
        session.add(
            Filing(
                **here,
                number=1,
                answers={"title": SECRET},
                files=[],
                filed_hash="0" * 64,
                filed_at=now,
                filed_by=1,
                idempotency_key="world",
            )
        )
    if state in ("running", "settling", "settled", "closed", "archived"):
        session.add(
            Project(
                **here,
                group_id=application.group_id,
                call_id=world.call_id,
                district=application.district,
                title="알려진 사업",
                group_name="알려진 모임",
                strand=application.strand,
                awarded_won=2_000_000,
                decided_at=now,
                latitude=37.5,
                longitude=126.9,
            )
        )
    if stages:
        session.add(StageDate(**here, stage=stages[0].key, held_at=now, place=SECRET, set_by=1, set_at=now))
    session.flush()
    session.add(Vote(item_id=item.id, account_id=REVIEWER.account_id, choice="for", cast_at=now))
    own = {"group_id": application.group_id, "call_id": world.call_id, "district": application.district}
    for kind, subject in (("application", application_id), ("expense", expense.id), ("settlement", application_id)):
        attach(
            session,
            pdf(f"{kind} {application_id}"),
            LEADER,
            subject_kind=kind,
            subject_id=subject,
            field="files",
            name=f"{SECRET}.pdf",
            key=f"{kind}-{application_id}",
            **own,
        )


def _note_ids(world: World, rules: Any) -> None:
    of: dict[str, Any] = {
        "tranche_id": Tranche,
        "change_id": ChangeRequest,
        "expense_id": Expense,
        "review_id": Review,
        "order_id": ReturnOrder,
        "objection_id": Objection,
        "meeting_id": Meeting,
        "item_id": AgendaItem,
        "sanction_id": Sanction,
        "appointment_id": Appointment,
        "attachment_id": Attachment,
        "project_id": Project,
    }
    with world.database.read() as session:
        for name, model in of.items():
            world.ids[name] = list(session.scalars(select(model.id).order_by(model.id)))
        owned = session.scalars(select(Application.group_id).where(Application.call_id == world.call_id))
        world.ids["group_id"] = sorted({each for each in owned if each})
        world.ids["member_id"] = list(
            session.scalars(select(GroupMember.id).where(GroupMember.group_id == world.ids["group_id"][0]))
        )
        codes = session.scalars(
            select(ApplicantGroup.invite_code).where(ApplicantGroup.id.in_(world.ids["group_id"]))
        ).all()
        version = session.get_one(ProgrammeVersion, session.get_one(Call, world.call_id).version_id)
        programme_id = session.get_one(Programme, version.programme_id).id
    applications = list(world.applications.values())
    world.ids |= {
        "application_id": applications,
        "one": applications,
        "other": applications[::-1],
        "call_id": [world.call_id],
        "code": list(codes),
        "programme_id": [programme_id],
        "number": [1],
        "version": [1],
        "stage": [each.key for each in rules.stages],
        "key": ["training_done"],
        "part": ["form"],
        "district": ["11590"],
    }
