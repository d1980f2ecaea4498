"""Programmes: installed, copied, changed, released, frozen, retired; whose they are; the call that runs a version."""

import copy
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from services.grants import calls, programmes
from services.grants.models import Call, Programme, ProgrammeVersion
from services.grants.programmes import building, labels, reading
from services.grants.ready import READY
from services.grants.rules.comparison import differences
from services.grants.rules.definition import Words
from services.grants.schemas import definition as documents
from shared.identity.actor import NOBODY
from shared.refusal import Refusal
from tests.grants.conftest import AFTER, CITY, DONGJAK, DURING, OPENS, SEONGBUK, resident, terms

BEFORE = OPENS - timedelta(days=2)
NAME = Words("우리 동네 사업", "Our programme")


@pytest.fixture
def city(database):
    """The version of the city's 통합공모."""
    programmes.ensure(database, BEFORE)
    with database.read() as session:
        newest = programmes.newest(session, "integrated_call")
        return building.readable(session, CITY, newest.id)[0]


@pytest.fixture
def own(database, city):
    """A copy of 동작구's own, not released yet."""
    return building.copy(database, DONGJAK, BEFORE, version_id=city.id, district="11590", name=NAME, key="copy-1")


def changed(version, **parts):
    """The version's document with some of its parts replaced."""
    return copy.deepcopy(version.definition) | parts


def save(database, version, actor=DONGJAK, seen=None, at=BEFORE, **parts):
    return building.change(
        database,
        actor,
        at,
        version_id=version.id,
        seen=version.definition_hash if seen is None else seen,
        document=changed(version, **parts),
    )


def release(database, version, actor=DONGJAK, at=BEFORE):
    return building.release(database, actor, at, version_id=version.id, seen=version.definition_hash)


def actions(database, like="programme.%"):
    with database.read() as session:
        found = session.execute(text("SELECT action FROM audit WHERE action LIKE :like ORDER BY id"), {"like": like})
        return [action for (action,) in found if action != "programme.installed"]


def test_the_ready_made_ones_are_installed_once(database):
    programmes.ensure(database, BEFORE)
    programmes.ensure(database, DURING)
    with database.write() as session:
        assert programmes.install(session, DURING) == 0
        found = session.scalars(select(Programme)).all()
        assert {each.key for each in found} == set(READY)
        versions = session.scalars(select(ProgrammeVersion)).all()
        assert [each.number for each in versions] == [1] * len(READY)
        assert all(each.released_at for each in versions)
        assert set(labels.newest_rules(session)) == set(READY)


