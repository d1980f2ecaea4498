"""What grants tells people: in both languages, one event for each person, in the transaction that makes it true."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext
from sqlalchemy import event, select

import services.grants
from services.grants import notices
from services.grants.notices import Notice, forget_old, tell, tell_all
from services.grants.policy import SEOUL
from services.grants.wording.notices import EXTRAS, KINDS, params_of, word
from shared.bus.catalogue import BODY_LENGTH, EVENTS, SUBJECT_LENGTH, from_json
from shared.bus.tables import outbox
from shared.database import Database
from shared.web.i18n import PoBabel, catalogues, read_catalogues, speaking

NOW = datetime(2026, 4, 3, 10, 0, tzinfo=SEOUL)
PACKAGE = Path(services.grants.__file__).parent
TRANSLATIONS = PACKAGE / "translations"
FILED = {"title": "골목 화단 가꾸기", "call": "동작구 통합공모", "receipt": "2026-0001-0001"}
SAMPLES: dict[str, Any] = {"until": date(2026, 4, 10), "starts": NOW, "count": 3, "number": 1, "rank": 2}


def sample(name: str) -> Any:
    return 1_400_000 if name.endswith("_won") else SAMPLES.get(name, f"[{name}]")


def told(database: Database) -> list[dict[str, Any]]:
    """The payloads in the outbox, in order."""
    with database.read() as session:
        return [row.payload for row in session.execute(select(outbox).order_by(outbox.c.id))]


def test_each_person_is_told_once_in_both_languages(database: Database) -> None:
    with database.write() as session:
        told_to = tell(session, [7, 8, 7, 0, -3], "application_submitted", NOW, path="/applications/12", **FILED)
    assert told_to == 2
    first, second = told(database)
    assert (first["account_id"], second["account_id"]) == (7, 8)
    assert first["notice_id"] != second["notice_id"]
    assert first["subject_ko"] == "신청서를 접수했습니다: 골목 화단 가꾸기"
    assert "2026-0001-0001" in first["body_ko"]
    assert first["subject_en"] == "We received your application: 골목 화단 가꾸기"
    assert (first["kind"], first["path"], first["told_at"]) == (
        "application_submitted", "/applications/12", NOW.isoformat(),
    )  # fmt: skip
    with database.read() as session:
        rows = session.execute(select(outbox).order_by(outbox.c.id)).all()
    assert [(row.aggregate, row.sequence) for row in rows] == [
        (f"notice:{each['notice_id']}", 1) for each in (first, second)
    ]
    for row in rows:
        assert from_json(row.name, row.version, row.payload)["told_at"] == NOW


def test_what_is_rolled_back_was_never_told(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            tell(session, [7], "application_submitted", NOW, path="/applications/12", **FILED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert told(database) == []


def test_nobody_to_tell(database: Database) -> None:
    with database.write() as session:
        assert tell(session, [], "application_submitted", NOW, path="/", **FILED) == 0
        assert tell_all(session, [], NOW) == 0
    assert told(database) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_in_both_languages(kind: str) -> None:
    params = {name: sample(name) for name in params_of(kind)}
    written = {}
    for language in ("ko", "en"):
        with speaking(language, TRANSLATIONS):
            written[language] = word(kind, params)
    for subject, body in written.values():
        assert subject
        assert body
        assert "%" not in subject + body
    english = "".join(written["en"])
    assert not [letter for letter in english if "가" <= letter <= "힣"], english
    for name in params_of(kind):
        if not name.endswith("_won") and name not in ("until", "starts"):
            assert str(sample(name)) in english


def test_money_days_and_moments_are_written_for_people(database: Database) -> None:
    until = datetime(2026, 4, 10, 9, 30, tzinfo=SEOUL)
    with database.write() as session:
        tell(session, [7], "return_due", NOW, path="/x", title="화단", amount_won=1_234_000, until=date(2026, 4, 10))
        tell(session, [7], "return_due", NOW, path="/x", title="화단", amount_won=0, until=until)
        tell(session, [7], "gate_due", NOW, path="/x", title="화단", gate=lazy_gettext("선정 사업"), until=until)
    day, moment, gate = told(database)
    assert "1,234,000원을 2026년 4월 10일 (금)까지" in day["body_ko"]
    assert "₩1,234,000 by Fri 10 Apr 2026." in day["body_en"]
    assert "2026년 4월 10일 (금) 09:30까지" in moment["body_ko"]
    assert "선정 사업" in gate["body_ko"]
    assert gate["body_ko"].endswith("\n기한: 2026년 4월 10일 (금) 09:30")  # not in its sentences: a line of its own
    assert gate["body_en"].endswith("\nDue: Fri 10 Apr 2026, 09:30")
    assert not [letter for letter in gate["body_en"] if "가" <= letter <= "힣"]


def test_what_is_named_is_not_told_twice_and_what_is_empty_not_at_all() -> None:
    with speaking("ko", TRANSLATIONS):
        refused = word("change_refused", {"title": "화단", "reason": "기간이 지났습니다", "note": "", "until": None})[1]
    assert refused.count("기간이 지났습니다") == 1
    assert "덧붙인 말" not in refused
    assert "기한" not in refused


def test_what_people_typed_is_text_and_fits() -> None:
    wild = {**FILED, "title": "100%(call)s\r\nBcc: all@example.org " + "가" * 400, "call": "나" * 5000}
    with speaking("ko", TRANSLATIONS):
        subject, body = word("application_submitted", wild)
    assert "100%(call)s Bcc:" in subject
    assert "\n" not in subject
    assert (len(subject), subject[-1], len(body)) == (SUBJECT_LENGTH, "…", BODY_LENGTH)


def test_no_words_no_notice(database: Database) -> None:
    for kind, params in (("no_such_kind", FILED), ("application_submitted", {"title": "화단"})):
        with pytest.raises(KeyError), database.write() as session:
            tell(session, [7], kind, NOW, path="/", **params)
    naive = datetime(2026, 4, 10)  # noqa: DTZ001
    with pytest.raises(ValueError, match="until"), database.write() as session:
        tell(session, [7], "settlement_due", NOW, path="/", title="화단", until=naive)
    assert told(database) == []


def test_the_language_of_a_request_stays_its_own(database: Database) -> None:
    """Told from within a page, the page goes on in its reader's language."""
    app = Flask(__name__)
    PoBabel(app, [TRANSLATIONS])
    word_of_grants = lazy_gettext("선정 사업")
    with app.test_request_context(headers={"Accept-Language": "en"}):
        before = str(word_of_grants)
        with database.write() as session:
            tell(session, [7], "application_submitted", NOW, path="/", **FILED)
        assert str(word_of_grants) == before != "선정 사업"


