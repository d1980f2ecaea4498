"""The draw: the same for everybody who runs it, fair by its stated weights, and told when somebody touched it."""

import copy
import hashlib
import hmac
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.rules import draw
from services.booking.rules.draw import Entry, Terms, commitment, next_in_line, nonce_of, receipt, tickets_of

SLOTS = ("1", "2", "3", "4")
RULES = (("first_timer", 2), ("resident", 1), ("won_lately", -3))
SEED = "5f" * 32


def terms(**changed):
    return Terms(
        **{"name": "lottery:1", "slots": SLOTS, "base": 2, "tickets": RULES, "wins": 1, "stretch": 1} | changed
    )


@st.composite
def lists(draw_one):
    wishes = st.lists(st.sampled_from(SLOTS), min_size=1, max_size=4, unique=True)
    rules = st.lists(st.sampled_from([code for code, _ in RULES]), unique=True)
    people = draw_one(st.lists(st.tuples(st.text(max_size=6), rules, wishes), max_size=9))
    return [
        Entry(number, nonce_of(words), tuple(which), tuple(wanted))
        for number, (words, which, wanted) in enumerate(people, 1)
    ]


@given(lists(), st.integers(1, 3), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_everybody_gets_the_same_result_whatever_the_order_and_it_obeys_its_rules(entries, wins, random):
    asked = terms(wins=wins)
    results = draw.draw(asked, entries, SEED)
    shuffled = random.sample(entries, len(entries))
    assert draw.draw(asked, shuffled, SEED) == results
    assert draw.list_hash(asked, shuffled) == draw.list_hash(asked, entries)
    # a slot has one winner, who wished for it; nobody wins too much; what nobody won nobody could have taken
    winners = Counter(slot for each in results for slot in each.won)
    assert set(winners.values()) <= {1}
    by_number = {each.number: each for each in entries}
    assert {each.entry for each in results} == by_number.keys()
    for place, each in enumerate(results, 1):
        assert each.rank == place
        assert each.tickets == max(1, sum(count for _, count in each.parts))
        assert [outcome.slot for outcome in each.outcomes] == list(by_number[each.entry].wishes)
        assert len(each.won) <= wins
        if len(each.won) < wins:
            assert all(outcome.became in ("won", "taken") for outcome in each.outcomes)
    # who won one slot only was never passed over by somebody of a lower rank for a wish that came before it
    if wins == 1:
        assert all(outcome.by < each.rank for each in results for outcome in each.outcomes if outcome.became == "taken")


@given(lists(), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_a_published_receipt_agrees_with_itself_after_the_way_through_json(entries, wins):
    asked = terms(wins=wins)
    results = draw.draw(asked, entries, SEED)
    made = json.loads(json.dumps(receipt(asked, entries, commitment(SEED), SEED, results)))
    assert draw.problems(made) == []
    assert draw.results_of(made) == results


ENTRIES = [
    Entry(1, nonce_of("해바라기"), ("first_timer", "resident"), ("1", "2")),
    Entry(2, nonce_of("강아지"), ("won_lately",), ("1",)),
    Entry(3, nonce_of("7"), (), ("2", "1", "3")),
    Entry(4, nonce_of(""), ("resident",), ("1", "2", "3")),
]


def published():
    return receipt(terms(), ENTRIES, commitment(SEED), SEED, draw.draw(terms(), ENTRIES, SEED))


def test_the_numbers_are_those_that_the_docstring_lets_one_calculate_by_hand():
    """Fixed for all times: a change of the procedure would make old receipts disagree."""
    fingerprint = draw.list_hash(terms(), ENTRIES)
    assert fingerprint == "e0c55b4be0e028068149725a632a338d8d363d4feed523068b9fdeba3c4c33b9"
    key = hashlib.pbkdf2_hmac("sha256", SEED.encode(), fingerprint.encode(), 1)
    tickets = {1: 5, 2: 1, 3: 2, 4: 3}
    by_hand = {
        each.number: min(
            hmac.new(key, f"{each.number}:{ticket}:{each.nonce}".encode(), "sha256").hexdigest()
            for ticket in range(1, tickets[each.number] + 1)
        )
        for each in ENTRIES
    }
    results = draw.draw(terms(), ENTRIES, SEED)
    assert [(each.entry, each.number) for each in results] == sorted(by_hand.items(), key=lambda pair: pair[1])
    assert [(each.entry, each.tickets, each.won) for each in results] == [
        (3, 2, ["2"]),
        (1, 5, ["1"]),
        (4, 3, ["3"]),
        (2, 1, []),
    ]


def test_weights_are_stated_and_never_below_one():
    assert tickets_of(terms(), ("first_timer", "resident")) == (5, (("base", 2), ("first_timer", 2), ("resident", 1)))
    assert tickets_of(terms(), ("won_lately",)) == (1, (("base", 2), ("won_lately", -3)))
    assert tickets_of(terms(base=500), ())[0] == draw.MOST_TICKETS


def test_chances_are_as_the_tickets_say():
    """Of 1,200 draws with 3, 2 and 1 tickets the first ranks divide 3 : 2 : 1, and the others as without the first."""
    asked = terms(slots=("1",), base=1, tickets=(("a", 1), ("b", 2)))
    entries = [Entry(1, "x", (), ("1",)), Entry(2, "x", ("a",), ("1",)), Entry(3, "x", ("b",), ("1",))]
    runs = [[each.entry for each in draw.draw(asked, entries, f"seed {number}")] for number in range(1200)]
    first = Counter(run[0] for run in runs)
    for entry, expected in ((1, 200), (2, 400), (3, 600)):
        assert abs(first[entry] - expected) < 65  # four standard deviations and more
    then = Counter(run[1] for run in runs if run[0] == 3)
    assert abs(then[2] / then.total() - 2 / 3) < 0.09


def test_every_nonce_moves_every_number():
    """So who knows the seed still cannot know the result before the last entry."""
    before = {each.entry: each.number for each in draw.draw(terms(), ENTRIES, SEED)}
    others = [*ENTRIES[:3], Entry(4, nonce_of("다른 말"), ENTRIES[3].rules, ENTRIES[3].wishes)]
    after = {each.entry: each.number for each in draw.draw(terms(), others, SEED)}
    assert all(before[entry] != after[entry] for entry in before)


def _drop_an_entry(document):
    document["list"]["entries"].pop()


def _give_more_tickets(document):
    document["list"]["entries"][1]["rules"] = ["first_timer"]


def _change_a_nonce(document):
    document["list"]["entries"][0]["nonce"] = nonce_of("다른 말")


def _change_the_rules(document):
    document["list"]["wins"] = 2


def _swap_the_winners(document):
    document["results"][0], document["results"][1] = document["results"][1], document["results"][0]


def _lie_about_a_reason(document):
    document["results"][-1]["outcomes"][0]["by"] = 99


def _take_another_seed(document):
    document["seed"] = "00" * 32


def _forget_a_part(document):
    del document["list"]["entries"][0]["nonce"]


def _not_yet(document):
    document["seed"] = None


@pytest.mark.parametrize(
    ("touch", "told"),
    [
        (_drop_an_entry, {"list_changed", "results_differ"}),
        (_give_more_tickets, {"list_changed", "results_differ"}),
        (_change_a_nonce, {"list_changed", "results_differ"}),
        (_change_the_rules, {"list_changed", "results_differ"}),
        (_swap_the_winners, {"results_differ"}),
        (_lie_about_a_reason, {"results_differ"}),
        (_take_another_seed, {"seed_not_committed", "results_differ"}),
        (_forget_a_part, {"malformed"}),
        (_not_yet, {"not_drawn"}),
    ],
)
def test_whoever_touches_a_receipt_is_found(touch, told):
    document = copy.deepcopy(published())
    touch(document)
    assert set(draw.problems(document)) == told


@pytest.mark.parametrize("nonsense", [None, [], {}, {"format": draw.FORMAT}, "x", {"list": []}])
def test_what_is_no_receipt_is_said_to_be_none(nonsense):
    assert draw.problems(nonsense) == ["malformed"]


def test_a_list_that_contradicts_itself_is_not_drawn():
    for wrong in (
        [ENTRIES[0], ENTRIES[0]],
        [Entry(1, "x", (), ("9",))],
        [Entry(1, "x", (), ("1", "1"))],
    ):
        with pytest.raises(ValueError, match="entr"):
            draw.draw(terms(), wrong, SEED)
    for changed in ({"slots": ("1", "1")}, {"tickets": (("base", 1),)}, {"wins": 0}):
        with pytest.raises(ValueError, match=r"twice|at least"):
            draw.draw(terms(**changed), [], SEED)


def test_what_a_winner_does_not_want_goes_to_the_next_rank_that_wished_for_it():
    results = draw.draw(terms(), ENTRIES, SEED)
    winner = next(each for each in results if "1" in each.won)
    wins = Counter(each.entry for each in results for _ in each.won)
    line, passed = [], {winner.entry}
    while found := next_in_line(results, "1", passed, wins, most=1):
        line.append(found.rank)
        passed.add(found.entry)
    expected = [each.rank for each in results if not each.won and any(one.slot == "1" for one in each.outcomes)]
    assert line == expected
    assert expected


def test_the_file_alone_checks_a_receipt(tmp_path):
    """As somebody does who has Python and the two files, and nothing of ours."""
    program = tmp_path / "draw.py"
    program.write_text(Path(draw.__file__).read_text("utf-8"), "utf-8")
    paper = tmp_path / "receipt.json"

    def check(document):
        paper.write_text(json.dumps(document), "utf-8")
        command = [sys.executable, "-I", str(program), str(paper)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        return ran.returncode, ran.stdout

    code, said = check(published())
    assert code == 0
    assert said.endswith("AGREES\n")
    assert said.count("entry") == len(ENTRIES)
    document = published()
    _swap_the_winners(document)
    code, said = check(document)
    assert (code, said.splitlines()[-1]) == (1, "DOES NOT AGREE: results_differ")


def test_the_command_says_what_it_cannot_read(tmp_path, capsys):
    assert draw.main([]) == 2
    assert draw.main([str(tmp_path / "none.json")]) == 2
    paper = tmp_path / "receipt.json"
    paper.write_text("[]", "utf-8")
    assert draw.main([str(paper)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "DOES NOT AGREE: malformed"
