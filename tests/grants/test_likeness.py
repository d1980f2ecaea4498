"""Alike texts, and applications that have too much in common."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from services.grants.rules import duplicates, likeness
from services.grants.rules.conflicts import Person
from services.grants.rules.duplicates import APPLIED_TWICE, CEILING_SPLIT, PERSON_BEHIND_GROUPS, Filed

PLAN = "봄마다 골목에 꽃을 심고 이웃과 함께 물을 줍니다. 가을에는 씨앗을 거두어 나눕니다. 아이들도 함께합니다."


def words(seed: int, count: int) -> str:
    chance = random.Random(seed)  # noqa: S311 - made-up texts
    letters = "가나다라마바사아자차카타파하고노도로모보소오조초코토포호"
    return " ".join("".join(chance.choices(letters, k=chance.randint(1, 5))) for _ in range(count))


def test_spaces_punctuation_and_width_make_no_difference() -> None:
    assert likeness.likeness(PLAN, PLAN.replace(" ", "").replace(".", "!!")) == 1.0


def test_other_texts_are_not_alike() -> None:
    assert (
        likeness.likeness(PLAN, "동네 도서관에서 어르신과 책을 읽고 이야기를 나누는 모임을 한 달에 두 번 엽니다.") < 0.1
    )


def test_nothing_is_like_nothing() -> None:
    assert likeness.likeness("", "") == 0.0
    assert likeness.alike({1: likeness.sketch(""), 2: likeness.sketch("")}) == {}


def test_short_texts_are_compared_as_a_whole() -> None:
    assert likeness.alike({1: likeness.sketch("꽃길"), 2: likeness.sketch("꽃 길"), 3: likeness.sketch("책방")}) == {
        (1, 2): 1.0
    }


def test_an_estimate_is_near_the_truth() -> None:
    one = words(1, 400)
    other = one[:900] + words(2, 120)
    truth = likeness.likeness(one, other)
    assert abs(likeness.estimated(likeness.sketch(one), likeness.sketch(other)) - truth) < 0.2


def test_the_alike_ones_are_found_among_five_thousand_with_a_common_beginning() -> None:
    common = words(0, 40)
    texts = {number: f"{common} {words(number, 60)}" for number in range(1, 5001)}
    texts[4000] = texts[17].replace("가", "나", 5)
    found = likeness.alike({number: likeness.sketch(text) for number, text in texts.items()}, least=0.8)
    assert (17, 4000) in found
    assert len(found) == 1


def test_a_text_that_very_many_copied_is_told_without_comparing_all_with_all() -> None:
    found = likeness.alike({number: likeness.sketch(PLAN) for number in range(500)})
    assert len(found) == 499


def test_differences_put_together_are_the_texts() -> None:
    one, other = "봄에 꽃을 심고\n가을에 거둡니다.", "봄에 나무를 심고\n가을에 거둡니다."
    left, right = likeness.differences(one, other)
    assert "".join(text for _, text in left) == one
    assert "".join(text for _, text in right) == other
    assert [text for same, text in left if not same] == ["꽃을 "]
    assert [text for same, text in right if not same] == ["나무를 "]


def filed(number: int, **changed: object) -> Filed:
    values: dict[str, object] = {
        "application_id": number,
        "requested_won": 2_000_000,
        "people": (Person(number * 10), Person(number * 10 + 1), Person(number * 10 + 2)),
        "leaders": (Person(number * 10),),
    }
    return Filed(**(values | changed))  # type: ignore[arg-type]


def test_strangers_make_no_pair() -> None:
    assert duplicates.pairs({1: filed(1), 2: filed(2)}, {}, 3_000_000) == []


def test_one_shared_member_is_no_reason_but_a_shared_leader_is() -> None:
    shared = filed(2, people=(Person(12), Person(21), Person(22)))
    assert duplicates.pairs({1: filed(1), 2: shared}, {}, 3_000_000) == []
    led = filed(2, leaders=(Person(10),), people=(Person(10), Person(21)))
    (pair,) = duplicates.pairs({1: filed(1), 2: led}, {}, 3_000_000)
    assert pair.leader
    assert pair.codes == (PERSON_BEHIND_GROUPS,)


@pytest.mark.parametrize(
    "changed",
    [{"account": "100200300"}, {"people": (Person(10), Person(11), Person(99)), "leaders": (Person(99),)}],
)
def test_the_same_account_or_half_the_people_is_one_behind_two_groups(changed: dict[str, object]) -> None:
    one = filed(1, account="100200300")
    (pair,) = duplicates.pairs({1: one, 2: filed(2, **changed)}, {}, 3_000_000)
    assert PERSON_BEHIND_GROUPS in pair.codes


def test_two_alike_applications_of_the_same_people_over_the_ceiling_are_a_split() -> None:
    two = {1: filed(1, account="100200300"), 2: filed(2, account="100200300")}
    assert duplicates.pairs(two, {(1, 2): 0.9}, 3_000_000)[0].codes == (PERSON_BEHIND_GROUPS, CEILING_SPLIT)
    assert CEILING_SPLIT not in duplicates.pairs(two, {(1, 2): 0.9}, 4_000_000)[0].codes
    assert CEILING_SPLIT not in duplicates.pairs(two, {}, 3_000_000)[0].codes


def test_a_certificate_that_a_group_hands_to_two_calls_is_no_second_project() -> None:
    papers: dict[str, object] = {"files": frozenset({"certificate"}), "people": (Person(1),), "leaders": (Person(1),)}
    one, other = filed(1, group=7, call=1, **papers), filed(2, group=7, call=2, **papers)
    assert duplicates.compare(one, other, 0.0, 3_000_000).codes == ()
    assert duplicates.compare(one, other, 0.9, 3_000_000).codes == (CEILING_SPLIT, APPLIED_TWICE)
    assert duplicates.compare(one, replace(other, group=8), 0.0, None).codes == (PERSON_BEHIND_GROUPS, APPLIED_TWICE)
    assert duplicates.compare(one, replace(other, call=1), 0.0, 3_000_000).codes == (CEILING_SPLIT,)


def test_alike_texts_of_strangers_are_shown_but_no_fault_by_themselves() -> None:
    (pair,) = duplicates.pairs({1: filed(1), 2: filed(2)}, {(1, 2): 0.8}, 3_000_000)
    assert pair.text == 0.8
    assert pair.codes == ()
