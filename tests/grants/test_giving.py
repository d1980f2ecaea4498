"""The register as 360Giving data, held against the rules of the standard (version 1.4) in our own words.

The standard's own schema is not part of this repository; these rules are those that it makes for the fields we publish:
what has to be there, of which type and in which form, and that every identifier is one of a kind. Points are numbers
since its correction of February 2018 (its issue 185); of codes that no list of its has, the type is left out (its issue
434).
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.grants import projects
from services.grants.rules import giving
from tests.grants import funded_rows
from tests.grants.funded_rows import DECIDED

DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])")
TEXT, NUMBER, LIST = (str,), (int, float), (list,)
ORGANISATION = {"id": "text", "name": "text"}
TRANSACTION = {
    "id": "text",
    "transactionDate": "day",
    "currency": "currency",
    "value": "number",
    "description": "text",
    "provider": "text",
    "recipient": "text",
    "dateModified": "moment",
}
FIELDS: Mapping[str, Any] = {
    "id": "text",
    "title": "text",
    "description": "text",
    "currency": "currency",
    "amountAwarded": "number",
    "amountDisbursed": "number",
    "awardDate": "day",
    "url": "address",
    "plannedDates": [{"startDate": "day", "endDate": "day"}],
    "recipientOrganization": [ORGANISATION],
    "fundingOrganization": [ORGANISATION],
    "beneficiaryLocation": [
        {
            "name": "text",
            "countryCode": "text",
            "geoCode": "text",
            "description": "text",
            "latitude": "number",
            "longitude": "number",
        }
    ],
    "grantProgramme": [{"code": "text", "title": "text", "url": "address"}],
    "fromOpenCall": "yes or no",
    "commitmentTransaction": [TRANSACTION],
    "disbursementTransaction": [TRANSACTION],
    "dateModified": "moment",
    "dataSource": "address",
}
REQUIRED = {
    "id",
    "title",
    "description",
    "currency",
    "amountAwarded",
    "awardDate",
    "recipientOrganization",
    "fundingOrganization",
}
PACKAGE: Mapping[str, Any] = {
    "version": "version",
    "title": "text",
    "description": "text",
    "identifier": "text",
    "publisher": {"name": "text", "website": "address"},
    "license": "address",
    "issued": "moment",
    "modified": "moment",
    "downloadURL": "address",
    "accessURL": "address",
    "grants": "grants",
}


def wrong(value: Any, form: Any, where: str) -> Iterator[str]:
    """What breaks the standard's rules, each with its place."""
    if isinstance(form, list):
        if not isinstance(value, list) or not value:
            yield f"{where}: no list with something in it"
            return
        for index, item in enumerate(value):
            yield from wrong(item, form[0], f"{where}[{index}]")
    elif isinstance(form, dict):
        if not isinstance(value, dict):
            yield f"{where}: no object"
            return
        for key, item in value.items():
            if key not in form:
                yield f"{where}: {key} is none of the standard's fields"
            else:
                yield from wrong(item, form[key], f"{where}.{key}")
        yield from (f"{where}: no {key}" for key in ("id", "name") if key in form and key not in value)
    elif not FORMS[form](value):
        yield f"{where}: {value!r} is no {form}"


def moment(value: Any) -> bool:
    return isinstance(value, str) and "T" in value and datetime.fromisoformat(value).tzinfo is not None


def address(value: Any) -> bool:
    return isinstance(value, str) and bool(urlsplit(value).scheme and urlsplit(value).netloc)


FORMS = {
    "text": lambda value: isinstance(value, str) and value.strip() == value != "",
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "currency": lambda value: value == "KRW",
    "day": lambda value: isinstance(value, str) and bool(DAY.fullmatch(value)),
    "moment": moment,
    "address": address,
    "yes or no": lambda value: value in ("Yes", "No"),
    "version": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d+\.\d+", value)),
}


