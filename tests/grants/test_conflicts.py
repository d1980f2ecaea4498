"""When a reviewer has an interest: the rule by itself."""

from __future__ import annotations

import pytest

from services.grants.rules.conflicts import Person, detect, normal_address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("서울특별시 동작구 상도로 12, 101동 202호", "동작구 상도로 12 101동 202호"),
        ("서울 동작구 상도로12 (상도동)", "동작구 상도로 12"),
        ("동작구 상도로 １２", "동작구 상도로 12"),
    ],
)
def test_the_same_home_written_differently(one: str, other: str) -> None:
    assert normal_address(one) == normal_address(other) != ""


@pytest.mark.parametrize(("one", "other"), [("상도로 12-3", "상도로 123"), ("상도로 12 101호", "상도로 12 102호")])
def test_other_homes_stay_apart(one: str, other: str) -> None:
    assert normal_address(one) != normal_address(other)


def test_an_address_without_a_number_names_nobodys_home() -> None:
    assert normal_address("서울 동작구 상도동") == ""
    assert detect({1: Person(1, "", normal_address("상도동"))}, {7: [Person(2, "", normal_address("상도동"))]}) == {}


def test_membership_by_account_or_by_person_now_or_earlier() -> None:
    reviewer = {1: Person(1, "key-1")}
    assert detect(reviewer, {7: [Person(1)]}) == {(1, 7): ("membership",)}
    assert detect(reviewer, {7: [Person(None, "key-1")]}) == {(1, 7): ("membership",)}
    assert detect(reviewer, {7: [Person(2)]}, earlier={7: [Person(1)]}) == {(1, 7): ("membership",)}


def test_people_of_whom_nothing_is_known_are_nobody() -> None:
    assert detect({1: Person(1)}, {7: [Person(), Person(None, "", "")]}) == {}


def test_who_applied_together_does_not_review_each_other() -> None:
    found = detect({1: Person(1)}, {7: [Person(2)], 8: [Person(3)]}, partners={1: [Person(2), Person(1)]})
    assert found == {(1, 7): ("joint_application",)}


def test_several_kinds_stand_together() -> None:
    found = detect({1: Person(1, "k", "a1")}, {7: [Person(1, "k", "a1")]})
    assert found == {(1, 7): ("membership", "address")}