def test_results_for_five_thousand_are_a_bounded_number_of_statements(database: Database) -> None:
    statements: list[str] = []
    results = [
        Notice([number], "results_announced_selected", f"/applications/{number}",
               {"title": f"사업 {number}", "call": "통합공모", "awarded_won": number * 1000})
        for number in range(1, 5001)
    ]  # fmt: skip
    with database.write() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert tell_all(session, results, NOW) == 5000
    assert len(statements) <= 10
    rows = told(database)
    assert [each["account_id"] for each in rows] == list(range(1, 5001))
    assert "사업 5000" in rows[-1]["subject_en"]
    assert "₩5,000,000" in rows[-1]["body_en"]


def test_what_is_old_names_nobody_in_the_log(database: Database, house: Any) -> None:
    with database.write() as session:
        tell(session, [7], "application_submitted", NOW, path="/applications/12", **FILED)
        tell(session, [8], "application_submitted", NOW + timedelta(days=2), path="/applications/13", **FILED)
    later = NOW + timedelta(days=1)
    assert forget_old(database, later) == 0  # not yet published: booking must hear it first
    house.pump()
    assert forget_old(database, later) == 1
    assert forget_old(database, later) == 0
    first, second = told(database)
    assert (first["account_id"], first["path"], second["account_id"]) == (0, "/", 8)
    assert "화단" not in json.dumps(first, ensure_ascii=False)
    from_json(notices.TOLD, EVENTS[notices.TOLD].version, first)
    keep = house.settings.retention_days
    assert not notices.tick(database, house.settings, NOW + timedelta(days=keep + 3))
    assert [each["account_id"] for each in told(database)] == [0, 0]


# What the code of grants tells.


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in file.parts and file.relative_to(PACKAGE) != Path("notices.py"):
            yield file, ast.parse(file.read_text("utf-8"))


