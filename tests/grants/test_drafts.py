"""Drafts: written by several people at once, resumed, copied, never lost."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services.grants import applications, audit_trail, closing, files, funded, group_members
from services.grants.applying import attaching
from services.grants.expenses import reading
from services.grants.intake import checking
from services.grants.models import AUDIT, Application
from services.grants.readers import READERS
from services.grants.rules.file_kinds import ANY, Kind
from services.grants.rules.files import examine
from shared.refusal import Refusal
from tests.grants import file_makers
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
    told,
)


def begin(database, call, who=1, at=DURING, group_id=None, copy_from=None):
    group_id = group_id or make_group(database, who)
    return applications.begin(database, resident(who), at, call_id=call.id, group_id=group_id, copy_from=copy_from)


def save(database, draft, who=1, at=DURING, revision=None, **values):
    revision = draft.revision if revision is None else revision
    return applications.save(database, resident(who), at, application_id=draft.id, revision=revision, values=values)


def look(database, draft, who=1, at=DURING):
    return applications.look(database, resident(who), at, application_id=draft.id)


def shared_draft(database, call):
    group_id = make_group(database, 1)
    join_group(database, group_id, 2)
    return begin(database, call, group_id=group_id)


def test_fill_once(database, publish):
    call, group_id = publish(), make_group(database, 1)
    applications.file(database, resident(1), DURING, call_id=call.id, group_id=group_id, answers=answers(), key="first")
    draft = begin(database, publish(), group_id=group_id)
    assert {each["name"] for each in draft.typed["members"]} == {"주민 1", "김느티", "이나무", "박골목"}
    assert draft.revision == 1


def test_one_draft_of_a_group_however_often_and_by_whomever_it_is_begun(database, publish):
    call, group_id = publish(), make_group(database, 1)
    join_group(database, group_id, 2)
    made = []
    gate = threading.Barrier(6)

    def start(who):
        gate.wait()
        made.append(begin(database, call, who=who, group_id=group_id).id)

    threads = [threading.Thread(target=start, args=(1 + number % 2,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1
    invited = told(database, "invited_to_draft")  # the other of the two, once
    assert [each["path"] for each in invited] == [f"/applications/{made[0]}/draft"]


def test_two_people_who_save_different_fields_both_win(database, publish):
    draft = shared_draft(database, publish())
    save(database, draft, who=1, title="골목 화단")
    saved = save(database, draft, who=2, plan="꽃을 심습니다.")  # of the same, older revision
    assert not saved.conflicts
    assert (saved.application.typed["title"], saved.application.typed["plan"]) == ("골목 화단", "꽃을 심습니다.")
    assert saved.application.revision == 3


def test_the_same_field_changed_meanwhile_comes_back_with_both_texts(database, publish):
    draft = shared_draft(database, publish())
    save(database, draft, who=1, title="골목 화단", plan="꽃")
    saved = save(database, draft, who=2, title="골목 텃밭", requested_won="100")
    (conflict,) = saved.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs) == ("title", "골목 텃밭", "골목 화단")
    assert saved.application.typed["title"] == "골목 화단"  # nothing is overwritten
    assert saved.application.typed["requested_won"] == "100"  # and nothing else is lost
    knowing = save(database, saved.application, who=2, title="골목 텃밭과 화단")
    assert not knowing.conflicts
    assert knowing.application.typed["title"] == "골목 텃밭과 화단"


def test_saving_at_once_loses_nothing(database, publish):
    draft = shared_draft(database, publish())
    fields = {"title": "가", "plan": "나", "requested_won": "3", "self_contribution_won": "4"}
    gate = threading.Barrier(len(fields))

    def write(name, value):
        gate.wait()
        save(database, draft, **{name: value})

    threads = [threading.Thread(target=write, args=each) for each in fields.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    typed = look(database, draft).application.typed
    assert {name: typed[name] for name in fields} == fields


def test_what_is_typed_is_kept_raw_whatever_is_wrong_with_it(database, publish):
    draft = begin(database, publish())
    wrong = {"requested_won": "1e9", "self_contribution_won": "１２３", "title": "  ", "plan": "끝\ud800"}
    save(database, draft, **wrong, budget=[{"category": "people", "item": "x", "grant_won": "-1"}])
    opened = look(database, draft)
    assert opened.application.typed["requested_won"] == "1e9"
    assert opened.application.typed["plan"] == "끝\ufffd"  # half of a character is none
    assert opened.application.typed["budget"][0]["grant_won"] == "-1"
    assert not opened.checked.ready
    assert opened.checked.reading.errors["requested_won"] == ["won_unclear"]
    assert opened.checked.reading.errors["title"] == ["text_missing"]
    assert opened.checked.reading.errors["budget-0-grant_won"] == ["won_negative"]


def test_an_unknown_field_and_a_draft_without_end_are_refused(database, publish):
    draft = begin(database, publish())
    with pytest.raises(Refusal) as refused:
        save(database, draft, colour="초록")
    assert refused.value.fields == {"colour": ["field_unknown"]}
    with pytest.raises(Refusal) as refused:
        save(database, draft, plan="가" * 400_001)
    assert refused.value.fields == {"form": ["draft_too_long"]}


def test_only_the_group_sees_a_draft(database, publish):
    draft = begin(database, publish())
    for other in (resident(2), DONGJAK):
        with pytest.raises(Refusal, match="not_found"):
            applications.look(database, other, DURING, application_id=draft.id)
        with pytest.raises(Refusal, match="not_found"):
            applications.save(database, other, DURING, application_id=draft.id, revision=1, values={"title": "x"})
        with pytest.raises(Refusal, match="not_found"):
            applications.submit(database, other, DURING, application_id=draft.id, key="k")
        with pytest.raises(Refusal, match="not_found"):
            applications.view(database, other, DURING, application_id=draft.id)


def test_what_was_never_filed_is_not_open_to_the_staff_by_any_way(database, publish):
    draft = begin(database, publish())
    attaching.attach(
        database,
        resident(1),
        DURING,
        application_id=draft.id,
        field="files",
        found=[files.examined("files", "plan.pdf", file_makers.pdf(), ANY)],
        key="k",
    )
    with database.read() as session:
        (attached,) = files.of_subject(session, "application", draft.id)
        assert funded.opened(session, resident(1), draft.id).own
        for staff in (DONGJAK, SEONGBUK, CITY):
            with pytest.raises(Refusal, match="not_found"):
                funded.opened(session, staff, draft.id)
            with pytest.raises(Refusal, match="not_found"):
                files.look(session, staff, attached.id, READERS)
            with pytest.raises(Refusal, match="not_found"):
                reading.reached(session, staff, draft.id)
    with pytest.raises(Refusal, match="not_found"):
        closing.record_of(database, DONGJAK, DURING, application_id=draft.id)
    with pytest.raises(Refusal, match="not_found"):
        audit_trail.read(database, DONGJAK, DURING, draft.id)


def test_who_left_the_group_writes_no_more(database, publish):
    draft = shared_draft(database, publish())
    save(database, draft, who=2, title="함께")
    group_members.leave(database, resident(2), DURING, draft.group_id)
    with pytest.raises(Refusal, match="not_found"):
        save(database, draft, who=2, title="혼자")


def test_a_filed_draft_is_what_was_typed(database, publish):
    draft = begin(database, publish())
    save(database, draft, **answers())
    assert look(database, draft).checked.ready
    filed = applications.submit(database, resident(1), DURING, application_id=draft.id, key="k")
    assert (filed.number, filed.state, filed.title) == (1, "submitted", "골목 화단 가꾸기")
    again = applications.submit(database, resident(1), AFTER, application_id=draft.id, key="k")
    assert again.receipt == filed.receipt
    with pytest.raises(Refusal, match="already_submitted"):
        applications.submit(database, resident(1), DURING, application_id=draft.id, key="other")
    with pytest.raises(Refusal, match="already_submitted"):
        save(database, draft, title="늦은 글")


def test_a_refused_submission_leaves_the_draft_as_it_is(database, publish):
    draft = begin(database, publish())
    saved = save(database, draft, title="제목만").application
    with pytest.raises(Refusal) as refused:
        applications.submit(database, resident(1), DURING, application_id=draft.id, key="k")
    assert refused.value.fields["budget"] == ["budget_missing"]
    kept = look(database, draft).application
    assert (kept.typed, kept.revision, kept.number, kept.phase) == (saved.typed, saved.revision, None, "draft")


def test_a_direct_filing_does_not_run_over_a_draft(database, publish):
    call = publish()
    draft = begin(database, call)
    with pytest.raises(Refusal, match="draft_exists"):
        applications.file(
            database, resident(1), DURING, call_id=call.id, group_id=draft.group_id, answers=answers(), key="k"
        )


def test_a_draft_of_a_closed_call_stays_readable_and_goes_into_the_next(database, publish):
    call = publish()
    draft = begin(database, call)
    save(database, draft, **answers())
    with pytest.raises(Refusal, match="call_closed"):
        applications.submit(database, resident(1), CLOSES, application_id=draft.id, key="k")
    opened = look(database, draft, at=AFTER)
    assert opened.late
    assert opened.application.typed["title"] == "골목 화단 가꾸기"
    save(database, opened.application, at=AFTER, plan="마감 뒤에도 남습니다.")
    with pytest.raises(Refusal, match="call_closed"):
        begin(database, call, who=3, at=AFTER)
    following = publish(
        opens_at=AFTER, closes_at=AFTER + timedelta(days=20), results_on=(AFTER + timedelta(days=30)).date()
    )
    copied = begin(database, following, at=AFTER + timedelta(days=1), group_id=draft.group_id, copy_from=draft.id)
    assert copied.typed["title"] == "골목 화단 가꾸기"
    assert copied.typed["plan"] == "마감 뒤에도 남습니다."
    with pytest.raises(Refusal, match="not_found"):  # of another group
        begin(database, following, who=5, at=AFTER + timedelta(days=1), copy_from=draft.id)


def test_a_draft_given_up_makes_room_for_another(database, publish):
    call = publish()
    draft = begin(database, call)
    save(database, draft, title="처음 생각")
    applications.withdraw(database, resident(1), DURING, application_id=draft.id)
    again = begin(database, call, copy_from=draft.id)
    assert again.id != draft.id
    assert again.typed["title"] == "처음 생각"


def test_drafting_ahead_is_possible_and_submitting_is_not(database, publish):
    call = publish()
    draft = begin(database, call, at=OPENS - timedelta(hours=2))
    save(database, draft, **answers())
    with pytest.raises(Refusal, match="call_not_open_yet"):
        applications.submit(database, resident(1), OPENS - timedelta(hours=1), application_id=draft.id, key="k")


def test_files_belong_to_what_is_filed(database, publish):
    draft = begin(database, publish())
    save(database, draft, **answers())
    file = examine("계획.txt", "봄에 꽃을 심습니다.".encode(), {Kind.TXT})
    (made,) = attaching.attach(
        database, resident(1), DURING, application_id=draft.id, field="files", found=[file], key="f1"
    )
    with pytest.raises(Refusal, match="not_found"):
        attaching.attach(database, resident(2), DURING, application_id=draft.id, field="files", found=[file], key="f")
    with pytest.raises(Refusal, match="invalid_input"):
        attaching.attach(database, resident(1), DURING, application_id=draft.id, field="plan", found=[file], key="f")
    filed = applications.submit(database, resident(1), DURING, application_id=draft.id, key="k")
    with database.read() as session:
        (filing,) = applications.filings_of(session, filed.id)
    assert [(each["name"], each["sha256"]) for each in filing.files] == [(made.name, made.sha256)]
    with pytest.raises(Refusal, match="already_submitted"):
        attaching.remove(database, resident(1), DURING, application_id=filed.id, attachment_id=made.id)


def test_what_was_filed_stays_on_record_when_a_correction_takes_it_away(database, publish):
    draft = begin(database, publish())
    save(database, draft, **answers())
    who = {"application_id": draft.id}
    made = []
    for number in range(2):
        file = examine(f"계획 {number}.txt", f"봄에 꽃 {number}".encode(), {Kind.TXT})
        made += attaching.attach(database, resident(1), DURING, field="files", found=[file], key=f"f{number}", **who)
    attaching.remove(database, resident(1), DURING, attachment_id=made[1].id, **who)
    applications.submit(database, resident(1), DURING, key="k", **who)
    checking.request_correction(database, DONGJAK, DURING, reason="계획을 다시 내 주세요.", **who)
    attaching.remove(database, resident(1), DURING, attachment_id=made[0].id, **who)
    applications.correct(database, resident(1), DURING, key="k2", **who)
    with database.read() as session:
        first, second = applications.filings_of(session, draft.id)
    assert ([each["id"] for each in first.files], second.files) == ([made[0].id], [])
    _, content = files.read(database, DONGJAK, DURING, attachment_id=made[0].id, readers=READERS)
    assert content == "봄에 꽃 0".encode()
    with pytest.raises(Refusal, match="not_found"):
        files.read(database, resident(1), DURING, attachment_id=made[1].id, readers=READERS)


def test_each_save_is_recorded_without_what_was_written(database, publish):
    draft = begin(database, publish())
    save(database, draft, title="비밀 계획")
    save(database, draft, title="비밀 계획", revision=9)  # nothing new
    with database.read() as session:
        rows = session.execute(select(AUDIT.c.details).where(AUDIT.c.action == "application.saved")).scalars().all()
        drafts = session.scalar(select(func.count()).select_from(Application))
    assert rows == [{"fields": ["title"], "revision": 2}]
    assert "비밀" not in json.dumps(rows, ensure_ascii=False)
    assert drafts == 1
