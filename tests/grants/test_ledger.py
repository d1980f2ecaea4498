"""The ledger: append-only in the database itself, never beyond the budget, right as of any day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from services.grants import balance, ledger
from services.grants.demo import budget as demo_budget
from services.grants.ledger import Entry
from services.grants.models import Application, Call, Posting
from services.grants.policy import city_date
from shared.refusal import Refusal
from tests.grants.conftest import AFTER, CITY, DONGJAK
from tests.grants.paying import LATER, selected

NOW = datetime(2020, 12, 1, tzinfo=UTC)
DAY = date(2020, 3, 1)
AWARDED = city_date(AFTER)


@pytest.fixture
def line(database):
    """A line with 1,000 won."""
    made = ledger.open_line(database, CITY, NOW, year=2020, position=1, division="담당관", programme="사업")
    ledger.post(database, CITY, NOW, line_id=made.id, entry=Entry("appropriation", 1000, DAY), key="budget")
    return made.id


def post(database, line, kind, won, on=DAY, key=None):
    key = key or f"{kind}:{won}:{on}"
    return ledger.post(database, CITY, NOW, line_id=line, entry=Entry(kind, won, on), key=key)


def figures(database, as_of=date(2020, 12, 31)):
    with database.read() as session:
        (division,) = ledger.table(session, year=2020, as_of=as_of)
        return division.lines[0].balance


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE posting SET amount_won = 1",
        "UPDATE posting SET memo = 'other' WHERE id = (SELECT min(id) FROM posting)",
        "DELETE FROM posting",
        "DELETE FROM posting WHERE id = (SELECT min(id) FROM posting)",
    ],
)
def test_the_database_refuses_to_change_a_posting(database, line, change):
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text(change))
    assert figures(database).original_won == 1000


def test_replacing_a_posting_is_refused_too(database, line):
    columns = "id, line_id, kind, amount_won, posted_on, memo, idempotency_key, posted_at"
    verb = "INSERT OR REPLACE" if database.is_sqlite else "INSERT"
    change = f"{verb} INTO posting ({columns}) SELECT {columns.replace('amount_won', '5')} FROM posting"  # noqa: S608
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text(change))
    assert figures(database).original_won == 1000


def test_figures_are_sums_as_of_any_day(database, line):
    post(database, line, "transfer", -200, date(2020, 4, 1))
    post(database, line, "carryover", 100, date(2020, 4, 2))
    post(database, line, "commitment", 600, date(2020, 5, 1))
    post(database, line, "expenditure", 500, date(2020, 6, 1))
    post(database, line, "return", 50, date(2020, 7, 1))
    post(database, line, "decommitment", 100, date(2020, 8, 1))
    assert figures(database) == balance.Balance(1000, 900, 500, 450)
    assert figures(database, date(2020, 6, 1)) == balance.Balance(1000, 900, 600, 500)
    assert figures(database, date(2020, 4, 1)) == balance.Balance(1000, 800, 0, 0)
    assert figures(database, date(2020, 2, 29)) == balance.Balance()
    assert str(figures(database).commitment_rate) == "55.6"


@pytest.mark.parametrize(
    ("kind", "won", "on", "code"),
    [
        ("commitment", 401, DAY, "budget_exceeded"),
        ("expenditure", 301, date(2020, 5, 1), "commitment_exceeded"),
        ("decommitment", 301, date(2020, 5, 1), "commitment_exceeded"),
        ("transfer", -401, date(2020, 5, 1), "budget_exceeded"),
        ("return", 301, date(2020, 5, 1), "nothing_returned"),
        # It would fit today, but not at the end of the day it is dated to.
        ("expenditure", 1, date(2020, 3, 31), "commitment_exceeded"),
        ("commitment", 1, date(2020, 2, 1), "budget_exceeded"),
    ],
)
def test_what_would_break_the_rule_on_any_day_is_refused(database, line, kind, won, on, code):
    post(database, line, "commitment", 600, date(2020, 4, 1))
    post(database, line, "expenditure", 300, date(2020, 4, 1))
    with pytest.raises(Refusal, match=code):
        post(database, line, kind, won, on)
    assert figures(database) == balance.Balance(1000, 1000, 600, 300)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Entry("gift", 1, DAY), "kind_unknown"),
        (Entry("commitment", 0, DAY), "won_not_positive"),
        (Entry("expenditure", -1, DAY), "won_not_positive"),
        (Entry("transfer", 10**14, DAY), "won_too_large"),
        (Entry("commitment", 1, NOW.date() + timedelta(days=1)), "posted_in_future"),
    ],
)
def test_an_entry_that_is_none_is_refused(database, line, entry, code):
    with pytest.raises(Refusal) as refused:
        ledger.post(database, CITY, NOW, line_id=line, entry=entry, key="k")
    assert [code] in refused.value.fields.values()


def test_a_retry_posts_once_and_other_content_is_refused(database, line):
    first = post(database, line, "commitment", 100, key="k")
    assert post(database, line, "commitment", 100, key="k").id == first.id
    with pytest.raises(Refusal, match="key_reused"):
        post(database, line, "commitment", 101, key="k")
    assert figures(database).commitment_won == 100


def test_only_city_staff_posts(database, line):
    with pytest.raises(Refusal, match="not_allowed"):
        ledger.post(database, DONGJAK, NOW, line_id=line, entry=Entry("commitment", 1, DAY), key="k")
    with pytest.raises(Refusal, match="not_found"):
        post(database, line + 1, "commitment", 1)


def test_all_or_none(database, line):
    entries = [(Entry("commitment", 900, DAY), "a"), (Entry("commitment", 200, DAY), "b")]
    with pytest.raises(Refusal, match="budget_exceeded"):
        ledger.post_all(database, CITY, NOW, line_id=line, entries=entries)
    assert figures(database).commitment_won == 0


def test_postings_made_at_once_never_exceed_the_budget(database, line):
    def commit(number):
        try:
            return post(database, line, "commitment", 150, key=f"c{number}").amount_won
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(commit, range(8)))
    assert answers.count(150) == 6
    assert answers.count("budget_exceeded") == 2
    assert figures(database).commitment_won == 900


def test_a_retry_at_once_posts_once(database, line):
    with ThreadPoolExecutor(8) as pool:
        made = {each.id for each in pool.map(lambda _: post(database, line, "commitment", 300, key="k"), range(8))}
    assert len(made) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Posting)) == 2


@pytest.fixture
def award(database, publish):
    """An award of 1,000 won on the line of its call: (line, application)."""
    call = publish(budget_won=10_000, ceiling_won=3_000)
    project = selected(database, call, awarded_won=1000, commit=False)
    return call.line_id, project.id


def post_for(database, award, kind, won, on=AWARDED, key=None):
    line_id, application_id = award
    entries = [(Entry(kind, won, on), key or f"{kind}:{won}:{on}")]
    with database.write() as session:
        return ledger.post_within(
            session, DONGJAK, LATER, line_id=line_id, application_id=application_id, entries=entries
        )


def of(database, award, as_of=None):
    with database.read() as session:
        return ledger.of_application(session, award[1], as_of)


def test_an_application_keeps_the_rule_by_itself(database, award):
    """The line has 10,000 won: what is refused is refused by the award."""
    with pytest.raises(Refusal, match="commitment_exceeded"):
        post_for(database, award, "expenditure", 1)
    with pytest.raises(Refusal, match="award_exceeded"):
        post_for(database, award, "commitment", 1001)
    post_for(database, award, "commitment", 1000)
    with pytest.raises(Refusal, match="award_exceeded"):
        post_for(database, award, "commitment", 1, key="more")
    post_for(database, award, "expenditure", 700)
    with pytest.raises(Refusal, match="commitment_exceeded"):
        post_for(database, award, "decommitment", 301)
    with pytest.raises(Refusal, match="nothing_returned"):
        post_for(database, award, "return", 701)
    post_for(database, award, "return", 200)
    with pytest.raises(Refusal, match="award_exceeded"):  # what came back is not paid a second time
        post_for(database, award, "expenditure", 301)
    post_for(database, award, "expenditure", 300)
    assert of(database, award) == balance.Balance(0, 0, 1000, 800)


def test_what_another_award_committed_is_not_spent_for_this_one(database, publish, award):
    with database.read() as session:
        call = session.get_one(Call, session.get_one(Application, award[1]).call_id)
    selected(database, call, accounts=(7,), awarded_won=2000)
    post_for(database, award, "commitment", 500)
    with pytest.raises(Refusal, match="commitment_exceeded"):
        post_for(database, award, "expenditure", 501)


def test_an_application_keeps_the_rule_at_the_end_of_every_day(database, award):
    post_for(database, award, "commitment", 1000, AWARDED + timedelta(days=2))
    with pytest.raises(Refusal, match="commitment_exceeded"):
        post_for(database, award, "expenditure", 1, AWARDED + timedelta(days=1))
    post_for(database, award, "expenditure", 1, AWARDED + timedelta(days=2))
    assert of(database, award, AWARDED + timedelta(days=1)) == balance.Balance()
    assert of(database, award, AWARDED + timedelta(days=2)) == balance.Balance(0, 0, 1000, 1)


def test_a_key_of_one_application_is_not_another_ones(database, publish, award):
    post_for(database, award, "commitment", 10, key="k")
    assert len(post_for(database, award, "commitment", 10, key="k")) == 1
    with pytest.raises(Refusal, match="key_reused"):
        post_for(database, (award[0], award[1] + 1), "commitment", 10, key="k")
    assert of(database, award).commitment_won == 10


def test_awards_of_many_are_posted_together_or_not_at_all(database, publish):
    call = publish(budget_won=10_000, ceiling_won=3_000)
    ids = [selected(database, call, accounts=(each,), awarded_won=3000, commit=False).id for each in (1, 2, 3, 4)]

    def commit(applications):
        items = [(each, Entry("commitment", 3000, AWARDED), f"award:{each}") for each in applications]
        with database.write() as session:
            return ledger.post_many(session, DONGJAK, LATER, line_id=call.line_id, items=items)

    with pytest.raises(Refusal, match="budget_exceeded"):
        commit(ids)
    assert len(commit(ids[:3])) == len(commit(ids[:3])) == 3
    with database.read() as session:
        sums = ledger.of_applications(session, ids)
    assert [sums[each].commitment_won for each in ids] == [3000, 3000, 3000, 0]


def test_a_posting_costs_the_same_however_many_there_are(database, award):
    def queries(number):
        found = []

        def seen(connection, cursor, statement, parameters, *rest):
            found.append(statement)

        event.listen(database.engine, "after_cursor_execute", seen)
        try:
            post_for(database, award, "commitment", 1, key=f"n:{number}")
        finally:
            event.remove(database.engine, "after_cursor_execute", seen)
        return len(found)

    few = queries(0)
    for number in range(1, 40):
        post_for(database, award, "commitment", 1, key=f"n:{number}")
    assert queries(40) == few <= 12


def test_payments_of_one_award_at_once_stay_within_it(database, award):
    post_for(database, award, "commitment", 1000)

    def spend(number):
        try:
            return post_for(database, award, "expenditure", 300, key=f"e:{number}")[0].amount_won
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(spend, range(6)))
    assert answers.count(300) == 3
    assert answers.count("commitment_exceeded") == 3  # the line holds no other commitment
    assert of(database, award).expenditure_won == 900


KINDS = st.sampled_from(balance.KINDS)
ENTRIES = st.lists(
    st.builds(Entry, KINDS, st.integers(1, 9), st.integers(0, 5).map(lambda n: DAY + timedelta(days=n))), max_size=12
)


@given(ENTRIES)
def test_what_is_accepted_keeps_the_rule_on_every_day_and_in_any_order(entries):
    kept: list[Entry] = []
    for entry in entries:
        try:
            balance.check([*kept, entry])
        except Refusal:
            continue
        kept.append(entry)
    assert balance.check(kept) == balance.check(reversed(kept))
    for day in range(6):
        until = [entry for entry in kept if entry.posted_on <= DAY + timedelta(days=day)]
        sums: dict[str, int] = {}
        for entry in until:
            sums[entry.kind] = sums.get(entry.kind, 0) + entry.amount_won
        now = balance.Balance.of(sums)
        assert 0 <= now.expenditure_won <= now.commitment_won <= now.adjusted_won


def test_the_printed_lines_add_up_to_the_divisions():
    lines = demo_budget.all_lines()
    assert len(lines) == 22 + 4
    for division, printed in demo_budget.TOTALS.items():
        sums = [sum(figures) for figures in zip(*(won for name, _, won in lines if name == division), strict=True)]
        assert sums == [1000 * figure for figure in printed]
