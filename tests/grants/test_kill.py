"""kill -9 while groups file, results are announced and tranches are paid: begun again, nothing is lost and nothing
twice, neither postings nor projects, receipts or notices."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from services.grants import applications, balance
from services.grants.models import AUDIT, Application, ApplicationStep, Call, Filing, Posting, Project, Tranche
from services.grants.selection import announcement
from shared.bus.tables import outbox
from shared.database import Database
from tests.grants import stage
from tests.grants.conftest import AFTER, DURING, answers, make_group, resident
from tests.grants.paying import DONGJAK, selected

ROOT = Path(__file__).parents[2]
RESULTS, DRAFTS, PAYMENTS, KILLS = 100, 12, 12, 3


def test_nothing_is_lost_and_nothing_twice(database: Database, publish: Callable[..., Call]) -> None:
    call = publish(title="죽어도 되는 공고", budget_won=900_000_000)
    _results(database, call)
    drafts = _drafts(database, call)
    tranches = _payments(database, publish(title="교부할 공고", budget_won=900_000_000))
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.grants.kill_worker", url, str(call.id)]
    dice = Random(11)  # noqa: S311
    said: list[str] = []
    for kill in range(KILLS + 1):
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdin is not None
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            worker.stdin.write("go\n")
            worker.stdin.flush()
            if kill < KILLS:
                said += [worker.stdout.readline().strip() for _ in range(dice.randrange(1, 6))]
                worker.kill()
            said += worker.stdout.read().split("\n")
        assert worker.returncode in ((-9, 0) if kill < KILLS else (0,))  # it may have been done already
    assert "done" in said
    assert len({each for each in said if each.startswith("paid")}) <= PAYMENTS
    _check_results(database, call.id)
    _check_drafts(database, call.id, drafts)
    _check_payments(database, tranches)


def _results(database: Database, call: Call) -> None:
    """Decided and under embargo; the hour is set."""
    for number in range(RESULTS):
        leader = 30_000 + number
        group_id = stage.group(database, AFTER, (leader,))
        state = ("selected", "selected", "rejected")[number % 3]
        stage.application(database, call, group_id, AFTER, state=state, account_id=leader, announced_at=None)
    hour = AFTER + timedelta(days=2)
    announcement.set_hour(database, DONGJAK, AFTER, call_id=call.id, announce_at=hour, leave=True)


def _drafts(database: Database, call: Call) -> list[int]:
    made = []
    for number in range(DRAFTS):
        who = 40_000 + number
        draft = applications.begin(database, resident(who), DURING, call_id=call.id, group_id=make_group(database, who))
        applications.save(
            database, resident(who), DURING, application_id=draft.id, revision=draft.revision, values=answers()
        )
        made.append(draft.id)
    return made


def _payments(database: Database, call: Call) -> list[int]:
    made = []
    for number in range(PAYMENTS):
        project = selected(database, call, accounts=(50_000 + number,))
        project.agree()
        project.ready()
        made.append(project.approved())
    return made


def _check_results(database: Database, call_id: int) -> None:
    with database.read() as session:
        decided = session.scalars(
            select(Application).where(Application.call_id == call_id, Application.phase.in_(("selected", "rejected")))
        ).all()
        awarded = {each.id for each in decided if each.phase == "selected"}
        postings = session.scalars(select(Posting).where(Posting.application_id.in_(awarded))).all()
        projects = session.scalars(select(Project.application_id).where(Project.call_id == call_id)).all()
        line_id = session.get_one(Call, call_id).line_id
        line = session.scalars(select(Posting).where(Posting.line_id == line_id)).all()
        told = _told(database, "results_announced_")
        audited = Counter(session.scalars(select(AUDIT.c.subject).where(AUDIT.c.action == "application.announced")))
        ends = session.scalar(select(func.count()).select_from(AUDIT).where(AUDIT.c.action == "call.announced"))
    assert len(decided) == RESULTS
    assert all(each.announced_at is not None for each in decided)
    assert Counter(each.idempotency_key for each in postings) == {f"award:{each}": 1 for each in awarded}
    assert Counter(projects) == dict.fromkeys(awarded, 1)
    assert told == {f"/applications/{each.id}": 1 for each in decided}
    assert audited == {f"application:{each.id}": 1 for each in decided}
    assert ends == 1
    assert balance.check(line).commitment_won == sum(each.awarded_won or 0 for each in decided)


def _check_drafts(database: Database, call_id: int, drafts: list[int]) -> None:
    with database.read() as session:
        filed = session.scalars(select(Application).where(Application.id.in_(drafts))).all()
        filings = Counter(session.scalars(select(Filing.application_id).where(Filing.application_id.in_(drafts))))
        steps = Counter(
            session.scalars(
                select(ApplicationStep.application_id).where(
                    ApplicationStep.application_id.in_(drafts), ApplicationStep.event == "submit"
                )
            )
        )
        last = session.get_one(Call, call_id).filed
    assert {each.state for each in filed} == {"submitted"}
    assert len({each.receipt for each in filed}) == DRAFTS
    assert sorted(each.number or 0 for each in filed) == list(range(last - DRAFTS + 1, last + 1))
    assert filings == steps == dict.fromkeys(drafts, 1)
    assert _told(database, "application_submitted") == {f"/applications/{each}": 1 for each in drafts}


def _check_payments(database: Database, tranches: list[int]) -> None:
    with database.read() as session:
        rows = session.scalars(select(Tranche).where(Tranche.id.in_(tranches))).all()
        spent = Counter(session.scalars(select(Posting.idempotency_key).where(Posting.kind == "expenditure")))
        audited = session.scalar(select(func.count()).select_from(AUDIT).where(AUDIT.c.action == "tranche.pay"))
    assert {each.state for each in rows} == {"paid"}
    assert spent == {f"tranche:{each}": 1 for each in tranches}
    assert audited == PAYMENTS
    assert _told(database, "tranche_paid") == {f"/applications/{each.application_id}/payment": 1 for each in rows}


def _told(database: Database, kind: str) -> Counter[str]:
    """Page -> how many notices of this kind about it are in the outbox."""
    with database.read() as session:
        payloads = session.scalars(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told")).all()
    return Counter(each["path"] for each in payloads if each["kind"].startswith(kind))
