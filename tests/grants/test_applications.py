"""Applications: receipt, idempotency, one at a time, correction, withdrawal, who may read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text

from services.grants import applications, calls, process, programmes
from services.grants.applying import facts
from services.grants.events import on_space_changed
from services.grants.models import Application, ApplicationStep, Filing, GroupMember, ProgrammeVersion
from services.grants.refusals import SENTENCES
from shared.bus.events import Event
from shared.bus.tables import outbox
from shared.refusal import Refusal
from tests.grants.conftest import (
    AFTER,
    CITY,
    CLOSES,
    DONGJAK,
    DURING,
    OPENS,
    SEONGBUK,
    answers,
    join_group,
    make_group,
    resident,
    terms,
)


def tell_space(database, number, district="11590", stage="open", name="사랑방"):
    payload = {
        "space_id": number,
        "name": name,
        "district": district,
        "stage": stage,
        "latitude": 37.5,
        "longitude": 126.9,
    }
    told = Event(f"e{number}{name}", "maps", "maps.space.changed", 1, f"space:{number}", 1, DURING, payload)
    with database.write() as session:
        on_space_changed(session, told)


def file(database, call, who=1, at=DURING, key="k", group_id=None, **changed):
    return applications.file(
        database,
        resident(who),
        at,
        call_id=call.id,
        group_id=group_id or make_group(database, who),
        answers=answers(**changed),
        key=key,
    )


def ask_for_correction(database, application_id, at=DURING, until=None):
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        process.move(session, application, call, "request_correction", DONGJAK, at, reason="금액을 다시 적어 주세요.")
        application.correct_by = until or at + timedelta(days=5)


def test_a_receipt_names_number_time_and_content(database, publish, apply):
    call = publish()
    first, second = apply(call, 1), apply(call, 2)
    assert [first.number, second.number] == [1, 2]
    assert first.receipt == f"2026-{call.id:04d}-0001"
    assert first.submitted_at == DURING
    assert len(first.filed_hash) == 64
    assert first.filed_hash != second.filed_hash  # another group
    assert (first.state, first.phase, first.district) == ("submitted", "intake", "11590")
    assert (first.title, first.members, first.requested_won) == ("골목 화단 가꾸기", 3, 2_000_000)
    with database.read() as session:
        filing = session.scalars(select(Filing).where(Filing.application_id == first.id)).one()
        step = session.scalars(select(ApplicationStep).where(ApplicationStep.application_id == first.id)).one()
        told = session.execute(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told")).scalars().all()
    assert (filing.number, filing.filed_hash, filing.answers["title"]) == (1, first.filed_hash, "골목 화단 가꾸기")
    assert (step.event, step.from_state, step.to_state) == ("submit", "draft", "submitted")
    assert {each["account_id"] for each in told} == {1, 2}
    assert first.receipt in told[0]["body_ko"]


def test_the_first_submission_freezes_the_rules(database, publish, apply):
    call = publish()
    apply(call)
    with database.read() as session:
        frozen_at = session.get_one(ProgrammeVersion, call.version_id).frozen_at
    apply(call, 2, DURING + timedelta(hours=1))
    with database.read() as session:
        assert session.get_one(ProgrammeVersion, call.version_id).frozen_at == frozen_at == DURING


def test_the_same_key_gives_the_same_receipt_even_after_the_close(database, publish):
    call = publish()
    first = file(database, call)
    assert file(database, call, at=CLOSES + timedelta(hours=1)).receipt == first.receipt
    with pytest.raises(Refusal, match="key_reused"):
        file(database, call, requested_won=1_000_000)
    with pytest.raises(Refusal, match="key_reused"):
        file(database, call, group_id=make_group(database, 1, key="second"))


def test_a_repeated_request_at_once_files_once(database, publish):
    call = publish()
    make_group(database, 1)
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: file(database, call).receipt, range(8)))
    assert len(set(receipts)) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Filing)) == 1


def test_one_application_of_a_group_until_it_is_withdrawn(database, publish):
    call, group_id = publish(), make_group(database, 1)
    join_group(database, group_id, 2)
    first = file(database, call, group_id=group_id)
    with pytest.raises(Refusal, match="already_applied"):
        file(database, call, key="another", group_id=group_id)
    with pytest.raises(Refusal, match="already_applied"):
        file(database, call, who=2, key="other", group_id=group_id)
    for who in (2, 1):  # anybody of the group, and again changes nothing
        applications.withdraw(database, resident(who), DURING, application_id=first.id)
    again = file(database, call, key="another", group_id=group_id)
    assert again.number == 2
    with database.read() as session:
        assert calls.counts(session, [call.id])[call.id].applications == 1


def test_a_group_applies_by_its_people_only(database, publish):
    call, group_id = publish(), make_group(database, 1)
    for other in (resident(2), DONGJAK, CITY):
        with pytest.raises(Refusal, match="not_found"):
            applications.file(database, other, DURING, call_id=call.id, group_id=group_id, answers=answers(), key="k")


def test_a_draft_of_a_call_takes_no_applications(database):
    draft = calls.create(database, DONGJAK, DURING, terms=terms(), key="a")
    with pytest.raises(Refusal, match="not_found"):
        file(database, draft)


def test_every_wrong_field_is_named_and_nothing_is_kept(database, publish):
    call = publish()
    with pytest.raises(Refusal) as refused:
        file(
            database,
            call,
            title="",
            requested_won="1e9",
            self_contribution_won="-1",
            place={"space_id": 99},
            members=[{"name": "김느티", "birth_year": "십"}],
            budget=[{"category": "people", "item": "rocket", "grant_won": "１２３"}],
            colour="초록",
        )
    assert refused.value.status == 422
    assert refused.value.fields == {
        "title": ["text_missing"],
        "requested_won": ["won_unclear"],
        "self_contribution_won": ["won_negative"],
        "place": ["space_unknown"],
        "members-0-birth_year": ["year_unclear"],
        "budget-0-line": ["item_unknown"],
        "budget-0-grant_won": ["won_unclear"],
        "colour": ["field_unknown"],
        "form": ["members_too_few"],
    }
    assert "3명 이상이어야 하는데 1명입니다." in str(SENTENCES["members_too_few"]) % refused.value.params
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 0


@pytest.mark.parametrize("key", ["", "x" * 65, "빈칸", "a b"])
def test_a_key_is_needed(database, publish, key):
    with pytest.raises(Refusal, match="key_missing"):
        file(database, publish(), key=key)


def test_a_space_of_the_district_gives_the_place(database, publish):
    call = publish()
    tell_space(database, 1)
    tell_space(database, 2, district="11290")
    tell_space(database, 3, stage="retired")
    placed = file(database, call, place={"space_id": "1"})
    assert (placed.space_id, placed.latitude, placed.longitude) == (1, 37.5, 126.9)
    tell_space(database, 1, name="새 이름")  # what it is called is not what was filed
    assert file(database, call, place={"space_id": "1"}).id == placed.id
    for space_id in (2, 3):
        with pytest.raises(Refusal, match="invalid_input"):
            file(database, call, who=5, place={"space_id": space_id})
    with database.read() as session:
        assert [space.id for space in applications.spaces_to_choose(session, "11590")] == [1]


def test_the_citys_own_call_asks_for_the_district(database, publish):
    call = publish(district=None)
    with pytest.raises(Refusal) as refused:
        file(database, call)
    assert refused.value.fields == {"district": ["choice_missing"]}
    group_id = make_group(database, 7, "11140")
    made = file(database, call, who=7, group_id=group_id, district="11140")
    assert made.district == "11140"


def test_who_is_of_another_district_or_barred_is_told_before_it_is_filed(database, publish):
    call = publish()
    with pytest.raises(Refusal) as refused:
        file(database, call, group_id=make_group(database, 1, "11290", key="else"))
    assert refused.value.fields == {"form": ["outside_district"]}


def test_the_people_of_an_application_are_offered_again_and_found_again(database, publish):
    call, group_id = publish(), make_group(database, 1)
    file(database, call, group_id=group_id)
    second = make_group(database, 2)
    file(database, call, who=2, group_id=second)
    with database.read() as session:
        keys = session.execute(
            select(GroupMember.person_key, func.count())
            .where(GroupMember.person_key != "")
            .group_by(GroupMember.person_key)
        ).all()
    assert len(keys) == 3
    assert {number for _, number in keys} == {2}  # the same three people behind both groups


def test_a_correction_is_a_filing_of_its_own_and_the_first_one_remains(database, publish):
    call = publish()
    first = file(database, call)
    ask_for_correction(database, first.id)
    saved = applications.save(
        database,
        resident(1),
        DURING,
        application_id=first.id,
        revision=99,
        values={"title": "골목 텃밭", "plan": "상추를 심습니다."},
    )
    assert not saved.conflicts
    for _ in range(2):  # the same key again changes nothing
        again = applications.correct(database, resident(1), DURING, application_id=first.id, key="c1")
    assert (again.state, again.title, again.receipt) == ("submitted", "골목 텃밭", first.receipt)
    with database.read() as session:
        filings = applications.filings_of(session, first.id)
        assert [each.number for each in filings] == [1, 2]
        assert [each.answers["title"] for each in filings] == ["골목 화단 가꾸기", "골목 텃밭"]
        assert again.filed_hash == filings[1].filed_hash != filings[0].filed_hash
        events = session.scalars(
            select(ApplicationStep.event).where(ApplicationStep.application_id == first.id).order_by(ApplicationStep.id)
        ).all()
    assert events == ["submit", "request_correction", "correct"]
    assert file(database, call).id == first.id  # the first request again is the first request still


def test_a_late_or_unasked_correction_is_refused_and_keeps_what_was_typed(database, publish):
    first = file(database, publish())
    with pytest.raises(Refusal, match="step_not_possible"):
        applications.correct(database, resident(1), DURING, application_id=first.id, key="c")
    with pytest.raises(Refusal, match="already_submitted"):
        applications.save(database, resident(1), DURING, application_id=first.id, revision=9, values={"title": "새"})
    ask_for_correction(database, first.id, until=DURING + timedelta(days=1))
    applications.save(database, resident(1), DURING, application_id=first.id, revision=9, values={"title": "새 이름"})
    with pytest.raises(Refusal, match="correction_late"):
        applications.correct(database, resident(1), DURING + timedelta(days=1), application_id=first.id, key="c")
    with database.read() as session:
        kept = session.get_one(Application, first.id)
        assert (kept.typed["title"], kept.title, kept.state) == ("새 이름", "골목 화단 가꾸기", "correcting")


def test_only_the_group_withdraws_and_what_is_over_stays(database, publish, apply):
    application = apply(publish())
    for other in (resident(2), DONGJAK, CITY):
        with pytest.raises(Refusal, match="not_found"):
            applications.withdraw(database, other, DURING, application_id=application.id)
    with database.write() as session:
        locked, call = applications.locked(session, application.id)
        locked.reason = "자격이 없습니다."
        process.move(session, locked, call, "refuse", DONGJAK, AFTER, reason=locked.reason)
    with pytest.raises(Refusal, match="step_not_possible"):
        applications.withdraw(database, resident(1), AFTER, application_id=application.id)


def test_reading_is_for_the_group_and_the_district_and_the_latter_is_recorded(database, publish, apply):
    application = apply(publish())
    for other, code in ((resident(2), "other_district"), (SEONGBUK, "other_district")):
        with pytest.raises(Refusal, match=code):
            applications.view(database, other, DURING, application_id=application.id)
    for reader in (resident(1), DONGJAK, CITY):
        assert applications.view(database, reader, DURING, application_id=application.id).title == application.title
    with database.read() as session:
        viewers = session.execute(text("SELECT account_id FROM audit WHERE action = 'application.viewed' ORDER BY id"))
        assert viewers.scalars().all() == [DONGJAK.account_id, CITY.account_id]


def test_staff_of_the_group_cannot_look_as_staff(database, publish):
    call = publish()
    group_id = make_group(database, 1)
    join_group(database, group_id, 2)
    application = file(database, call, group_id=group_id)
    assert applications.view(database, resident(2), DURING, application_id=application.id).id == application.id


def test_eligibility_for_the_staff_says_what_is_met(database, publish, apply):
    application = apply(publish())
    with database.read() as session:
        it = session.get_one(Application, application.id)
        call = session.get_one(calls.Call, it.call_id)
        checks, limits = facts.of_application(session, it, call, AFTER)
    assert [(each.kind.key, each.state) for each in checks] == [
        ("members_at_least", "met"),
        ("lives_in_district", "met"),
    ]
    assert not limits


def test_a_second_award_in_a_year_is_refused_at_the_door(database, publish):
    first = publish()
    group_id = make_group(database, 1)
    made = file(database, first, group_id=group_id)
    with database.write() as session:
        it = session.get_one(Application, made.id)
        it.state, it.phase, it.awarded_won = "selected", "selected", 1_000_000
    second = publish()
    file(database, second, key="hidden", group_id=group_id)  # what is not announced gives nothing away
    with database.write() as session:
        session.get_one(Application, made.id).announced_at = AFTER
    third = publish()
    with pytest.raises(Refusal) as refused:
        file(database, third, key="late", group_id=group_id)
    assert refused.value.fields == {"form": ["group_awards_reached"]}


def test_a_submission_takes_few_statements(database, publish, apply):
    call = publish()
    apply(call, 1)
    make_group(database, 2)
    statements = []

    def count(conn, cursor, statement, *more):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement.split()[0])

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        file(database, call, who=2, key="x", group_id=make_group(database, 2))
    finally:
        event.remove(database.engine, "before_cursor_execute", count)
    assert len(statements) - 1 <= 14, statements  # one of them finds the group again; three name its people


def test_listing_ones_applications_takes_a_bounded_number_of_queries(database, publish):
    for number in range(6):
        file(database, publish(), key=f"k{number}", group_id=make_group(database, 1, key=f"g{number}"))
    statements = []

    def count(conn, cursor, statement, *more):
        statements.append(statement)

    with database.read() as session:
        event.listen(database.engine, "before_cursor_execute", count)
        try:
            found = applications.mine(session, resident(1))
            rules = {programmes.rules_of_application(session, each).label.ko for each in found}
            titles = [each.call.title for each in found]
        finally:
            event.remove(database.engine, "before_cursor_execute", count)
    assert len(titles) == 6
    assert len(rules) == 1
    assert len([each for each in statements if each.startswith("SELECT")]) == 1
    assert found[0].submitted_at > OPENS