def test_they_are_installed_once_whoever_comes_first(database):
    threads = [threading.Thread(target=programmes.ensure, args=(database, BEFORE)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert len(session.scalars(select(ProgrammeVersion)).all()) == len(READY)


def test_a_copy_is_its_districts_own_and_made_once(database, city, own):
    again = building.copy(database, DONGJAK, BEFORE, version_id=city.id, district="11590", name=NAME, key="copy-1")
    assert again.id == own.id
    with database.read() as session:
        programme = session.get_one(Programme, own.programme_id)
    assert (programme.district, programme.copied_from, own.number, own.released_at) == ("11590", city.id, 1, None)
    assert own.definition["label"] == {"ko": "우리 동네 사업", "en": "Our programme"}
    assert own.definition["transitions"] == city.definition["transitions"]
    second = building.copy(database, DONGJAK, BEFORE, version_id=own.id, district="11590", name=NAME, key="copy-2")
    assert second.programme_id != own.programme_id
    fresh = building.create(database, CITY, BEFORE, ready="dong_plan", district=None, name=NAME, key="new-1")
    assert documents.load(fresh.definition).limits.dong_won == 30_000_000
    assert actions(database) == ["programme.copied"] * 3


def test_two_clicks_at_once_make_one_copy(database, city):
    made = []

    def click():
        made.append(
            building.copy(database, DONGJAK, BEFORE, version_id=city.id, district="11590", name=NAME, key="same").id
        )

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


@pytest.mark.parametrize("actor", [SEONGBUK, resident(), NOBODY])
def test_nobody_else_writes_a_districts_programme(database, city, own, actor):
    for refused in (
        lambda: building.copy(database, actor, BEFORE, version_id=city.id, district="11590", name=NAME, key="b"),
        lambda: save(database, own, actor),
        lambda: release(database, own, actor),
        lambda: building.next_version(database, actor, BEFORE, programme_id=own.programme_id),
        lambda: building.retire(database, actor, BEFORE, programme_id=own.programme_id),
        lambda: save(database, city, actor),
    ):
        with pytest.raises(Refusal, match="other_district"):
            refused()


def test_a_district_does_not_write_the_citys(database, city):
    with pytest.raises(Refusal, match="other_district"):
        save(database, city, DONGJAK)
    with pytest.raises(Refusal, match="other_district"):
        building.copy(database, DONGJAK, BEFORE, version_id=city.id, district=None, name=NAME, key="x")


def test_a_draft_may_contradict_itself_but_is_not_released(database, own):
    short = own.definition["tranches"][:1]
    kept = save(database, own, tranches=short)
    assert kept.definition["tranches"] == short
    with pytest.raises(Refusal, match="programme_inconsistent") as refusal:
        release(database, kept)
    assert refusal.value.fields == {"tranches": ["tranches_not_hundred"]}
    again = save(database, kept, tranches=own.definition["tranches"])
    assert release(database, again).released_at == BEFORE
    assert actions(database) == [
        "programme.copied",
        "programme.changed",
        "programme.changed",
        "programme.released",
    ]


def test_two_editors_do_not_overwrite_each_other(database, own):
    save(database, own, objection_days=14)
    with pytest.raises(Refusal, match="rules_changed_meanwhile"):
        save(database, own, objection_days=7)
    with database.read() as session:
        kept = session.get_one(ProgrammeVersion, own.id, options=[building.WHOLE])
    assert kept.definition["objection_days"] == 14
    assert save(database, own, objection_days=14).id == own.id  # the same again is no quarrel
    with pytest.raises(Refusal, match="rules_changed_meanwhile"):
        release(database, own)


def test_two_editors_at_once_one_wins(database, own):
    told = []

    def edit(days):
        try:
            save(database, own, objection_days=days)
            told.append("saved")
        except Refusal as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=edit, args=(days,)) for days in (11, 12, 13, 14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["rules_changed_meanwhile"] * 3 + ["saved"]


def test_the_form_counts_its_changes(database, own):
    form = copy.deepcopy(own.definition["form"])
    form["fields"].append({"key": "more", "kind": "text", "label": {"ko": "더", "en": "More"}, "required": False})
    kept = save(database, own, form=form)
    assert kept.definition["form"]["version"] == 2
    assert save(database, kept, objection_days=3).definition["form"]["version"] == 2


def test_frozen_rules_stay_and_the_next_version_goes_on(database, publish):
    call = publish()
    with database.write() as session:
        version = session.get_one(ProgrammeVersion, call.version_id, options=[building.WHOLE])
        programmes.freeze(session, version, DURING)
        programmes.freeze(session, version, AFTER)
    assert version.frozen_at == DURING
    with pytest.raises(Refusal, match="rules_frozen"):
        save(database, version, CITY, objection_days=14)
    following = building.next_version(database, CITY, DURING, programme_id=version.programme_id)
    assert building.next_version(database, CITY, DURING, programme_id=version.programme_id).id == following.id
    assert (following.number, following.definition_hash) == (2, version.definition_hash)
    kept = save(database, following, CITY, objection_days=14)
    with database.read() as session:
        assert programmes.newest(session, "integrated_call").id == version.id  # until the draft is released
    release(database, kept, CITY)
    other = publish(title="다른 공고")
    with database.read() as session:
        assert programmes.rules_of_call(session, session.get_one(Call, call.id)).objection_days == 10
        assert programmes.rules_of_call(session, session.get_one(Call, other.id)).objection_days == 14


def test_a_published_call_sees_a_change_before_the_first_submission_and_stands_under_it(database, publish):
    call = publish(ceiling_won=3_000_000)
    with database.read() as session:
        version = session.get_one(ProgrammeVersion, call.version_id, options=[building.WHOLE])
    for limits in ({"project_won": 2_999_999}, {"project_won": 1}):
        with pytest.raises(Refusal, match="rules_in_use"):
            save(database, version, CITY, limits=limits)
    strands = [each for each in version.definition["strands"] if each["key"] != "group_space"]
    with pytest.raises(Refusal, match="rules_in_use"):
        save(database, version, CITY, strands=strands)
    with pytest.raises(Refusal, match="programme_inconsistent"):
        save(database, version, CITY, tranches=version.definition["tranches"][:1])
    save(database, version, CITY, limits={"project_won": 3_000_000})
    with database.read() as session:
        assert programmes.rules_of_call(session, session.get_one(Call, call.id)).limits.project_won == 3_000_000


def test_the_first_submission_and_a_change_at_once(database, publish):
    """Whatever comes first: what was submitted under the old rules never stands under new ones without being told."""
    call = publish()
    with database.read() as session:
        version = session.get_one(ProgrammeVersion, call.version_id, options=[building.WHOLE])
    told = []

    def submit():
        try:
            with database.write() as session:
                programmes.freeze(session, session.get_one(ProgrammeVersion, version.id), DURING)
            told.append("frozen")
        except Refusal as refusal:
            told.append(refusal.code)

    def edit():
        try:
            save(database, version, CITY, objection_days=14)
            told.append("saved")
        except Refusal as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=work) for work in (submit, edit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(told) in ({"frozen", "saved"}, {"frozen", "rules_frozen"}, {"rules_changed", "saved"})
    with database.read() as session:
        kept = session.get_one(ProgrammeVersion, version.id, options=[building.WHOLE])
    assert (kept.definition["objection_days"] == 14) == ("saved" in told)


def test_a_call_runs_what_is_released_and_its_own(database, own):
    with database.read() as session:
        key = session.get_one(Programme, own.programme_id).key
    wanted = terms(programme=key)
    with pytest.raises(Refusal) as refusal:
        calls.create(database, DONGJAK, BEFORE, terms=wanted, key="early")
    assert refusal.value.fields["programme"] == ["programme_unknown"]
    release(database, own)
    call = calls.create(database, DONGJAK, BEFORE, terms=wanted, key="now")
    with pytest.raises(Refusal) as refusal:
        calls.create(database, SEONGBUK, BEFORE, terms=terms(programme=key, district="11290"), key="theirs")
    assert refusal.value.fields["programme"] == ["programme_unknown"]
    building.retire(database, DONGJAK, BEFORE, programme_id=own.programme_id)
    with pytest.raises(Refusal) as refusal:
        calls.publish(database, DONGJAK, BEFORE, call_id=call.id)
    assert refusal.value.fields == {"programme": ["programme_retired"]}
    building.retire(database, DONGJAK, BEFORE, programme_id=own.programme_id, back=True)
    assert calls.publish(database, DONGJAK, BEFORE, call_id=call.id).version_id == own.id
    assert actions(database)[-2:] == ["programme.retired", "programme.revived"]


def test_a_draft_call_that_no_longer_fits_is_not_published(database):
    programmes.ensure(database, BEFORE)
    call = calls.create(database, CITY, BEFORE, terms=terms(), key="a")
    with database.read() as session:
        version = building.readable(session, CITY, programmes.newest(session, "integrated_call").id)[0]
    save(database, version, CITY, limits={"project_won": 1_000_000})
    with pytest.raises(Refusal) as refusal:
        calls.publish(database, CITY, BEFORE, call_id=call.id)
    assert refusal.value.fields == {"ceiling_won": ["ceiling_over_programme"]}


def test_retired_programmes_are_not_changed(database, own):
    building.retire(database, DONGJAK, BEFORE, programme_id=own.programme_id)
    for refused in (
        lambda: save(database, own, objection_days=1),
        lambda: building.next_version(database, DONGJAK, BEFORE, programme_id=own.programme_id),
    ):
        with pytest.raises(Refusal, match="programme_retired"):
            refused()


def test_everyone_reads_what_is_released_and_who_runs_it_the_drafts(database, own):
    with database.read() as session:
        for actor in (DONGJAK, CITY):
            assert reading.listed(session, actor)[1] == len(READY) + 1
            assert reading.shown(session, actor, own.programme_id).version.id == own.id
        assert reading.shown(session, DONGJAK, own.programme_id).owns
        for actor in (SEONGBUK, resident(), NOBODY):
            assert reading.listed(session, actor)[1] == len(READY)
            with pytest.raises(Refusal, match="not_found"):
                reading.shown(session, actor, own.programme_id)
            with pytest.raises(Refusal, match="not_found"):
                building.readable(session, actor, own.id)
        assert reading.listed(session, NOBODY, district="11290")[1] == len(READY)
    with pytest.raises(Refusal, match="not_found"):
        building.copy(database, SEONGBUK, BEFORE, version_id=own.id, district="11290", name=NAME, key="theirs")
    released = release(database, own)
    following = building.next_version(database, DONGJAK, BEFORE, programme_id=own.programme_id)
    with database.read() as session:
        shown = {who: reading.shown(session, who, own.programme_id) for who in (DONGJAK, SEONGBUK)}
        assert [each.id for each in shown[DONGJAK].versions] == [following.id, released.id]
        assert [each.id for each in shown[SEONGBUK].versions] == [released.id]
        assert not shown[SEONGBUK].owns
        with pytest.raises(Refusal, match="not_found"):
            reading.two(session, SEONGBUK, own.id, following.id)


def test_the_list_takes_the_same_queries_however_long_it_is(database, city):
    for number in range(12):
        building.copy(database, DONGJAK, BEFORE, version_id=city.id, district="11590", name=NAME, key=f"k-{number}")
    asked = []
    with database.read() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2]))
        found, total = reading.listed(session, CITY)
    assert len(found) == total == 12 + len(READY)
    assert len([each for each in asked if each.startswith("SELECT")]) <= 3


def test_two_versions_are_compared_by_their_rows(database, own):
    document = changed(own, objection_days=14, limits={"project_won": 4_000_000, "group_awards": 1})
    document["form"]["fields"][0]["longest"] = 60
    document["form"]["fields"].append({"key": "more", "kind": "text", "label": {"ko": "더"}})
    del document["requirements"][0]
    document["tranches"][0]["percent"], document["tranches"][1]["percent"] = 50, 50
    document["states"][1], document["states"][2] = document["states"][2], document["states"][1]
    found = {(each.part, each.where, each.kind) for each in differences(own.definition, document)}
    rule = own.definition["requirements"][0]["rule"]
    assert found == {
        ("objection_days", (), "changed"),
        ("limits", ("project_won",), "changed"),
        ("form", ("fields", "title", "longest"), "changed"),
        ("form", ("fields", "more"), "added"),
        ("requirements", (rule,), "removed"),
        ("tranches", ("1", "percent"), "changed"),
        ("tranches", ("2", "percent"), "changed"),
        ("states", ("order",), "changed"),
    }
    assert differences(own.definition, copy.deepcopy(own.definition)) == []
