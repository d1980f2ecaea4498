"""The trail of an application: in words, for those who run its call, and none of its actions left without words."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import services.grants
from services.grants import audit_trail
from services.grants.models import AUDIT, Interest, Objection
from services.grants.ready import READY
from services.grants.rules.tranches import STEPS
from services.grants.wording.audit import ACTIONS, KINDS, SUBJECTS, action_text, details_text, subject_text
from shared.audit import record
from shared.identity.actor import SYSTEM
from shared.refusal import Refusal
from shared.web.i18n import speaking
from tests.grants import funded_rows, stage
from tests.grants.conftest import CITY, DONGJAK, SEONGBUK, resident
from tests.grants.funded_rows import DECIDED

GRANTS = Path(services.grants.__file__).parent
TRANSLATIONS = GRANTS / "translations"
RULES = READY["integrated_call"]()
NOW = DECIDED + timedelta(days=1)
SHOWN = {*audit_trail.NUMBERED_BY_APPLICATION, *audit_trail.OWNED}


@pytest.fixture
def application_id(database):
    call = funded_rows.call(database)
    return stage.application(database, call, stage.group(database, DECIDED), DECIDED, state="running")


def recorded() -> Iterator[tuple[str, str]]:
    """(action, kind of the subject) of each call that records one; a part of an action that is made at run time stands
    as `*`, a subject as well."""
    for file in GRANTS.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name in ("record", "_record") and len(call.args) >= 5:
                index = 4 if name == "record" else 3
                subject = call.args[index + 1] if name == "record" else None
                for action in actions(call.args[index]):
                    yield action, kind_of(subject)
            elif name == "viewed" and len(call.args) == 5 and isinstance(call.args[4], ast.Constant):
                yield f"{call.args[4].value}.viewed", "application"


def actions(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from actions(node.body)
        yield from actions(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)


def kind_of(node: ast.expr | None) -> str:
    start = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return str(start.value).partition(":")[0] if isinstance(start, ast.Constant) else "*"


def test_every_action_of_an_application_has_words():
    found = {action for action, kind in recorded() if kind in {*SHOWN, "*"}}
    assert len(found) > 30
    named = {action for action in found if "*" not in action}
    assert sorted(named - set(ACTIONS)) == []
    for pattern in found - named:
        start = pattern.partition("*")[0]
        if start:  # "*.viewed" is told apart where it is called
            assert any(action.startswith(start) for action in ACTIONS), pattern
    dynamic = {f"tranche.{event}" for event in STEPS if event != "cancel"}
    dynamic |= {f"change.{state}" for state in ("approved", "refused", "withdrawn")}
    dynamic |= {f"expense.{state}" for state in ("accepted", "refused", "withdrawn")}
    dynamic |= {f"objection.{state}" for state in ("upheld", "dismissed")}
    assert sorted(dynamic - set(ACTIONS)) == []
    assert set(SUBJECTS) == SHOWN
    assert set(KINDS) == set(audit_trail.KINDS)


def test_whatever_an_action_is_called_by_has_words():
    """Those that are passed on to a function of their own before they are recorded."""
    named = {action.partition(".")[0] for action in ACTIONS if not action.endswith(".viewed")}
    kinds = "|".join(sorted(named - {"application"}))
    action = re.compile(rf"(?:{kinds})\.(?!id$|show$)[a-z_]+")
    found = {
        node.value
        for file in GRANTS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and action.fullmatch(node.value)
    }
    assert sorted(found - set(ACTIONS)) == []


def test_every_step_of_every_course_has_words_in_both_languages():
    for make in READY.values():
        rules = make()
        for row in rules.transitions:
            with speaking("ko", TRANSLATIONS):
                assert action_text(f"application.{row.event}", rules) != f"application.{row.event}"
            with speaking("en", TRANSLATIONS):
                assert not re.search("[가-힣]", action_text(f"application.{row.event}", rules))


def test_a_row_in_words():
    with speaking("ko", TRANSLATIONS):
        assert action_text("tranche.pay", RULES) == "교부함"
        assert action_text("application.accept", RULES) == "자격 확인"
        assert subject_text("expense:12") == "지출 12"
        assert details_text({"from": "submitted", "to": "eligible", "reason": ""}, RULES) == "전 접수 · 후 자격 확인"
    with speaking("en", TRANSLATIONS):
        assert action_text("tranche.pay", RULES) == "Paid a tranche"
        assert subject_text("expense:12") == "Expense 12"
        assert details_text({"kind": "expenditure", "amount_won": 5}, RULES) == "Kind Expenditure · Amount (won) 5"
        assert action_text("unheard.of", RULES) == "unheard.of"
        assert subject_text("account:-1") == "account:-1"


def write(database, *rows):
    with database.write() as session:
        for actor, action, subject in rows:
            record(session, AUDIT, actor, NOW, action, subject)


def test_the_trail_holds_what_belongs_to_it_and_nothing_else(database, application_id):
    with database.write() as session:
        objection = Objection(application_id=application_id, words="왜?", filed_at=NOW, filed_by=1)
        session.add(objection)
        session.flush()
        number = objection.id
    write(
        database,
        (resident(1), "application.submit", f"application:{application_id}"),
        (resident(1), "objection.filed", f"objection:{number}"),
        (DONGJAK, "file.viewed", f"interim:{application_id}"),
        (SYSTEM, "application.announced", f"application:{application_id}"),
        (DONGJAK, "application.viewed", f"application:{application_id}9"),
        (DONGJAK, "objection.filed", f"objection:{number}9"),
    )
    trail = audit_trail.read(database, DONGJAK, NOW, application_id)
    assert [(line.action, line.account_id, line.who) for line in trail.lines] == [
        ("application.announced", 0, None),
        ("file.viewed", 501, None),
        ("objection.filed", 1, "주민 1"),
        ("application.submit", 1, "주민 1"),
    ]
    again = audit_trail.read(database, CITY, NOW, application_id)
    assert (again.lines[0].action, again.lines[0].account_id) == ("audit.viewed", 501)
    seen = audit_trail.read(database, CITY, NOW, application_id, kind="viewed")
    assert {line.action for line in seen.lines} == {"audit.viewed", "file.viewed"}


def test_it_is_read_by_those_who_run_the_call_and_have_nothing_to_do_with_it(database, application_id):
    for actor, code in ((SEONGBUK, "other_district"), (resident(1), "other_district")):
        with pytest.raises(Refusal) as refused:
            audit_trail.read(database, actor, NOW, application_id)
        assert refused.value.code == code
    with database.write() as session:
        session.add(Interest(account_id=501, application_id=application_id, kind="declared", at=NOW))
    with pytest.raises(Refusal) as refused:
        audit_trail.read(database, DONGJAK, NOW, application_id)
    assert refused.value.code == "own_application"
    with pytest.raises(Refusal) as refused:
        audit_trail.read(database, CITY, NOW, 999)
    assert refused.value.code == "not_found"


def test_pages_stay_where_they_are_while_new_rows_come(database, application_id, monkeypatch):
    monkeypatch.setattr("shared.audit_trail.PER_PAGE", 3)
    write(database, *((resident(1), "application.saved", f"application:{application_id}") for _ in range(5)))
    first = audit_trail.read(database, DONGJAK, NOW, application_id)
    write(database, (resident(1), "application.saved", f"application:{application_id}"))
    second = audit_trail.read(database, DONGJAK, NOW, application_id, before=first.older)
    numbers = [line.id for line in (*first.lines, *second.lines)]
    assert len(numbers) == len(set(numbers)) == 5
    assert second.older is None


def test_the_page_tells_it_in_words(database, house, application_id):
    write(
        database,
        (resident(1), "application.submit", f"application:{application_id}"),
        (SYSTEM, "ledger.posted", f"application:{application_id}"),
    )
    page = house.client("dongjak").get(f"/grants/applications/{application_id}/audit")
    assert page.status_code == 200
    for said in ("제출", "원장에 기록함", "시스템", "주민 1 (계정 1)"):
        assert said in page.text
    again = house.client("dongjak").get(f"/grants/applications/{application_id}/audit?kind=viewed")
    assert "한 일 기록을 봄" in again.text
    assert "원장에 기록함" not in again.text
    english = house.client("dongjak").get(
        f"/grants/applications/{application_id}/audit?kind=nonsense", headers={"Accept-Language": "en"}
    )
    assert "Posted to the ledger" in english.text
    assert house.client("seongbuk").get(f"/grants/applications/{application_id}/audit").status_code == 403
    assert house.client("resident").get(f"/grants/applications/{application_id}/audit").status_code == 403
    assert house.client().get(f"/grants/applications/{application_id}/audit").status_code == 401