def spoken(call: ast.Call) -> tuple[ast.expr, set[str] | None] | None:
    """The kind that a call of `tell` or `Notice` tells, and the names it gives; None for names: made elsewhere."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in ("tell", "Notice"):
        return None
    place = 2 if name == "tell" else 1
    given = {word.arg: word.value for word in call.keywords}
    kind = given.get("kind") or (call.args[place] if len(call.args) > place else None)
    if kind is None:
        return None
    if name == "tell":
        return kind, None if None in given else {each for each in given if each}
    params = given.get("params") or (call.args[3] if len(call.args) > 3 else None)
    if isinstance(params, ast.Dict) and all(isinstance(key, ast.Constant) for key in params.keys):
        return kind, {str(key.value) for key in params.keys if isinstance(key, ast.Constant)}
    if isinstance(params, ast.Call) and getattr(params.func, "id", "") == "dict" and not params.args:
        return kind, {each.arg for each in params.keywords if each.arg}
    return kind, None


def kinds_of(kind: ast.expr) -> Iterator[str | None]:
    """The kinds in so many words, both of an `a if b else c`; None for one that is not said."""
    if isinstance(kind, ast.IfExp):
        yield from kinds_of(kind.body)
        yield from kinds_of(kind.orelse)
    else:
        yield kind.value if isinstance(kind, ast.Constant) and isinstance(kind.value, str) else None


def faults(module: ast.Module) -> Iterator[str]:
    """What is wrong with what a module tells. Where a helper takes the kind as an argument, its callers say it."""
    helpers: dict[str, int] = {}
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and (found := spoken(call)):
                kind, given = found
                if isinstance(kind, ast.Name) and kind.id in names:
                    helpers[function.name] = names.index(kind.id)
                    continue
                for each in kinds_of(kind):
                    yield from _faults_of(each, given, call.lineno)
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in helpers:
            place = helpers[call.func.id]
            said = next((each.value for each in call.keywords if each.arg == "kind"), None)
            kind_said = said or (call.args[place] if len(call.args) > place else None)
            for each in kinds_of(kind_said) if kind_said else ():
                yield from _faults_of(each, None, call.lineno)


def _faults_of(kind: str | None, given: set[str] | None, line: int) -> Iterator[str]:
    if kind is None:
        yield f"{line}: the kind is not said in so many words"
    elif kind not in KINDS:
        yield f"{line}: {kind} has no words"
    elif given is not None and params_of(kind) - given:
        yield f"{line}: {kind} misses {sorted(params_of(kind) - given)}"


def test_everything_that_is_told_has_its_words() -> None:
    found = [f"{file.relative_to(PACKAGE)}:{fault}" for file, module in sources() for fault in faults(module)]
    assert found == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("def f():\n    tell(s, [1], 'interim_due', now, path='/', title='t', until=d)", None),
        ("def f():\n    tell(s, [1], 'interim_due', now, path='/', **facts)", None),
        ("def f():\n    notices.tell(s, [1], 'no_kind', now, path='/')", "no_kind has no words"),
        ("def f():\n    tell(s, [1], 'interim_due', now, path='/', title='t')", "misses ['until']"),
        ("def f():\n    tell(s, [1], f'interim_{x}', now, path='/')", "not said"),
        ("def f():\n    Notice([1], 'gate_due' if x else 'none_due', '/', {'title': 1, 'gate': 2})", "none_due has no"),
        ("def f():\n    Notice([1], 'gate_due', '/', {'title': 1})", "misses ['gate']"),
        ("def _t(s, kind):\n    tell(s, [1], kind, now, path='/', title='')\n\n_t(1, 'nothing')", "nothing has no"),
        ("def _t(s, kind):\n    tell(s, [1], kind, now, path='/', title='')\n\n_t(1, 'gate_due')", None),
    ],
)
def test_the_look_at_the_code_sees_what_it_should(code: str, fault: str | None) -> None:
    found = list(faults(ast.parse(code)))
    assert found == [] if fault is None else (len(found) == 1 and fault in found[0])


def test_extras_have_english(translated: Callable[[str], str]) -> None:
    for line in EXTRAS.values():
        assert translated(str(line)) != str(line)


@pytest.fixture
def translated() -> Callable[[str], str]:
    return read_catalogues(catalogues(TRANSLATIONS, "en")).gettext
