"""The building blocks of the pages do what a page relies on: errors belong to their fields, what was typed is kept and
harmless, tables and weeks can be read in every way."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from flask import render_template_string
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from tests.shared.markup import HOSTILE, Page, macro_names, pages_app


@pytest.fixture
def render():
    """Render one use of a macro as a page would."""
    app = pages_app()

    def rendered(use: str, path: str = "/", **values: Any) -> Page:
        names = sorted(set(re.findall(r"(\w+)\(", use)) & macro_names())
        with app.test_request_context(path), force_locale("ko"):
            return Page(
                render_template_string("{% from 'maru/macros.html' import " + ", ".join(names) + " %}" + use, **values)
            )

    return rendered


# Fields


def test_an_error_is_tied_to_its_field(render):
    page = render(
        "{{ field('people', '인원', '45', type='number', hint='방의 정원까지', errors=errors) }}",
        errors={"people": ["정원은 20명입니다."], "title": ["비어 있습니다."]},
    )
    control = page.one("input", name="people")
    hint, error = control["aria-describedby"].split()
    assert control["aria-invalid"] == "true"
    assert page.by_id(hint).text == "방의 정원까지"
    assert page.by_id(error).text.strip() == "오류: 정원은 20명입니다."
    assert page.one("label", for_=control["id"]).text.strip() == "인원"
    assert "비어 있습니다" not in page.markup


def test_a_field_without_an_error_says_nothing_of_one(render):
    control = render("{{ field('title', '제목', 'x', errors={}) }}").one("input")
    assert "aria-invalid" not in control
    assert "aria-describedby" not in control


@pytest.mark.parametrize("errors", ["정원을 넘었습니다.", ["정원을 넘었습니다."]])
def test_an_error_may_be_a_sentence_or_a_list(render, errors):
    page = render("{{ field('people', '인원', errors=errors) }}", errors=errors)
    assert page.by_id("field-people-error").text.strip() == "오류: 정원을 넘었습니다."


@pytest.mark.parametrize("type_", ["text", "email", "search", "url", "hidden"])
def test_what_was_typed_is_kept_and_harmless(render, type_):
    page = render("{{ field('title', '제목', form, type=type_) }}", form={"title": HOSTILE}, type_=type_)
    assert page.one("input", name="title")["value"] == HOSTILE
    assert page.all("script") == []


def test_a_text_area_keeps_its_lines(render):
    page = render("{{ field('plan', '계획', value, type='textarea') }}", value=f"\n첫 줄\n</textarea>{HOSTILE}")
    # The newline right behind the tag is HTML's own and is dropped by a browser.
    assert page.one("textarea").text == f"\n\n첫 줄\n</textarea>{HOSTILE}"
    assert page.all("script") == []


def test_hostile_labels_hints_and_errors_are_text(render):
    page = render(
        "{{ field('a', bad, hint=bad, errors=[bad]) }}{{ field('b', bad, type='select', options=[(bad, bad)]) }}"
        "{{ field('c', bad, type='radio', options=[(bad, bad, bad)]) }}{{ button(bad, value=bad, hidden=bad) }}"
        "{{ badge(bad) }}{{ flash(bad) }}{{ error_summary({'a': [bad]}, bad) }}{{ stat(bad, bad, bad) }}",
        bad=HOSTILE,
    )
    assert page.all("script") == []
    assert page.one("option")["value"] == HOSTILE


def test_a_password_is_never_sent_back(render):
    page = render("{{ field('password', '비밀번호', {'password': 'geheim'}, type='password') }}")
    assert "geheim" not in page.markup


def test_dates_and_times_are_written_as_browsers_read_them(render):
    page = render(
        "{{ field('a', 'a', day, type='date') }}{{ field('b', 'b', hour, type='time') }}"
        "{{ field('c', 'c', moment, type='datetime') }}",
        day=date(2026, 11, 22),
        hour=time(14, 0),
        moment=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
    )
    assert [each["value"] for each in page.all("input")] == ["2026-11-22", "14:00", "2026-11-22T14:30"]
    assert page.one("input", name="c")["type"] == "datetime-local"


def test_a_choice_stays_chosen(render):
    options = [(1, "큰 마루"), (2, "작은 마루")]
    form = MultiDict([("unit", "2"), ("with", "1"), ("with", "2"), ("kind", "1"), ("agree", "on")])
    page = render(
        "{{ field('unit', '방', form, type='select', options=options, empty='고르세요') }}"
        "{{ field('kind', '쓰임', form, type='radio', options=options) }}"
        "{{ field('with', '물건', form, type='checkboxes', options=options) }}"
        "{{ field('agree', '동의', form, type='checkbox') }}{{ field('news', '소식', form, type='checkbox') }}",
        form=form,
        options=options,
    )
    assert [(each["value"], "selected" in each) for each in page.all("option")] == [
        ("", False),
        ("1", False),
        ("2", True),
    ]
    checked = [(each["name"], each["value"]) for each in page.all("input") if "checked" in each]
    assert checked == [("kind", "1"), ("with", "1"), ("with", "2"), ("agree", "on")]


def test_a_group_of_choices_has_one_legend_and_its_error(render):
    page = render(
        "{{ field('kind', '쓰임', type='radio', options=[('a', 'A'), ('b', 'B')], errors=['골라 주세요.']) }}"
    )
    group = page.one("fieldset")
    assert page.one("legend").text.strip() == "쓰임"
    assert "골라 주세요." in page.by_id(group["aria-describedby"]).text
    assert len({each["id"] for each in page.all("input")}) == 2


def test_every_error_of_the_summary_leads_to_its_field(render):
    page = render(
        "{{ error_summary(errors, '예약하지 못했습니다.', labels={'kind': '쓰임'}) }}"
        "{{ field('people', '인원', errors=errors) }}"
        "{{ field('kind', '쓰임', type='radio', options=[('a', 'A'), ('b', 'B')], errors=errors) }}",
        errors={"people": ["너무 많습니다."], "kind": "골라 주세요.", "form": ["마감되었습니다."]},
    )
    summary = page.one("div", role="alert")
    assert summary["tabindex"] == "-1"
    links = {each.text: each["href"] for each in summary.inside if each.tag == "a"}
    assert links == {"너무 많습니다.": "#field-people", "쓰임: 골라 주세요.": "#field-kind"}
    assert all(page.by_id(href.removeprefix("#")).tag == "input" for href in links.values())
    assert "마감되었습니다." in summary.text
    assert "예약하지 못했습니다." in summary.text


def test_no_error_no_summary(render):
    assert render("{{ error_summary({}) }}{{ error_summary({}, '') }}").markup == ""


def test_a_summary_says_nothing_twice(render):
    once = render("{{ error_summary({'won': ['금액을 적어 주세요.']}, '금액을 적어 주세요.') }}").markup
    assert (once.count("금액을 적어 주세요."), once.count("입력한 내용을 확인해 주세요.")) == (1, 1)


def test_a_form_that_changes_something_carries_its_token(render):
    page = render(
        "{% call form('/a') %}x{% endcall %}{% call form('/b', method='get') %}y{% endcall %}"
        "{{ post_button('취소', '/c', fields={'id': bad}, hidden='14:00 예약') }}",
        bad=HOSTILE,
    )
    tokens = {
        form["action"]: [each for each in form.inside if each.get("name") == "csrf_token"] for form in page.all("form")
    }
    assert [len(tokens[action]) for action in ("/a", "/b", "/c")] == [1, 0, 1]
    assert page.one("input", name="id")["value"] == HOSTILE
    assert page.one("button").text == "취소 14:00 예약"


# Data

COLUMNS = [
    {"key": "name", "label": "자치구", "href": "?sort=name", "sorted": "ascending"},
    {"key": "won", "label": "지원금", "numeric": True},
]


def test_a_table_reads_as_cards_and_as_a_table(render):
    page = render(
        "{{ table(columns, rows, '자치구별', footer={'won': 30}) }}",
        columns=COLUMNS,
        rows=[{"name": "동작구", "won": 10}, {"name": HOSTILE, "won": None}],
    )
    body = page.all("tbody")[0]
    assert [each.text.strip() for each in body.inside if each.tag == "th"] == ["동작구", HOSTILE]
    assert [each.text.strip() for each in body.inside if each.tag == "td"] == ["10", "–"]
    assert {each["data-label"] for each in page.all("td")} == {"지원금"}
    assert page.one("caption").text == "자치구별"
    # A browser forgets what a table is when it is laid out as cards: the roles stay.
    assert {each["role"] for each in page.all("td")} == {"cell"}
    assert {each["role"] for each in page.all("tr")} == {"row"}
    assert page.all("th", role="columnheader")[0]["aria-sort"] == "ascending"
    assert page.one("tfoot").text.split() == ["30"]


def test_the_page_may_make_the_cells_itself(render):
    page = render(
        "{% call(row, key) table(columns, rows, '표') %}"
        "{% if key == 'name' %}<a href='/d'>{{ row.name }}</a>{% else %}{{ row.won }}원{% endif %}{% endcall %}",
        columns=COLUMNS,
        rows=[{"name": "동작구", "won": 10}],
    )
    assert page.one("a", href="/d").text == "동작구"
    assert page.one("td").text.strip() == "10원"


def test_an_empty_table_says_so(render):
    page = render("{{ table(columns, [], '표', empty='예약이 없습니다.') }}", columns=COLUMNS)
    assert page.one("td").text == "예약이 없습니다."
    assert page.one("td")["colspan"] == "2"


def test_the_pages_of_a_list_keep_the_search(render):
    page = render("{{ pagination(2, 3) }}", path=f"/?q=방&page=2&tag=a&tag=%22{HOSTILE}")
    before, after = (each["href"] for each in page.all("a"))
    assert before.startswith("?q=%EB%B0%A9&tag=a&tag=")
    assert before.endswith("&page=1")
    assert after.endswith("&page=3")
    assert page.all("script") == []
    assert render("{{ pagination(1, 1) }}").markup == ""


def test_steps_and_bars_speak_without_colour(render):
    page = render(
        "{{ timeline([{'label': '접수', 'state': 'done'}, {'label': '심사', 'state': 'current'}]) }}"
        "{{ progress_bar('집행', 643, 1000, text='64.3%') }}"
    )
    assert [re.sub(r"\s+", " ", each.text).strip() for each in page.all("li")] == ["접수 완료", "심사 지금"]
    assert page.one("li", aria_current="step").text.split() == ["심사", "지금"]
    assert page.one("progress")["value"] == "643"
    assert "64.3%" in page.one("label").text


# The week


def slot(start: str, end: str, state: str = "free", **more: str) -> dict[str, str]:
    return {"start": start, "end": end, "state": state, **more}


DAYS: list[dict[str, Any]] = [
    {
        "date": date(2026, 11, 23),
        "label": "월 11. 23.",
        "slots": [slot("09:00", "10:00", href="/r?1"), slot("10:00", "12:00", "reserved", label=HOSTILE)],
    },
    {
        "date": "2026-11-24",
        "label": "화 11. 24.",
        "today": True,
        "slots": [slot("09:30", "11:00", "mine", href="/r?2"), slot("23:00", "24:00", href="/r?3")],
    },
    {"date": date(2026, 11, 25), "label": "수 11. 25.", "closed_reason": "정기 휴관", "slots": []},
]


def test_a_free_slot_is_a_link_that_names_its_day_and_time(render):
    page = render("{{ week_calendar(days, '이 주') }}", days=DAYS)
    words = {each["href"]: re.sub(r"\s+", " ", each.text).strip() for each in page.all("a")}
    assert words == {
        "/r?1": "월 11. 23. 09:00–10:00 예약 가능",
        "/r?2": "화 11. 24. 09:30–11:00 내 예약",
        "/r?3": "화 11. 24. 23:00–24:00 예약 가능",
    }
    assert page.all("script") == []
    assert HOSTILE in page.one("table").text


def test_the_grid_of_a_week_has_no_hole_and_no_overlap(render):
    page = render("{{ week_calendar(days, '이 주') }}", days=DAYS)
    rows = [[each for each in row.inside if each.tag == "td"] for row in page.all("tbody")[0].inside if row.tag == "tr"]
    assert len(rows) == 4  # 09:00, 09:30, 10:00, 23:00
    filled = [0, 0, 0]
    for number, row in enumerate(rows):
        for cell in row:
            day = int(cell["class"].rpartition("week__d")[2])
            assert filled[day] == number, "a cell begins where the one above it ends"
            filled[day] += int(cell.get("rowspan", "1"))
        assert all(end > number for end in filled), "every day has a cell in every row"
    assert filled == [4, 4, 4]
    assert "정기 휴관" in page.one("td", rowspan="4").text


def test_the_phone_begins_with_today_or_the_day_that_was_asked_for(render):
    for use, first in (("", "1"), (", chosen='2026-11-23'", "0")):
        page = render("{{ week_calendar(days, '이 주'" + use + ") }}", days=DAYS)
        (picked,) = [each for each in page.all("input", type="radio") if "checked" in each]
        assert picked["id"] == f"week-day-{first}"
        assert page.one("label", for_=picked["id"])


def test_the_phone_passes_by_a_today_that_is_closed(render):
    days = [DAYS[2] | {"date": "2026-11-22", "today": True}, *(DAYS[0], DAYS[1] | {"today": False})]
    page = render("{{ week_calendar(days, '이 주') }}", days=days)
    assert ["checked" in each for each in page.all("input", type="radio")] == [False, True, False]


def test_a_week_that_is_closed_throughout_still_stands(render):
    days = [DAYS[2] | {"date": f"2026-11-2{number}"} for number in range(7)]
    page = render("{{ week_calendar(days, '이 주') }}", days=days)
    assert len(page.all("td")) == 7
