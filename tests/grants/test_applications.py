"""Applications: receipt, deadline, idempotency, withdrawal, who may read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from services.grants import applications, calls
from services.grants.events import on_space_changed
from services.grants.models import Application
from services.grants.workflow import public_state
from shared.bus.events import Event
from shared.refusal import Refusal
from tests.grants.conftest import AFTER, CITY, CLOSES, DONGJAK, DURING, SEONGBUK, filing, resident, terms


def tell_space(database, number, district="11590", stage="open", name="사랑방"):
    payload = {
        "space_id": number,
        "name": name,
        "district": district,
        "stage": stage,
        "latitude": 37.5,
        "longitude": 126.9,
    }
    event = Event(f"e{number}", "maps", "maps.space.changed", 1, f"space:{number}", 1, DURING, payload)
    with database.write() as session:
        on_space_changed(session, event)


def test_a_receipt_names_number_time_and_content(database, publish, apply):
    call = publish()
    first, second = apply(call, 1), apply(call, 2)
    assert [first.number, second.number] == [1, 2]
    assert first.receipt == f"2026-{call.id:04d}-0001"
    assert first.submitted_at == DURING
    assert len(first.filed_hash) == 64
    assert first.filed_hash == second.filed_hash  # the same content
    assert first.district == "11590"


def test_the_same_key_gives_the_same_receipt_even_after_the_close(database, publish, apply):
    call = publish()
    first = apply(call)
    assert apply(call, at=CLOSES + timedelta(hours=1)).receipt == first.receipt
    with pytest.raises(Refusal, match="key_reused"):
        apply(call, requested_won=1_000_000)


def test_late_by_one_second_is_late_and_nothing_is_kept(database, publish, apply):
    call = publish()
    with pytest.raises(Refusal, match="call_closed"):
        apply(call, at=CLOSES + timedelta(seconds=1))
    apply(call, at=CLOSES - timedelta(seconds=1))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 1


def test_a_draft_takes_no_applications(database):
    draft = calls.create(database, DONGJAK, DURING, terms=terms(), key="a")
    with pytest.raises(Refusal, match="not_found"):
        applications.submit(database, resident(), DURING, call_id=draft.id, filing=filing(), key="k")


def test_one_application_a_call_until_it_is_withdrawn(database, publish, apply):
    call = publish()
    first = apply(call)
    with pytest.raises(Refusal, match="already_applied"):
        applications.submit(database, resident(), DURING, call_id=call.id, filing=filing(), key="another")
    applications.withdraw(database, resident(), DURING, application_id=first.id)
    applications.withdraw(database, resident(), DURING, application_id=first.id)
    again = applications.submit(database, resident(), DURING, call_id=call.id, filing=filing(), key="another")
    assert again.number == 2
    with database.read() as session:
        assert calls.counts(session, [call.id])[call.id].applications == 1


def test_every_wrong_field_is_named(database, publish):
    call = publish()
    wrong = filing(group_name="", members=None, requested_won=3_000_001, space_id=99)
    with pytest.raises(Refusal) as refused:
        applications.submit(
            database,
            resident(),
            DURING,
            call_id=call.id,
            filing=wrong,
            key="k",
            unread={"self_contribution_won": ["won_unclear"]},
        )
    assert refused.value.status == 422
    assert refused.value.fields == {
        "group_name": ["text_missing"],
        "members": ["number_missing"],
        "requested_won": ["requested_over_ceiling"],
        "space_id": ["space_unknown"],
        "self_contribution_won": ["won_unclear"],
    }


@pytest.mark.parametrize("key", ["", "x" * 65, "빈칸", "a b"])
def test_a_key_is_needed(database, publish, key):
    with pytest.raises(Refusal, match="key_missing"):
        applications.submit(database, resident(), DURING, call_id=publish().id, filing=filing(), key=key)


def test_a_space_of_the_district_gives_the_place(database, publish, apply):
    call = publish()
    tell_space(database, 1)
    tell_space(database, 2, district="11290")
    tell_space(database, 3, stage="retired")
    placed = apply(call, 1, space_id=1)
    assert (placed.latitude, placed.longitude) == (37.5, 126.9)
    for space_id in (2, 3):
        with pytest.raises(Refusal, match="invalid_input"):
            apply(call, 5, space_id=space_id)
    with database.read() as session:
        assert [space.id for space in applications.spaces_to_choose(session, "11590")] == [1]
        assert [space.id for space in applications.spaces_to_choose(session, None)] == [2, 1]


def test_the_citys_own_call_keeps_the_chosen_district(database, publish, apply):
    call = publish(district=None)
    assert apply(call, district="11140").district == "11140"
    with database.read() as session:
        applications.of_call(session, CITY, call.id)
        with pytest.raises(Refusal, match="other_district"):
            applications.of_call(session, DONGJAK, call.id)


def test_only_the_applicant_withdraws(database, publish, apply):
    application = apply(publish())
    for other in (resident(2), DONGJAK, CITY):
        with pytest.raises(Refusal, match="not_found"):
            applications.withdraw(database, other, DURING, application_id=application.id)


def test_reading_is_for_the_applicant_and_the_district_and_the_latter_is_recorded(database, publish, apply):
    application = apply(publish())
    for other in (resident(2), SEONGBUK):
        with pytest.raises(Refusal, match="other_district"):
            applications.view(database, other, DURING, application_id=application.id)
    for reader in (resident(1), DONGJAK, CITY):
        assert applications.view(database, reader, DURING, application_id=application.id).title == application.title
    with database.read() as session:
        viewers = session.execute(text("SELECT account_id FROM audit WHERE action = 'application.viewed' ORDER BY id"))
        assert viewers.scalars().all() == [DONGJAK.account_id, CITY.account_id]


def test_the_public_word_changes_with_the_close(database, publish, apply):
    call = publish()
    application = apply(call)
    assert public_state(application, call, DURING) == "submitted"
    assert public_state(application, call, AFTER) == "under_review"


def test_thirty_groups_in_the_last_minute_get_numbers_of_their_own(database, publish):
    call = publish()

    def file(number):
        at = CLOSES - timedelta(seconds=15) + timedelta(seconds=number)
        try:
            return applications.submit(
                database, resident(number), at, call_id=call.id, filing=filing(), key="k"
            ).receipt
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(file, range(1, 31)))
    assert answers.count("call_closed") == 16  # from the closing second on
    receipts = [answer for answer in answers if answer != "call_closed"]
    assert len(set(receipts)) == 14
    with database.read() as session:
        numbers = session.scalars(select(Application.number).order_by(Application.number)).all()
    assert numbers == list(range(1, 15))


def test_a_repeated_request_at_once_files_once(database, publish, apply):
    call = publish()
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: apply(call).receipt, range(8)))
    assert len(set(receipts)) == 1
