"""What is wrong with a field is said in the reader's language, whatever made the schema."""

import pytest


@pytest.mark.parametrize(
    ("query", "korean", "english"),
    [
        ("page=abc", "숫자로 입력해 주세요.", "Please enter a number."),
        ("open=perhaps", "예 또는 아니요로 답해 주세요.", "Please answer yes or no."),
    ],
)
def test_a_wrong_field_is_explained_in_the_reader_s_language(house, query, korean, english):
    browser = house.client()
    assert korean in browser.get(f"/?{query}").text
    assert english in browser.get(f"/?{query}", headers={"Accept-Language": "en"}).text
    assert list(browser.get(f"/api/spaces?{query}").json["fields"].values()) == [[korean]]
