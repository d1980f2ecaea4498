"""The diagram of a process: every state is a box, every row has its arrows, and nothing stands on anything else."""

import re
from dataclasses import replace

import pytest

from services.grants.ready import READY
from services.grants.rules.diagram import HEIGHT, WIDTH, draw, text_width


def words(row):
    return row.label.ko


@pytest.mark.parametrize("key", READY)
def test_all_of_a_process_is_drawn_inside_the_drawing(key):
    rules = READY[key]()
    plan = draw(rules, words)
    assert {box.state.key for box in plan.boxes} == {state.key for state in rules.states}
    assert len(plan.arrows) == sum(len(row.start) for row in rules.transitions)
    for box in plan.boxes:
        assert 0 <= box.x <= plan.width - WIDTH
        assert 0 <= box.y <= plan.height - HEIGHT
    for arrow in plan.arrows:
        for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", arrow.path):
            assert -1 <= float(x) <= plan.width
            assert -1 <= float(y) <= plan.height
        assert arrow.row == rules.transitions[arrow.number - 1]


@pytest.mark.parametrize("key", READY)
def test_no_box_stands_on_another_and_columns_follow_the_course(key):
    plan = draw(READY[key](), words)
    places = [(box.x, box.y) for box in plan.boxes]
    for index, (x, y) in enumerate(places):
        for other_x, other_y in places[index + 1 :]:
            assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT
    assert [phase for phase, _x in plan.columns] == [
        "draft",
        "intake",
        "review",
        "decision",
        "selected",
        "running",
        "settling",
        "closed",
    ]
    assert [x for _phase, x in plan.columns] == sorted(x for _phase, x in plan.columns)


def test_every_row_has_its_words_once():
    rules = READY["public_benefit"]()
    plan = draw(rules, words)
    told = [arrow.text for arrow in plan.arrows if " " in arrow.text]
    assert told == [f"{number} {row.label.ko}" for number, row in enumerate(rules.transitions, 1)]


def test_labels_keep_off_the_boxes():
    plan = draw(READY["public_benefit"](), words)
    covered = 0
    for arrow in plan.arrows:
        x, y = arrow.label
        half = text_width(arrow.text) / 2 if arrow.text else 0
        covered += any(
            arrow.text and box.x < x + half and x - half < box.x + WIDTH and box.y < y < box.y + HEIGHT
            for box in plan.boxes
        )
    assert covered <= 2


def test_a_half_made_process_is_drawn_as_far_as_it_goes():
    rules = READY["integrated_call"]()
    lost = replace(rules, states=tuple(state for state in rules.states if state.key != "deliberation"))
    keys = {state.key for state in lost.states}
    plan = draw(lost, words)
    expected = sum(sum(start in keys for start in row.start) for row in lost.transitions if row.end in keys)
    assert len(plan.arrows) == expected
    empty = draw(replace(rules, states=()), words)
    assert (empty.boxes, empty.arrows) == ((), ())
    twice = draw(replace(rules, states=(*rules.states, rules.states[0])), words)
    assert len(twice.boxes) == len(rules.states)