def check(file: dict[str, Any]) -> None:
    grants = file["grants"]
    found = list(wrong({key: value for key, value in file.items() if key != "grants"}, dict(PACKAGE), "file"))
    found += wrong(grants, [dict(FIELDS)], "grants")
    found += [f"{each['id']}: no {key}" for each in grants for key in REQUIRED - set(each)]
    assert found == []
    assert all(len(each["title"]) <= 140 for each in grants)
    ids = [each["id"] for each in grants]
    for each in grants:
        for kind, total in (("commitment", "amountAwarded"), ("disbursement", "amountDisbursed")):
            transactions = each.get(f"{kind}Transaction", [])
            ids += [one["id"] for one in transactions]
            if transactions:
                assert sum(one["value"] for one in transactions) == each[total]
        known = {one["id"] for key in ("recipientOrganization", "fundingOrganization") for one in each[key]}
        for one in (*each.get("commitmentTransaction", ()), *each.get("disbursementTransaction", ())):
            assert {one["provider"], one["recipient"]} == known
    assert len(ids) == len(set(ids))
    assert all(one.startswith(f"{giving.PREFIX}-") for one in ids)


@pytest.fixture
def call(database):
    return funded_rows.call(database)


def test_the_whole_register_is_a_file_of_the_standard(database, house, call, monkeypatch):
    monkeypatch.setattr(projects, "BATCH", 3)
    city = funded_rows.call(database, title="서울", district=None, idempotency_key="city")
    for _ in range(7):
        funded_rows.project(database, call, paid=(1_400_000, 600_000), place=(37.5, 127.0), dong="사당1동")
    funded_rows.project(database, city, title="가" * 120, group_id=None)
    answer = house.client().get("/grants/projects.360giving.json")
    assert answer.content_type.startswith("application/json")
    assert answer.is_streamed
    file = json.loads(answer.text)
    check(file)
    assert len(file["grants"]) == 8
    assert file["version"] == "1.4"
    assert file["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert file["publisher"]["name"]
    funders = {each["fundingOrganization"][0]["name"] for each in file["grants"]}
    assert funders == {"서울특별시 동작구", "서울특별시"}


def test_a_grant_says_what_the_ledger_says(database, house, call):
    number = funded_rows.project(
        database,
        call,
        state="settled",
        paid=(1_400_000, 600_000),
        returned=(150_000,),
        released=150_000,
        place=(37.5, 126.94),
        dong="사당1동",
        period=(date(2026, 4, 10), date(2026, 11, 30)),
        outcome="화단 열두 곳을 가꾸었습니다.",
    )
    file = house.client().get(f"/grants/projects/{number}.360giving.json").json
    check(file)
    (grant,) = file["grants"]
    assert grant["id"] == f"{giving.PREFIX}-{number}"
    assert (grant["amountAwarded"], grant["amountDisbursed"]) == (1_850_000, 1_850_000)
    assert [(one["transactionDate"], one["value"]) for one in grant["commitmentTransaction"]] == [
        ("2026-04-03", 2_000_000),
        ("2026-07-22", -150_000),
    ]
    assert [one["value"] for one in grant["disbursementTransaction"]] == [1_400_000, 600_000, -150_000]
    back = grant["disbursementTransaction"][2]
    assert back["provider"] == grant["recipientOrganization"][0]["id"]
    assert grant["plannedDates"] == [{"startDate": "2026-04-10", "endDate": "2026-11-30"}]
    assert grant["beneficiaryLocation"] == [
        {
            "name": "동작구 사당1동",
            "countryCode": "KR",
            "geoCode": "11590",
            "description": giving.GEO_CODES,
            "latitude": 37.5,
            "longitude": 126.94,
        }
    ]
    assert grant["description"].endswith("화단 열두 곳을 가꾸었습니다.")
    assert grant["dateModified"].startswith((DECIDED + timedelta(days=110)).date().isoformat())
    text = json.dumps(file, ensure_ascii=False)
    for personal in ("주민 1", "100-200-", "person-"):
        assert personal not in text


def test_a_group_keeps_its_identifier(database, house, call):
    first = funded_rows.project(database, call, group_id=7)
    second = funded_rows.project(database, call, group_id=7, group_name="새 이름")
    ids = {
        house.client()
        .get(f"/grants/projects/{number}.360giving.json")
        .json["grants"][0]["recipientOrganization"][0]["id"]
        for number in (first, second)
    }
    assert ids == {f"{giving.PREFIX}-org-group-7"}


def test_there_is_no_empty_file(house):
    answer = house.client().get("/grants/projects.360giving.json")
    assert answer.status_code == 404
    assert "파일을 만들지 않았습니다" in answer.text
    assert house.client().get("/grants/projects/1.360giving.json").status_code == 404
