"""A funded project as a grant of the 360Giving Data Standard, version 1.4. Pure.

Field by field as the published schemas say (schema/360-giving-schema.json and 360-giving-package-schema.json of the
standard). The commitments of the ledger are `commitmentTransaction`, payments and returns `disbursementTransaction`, so
that amountAwarded and amountDisbursed are the sums of their transactions, as the schema asks; what is taken back stands
there as a negative value.

Latitude and longitude are numbers: they were texts in the drafts of the standard before February 2018, and in none of
its versions. A geoCodeType comes from the standard's own closed list, which knows the United Kingdom only; a field for
which its list has nothing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

VERSION = "1.4"
PREFIX = "360G-maru"
"""Before every identifier of ours, so that it is one of a kind among all publishers' data."""
CURRENCY = "KRW"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
GEO_CODES = "geoCode: 행정안전부 행정표준코드의 자치구"
"""Whose codes the districts' are, in words: there is no type for them."""
COMMITMENTS = {"commitment": 1, "decommitment": -1}
DISBURSEMENTS = {"expenditure": 1, "return": -1}


@dataclass(frozen=True)
class Transaction:
    """A posting of the ledger."""

    number: int
    kind: str
    won: int
    on: date
    posted_at: datetime


@dataclass(frozen=True)
class Facts:
    """What is told of a project. `funder` is (code, name): a district, or the city. Texts are plain, addresses
    absolute."""

    number: int
    title: str
    description: str
    group: tuple[str, str]
    funder: tuple[str, str]
    district: tuple[str, str]
    dong: str
    position: tuple[float, float] | None
    programme: tuple[str, str, str]
    awarded_won: int
    awarded_on: date
    period: tuple[date, date] | None
    transactions: Sequence[Transaction]
    changed_at: datetime
    url: str
    source: str


def grant(facts: Facts) -> dict[str, Any]:
    """The project as a grant."""
    funder, group = organisation(*facts.funder), organisation(*facts.group)
    commitments = _transactions(facts, COMMITMENTS, funder["id"], group["id"])
    disbursements = _transactions(facts, DISBURSEMENTS, funder["id"], group["id"])
    code, label, call_url = facts.programme
    told: dict[str, Any] = {
        "id": f"{PREFIX}-{facts.number}",
        "title": facts.title[:140],
        "description": facts.description,
        "currency": CURRENCY,
        "amountAwarded": sum(each["value"] for each in commitments) if commitments else facts.awarded_won,
        "amountDisbursed": sum(each["value"] for each in disbursements),
        "awardDate": facts.awarded_on.isoformat(),
        "url": facts.url,
        "recipientOrganization": [group],
        "fundingOrganization": [funder],
        "beneficiaryLocation": [_location(facts)],
        "grantProgramme": [{"code": code, "title": label, "url": call_url}],
        "fromOpenCall": "Yes",
        "dateModified": facts.changed_at.isoformat(),
        "dataSource": facts.source,
    }
    if facts.period is not None:
        first, last = facts.period
        told["plannedDates"] = [{"startDate": first.isoformat(), "endDate": last.isoformat()}]
    if commitments:
        told["commitmentTransaction"] = commitments
    if disbursements:
        told["disbursementTransaction"] = disbursements
    return told


def package(*, title: str, description: str, publisher: str, url: str, page: str, issued: datetime) -> dict[str, Any]:
    """What a file says of itself, all but its grants."""
    return {
        "version": VERSION,
        "title": title,
        "description": description,
        "identifier": f"{PREFIX}-register",
        "publisher": {"name": publisher, "website": page},
        "license": LICENCE,
        "issued": issued.isoformat(),
        "modified": issued.isoformat(),
        "downloadURL": url,
        "accessURL": page,
    }


def organisation(code: str, name: str) -> dict[str, str]:
    """An organisation that no public register numbers for us: our own number for it behind our prefix."""
    return {"id": f"{PREFIX}-org-{code}", "name": name}


def _location(facts: Facts) -> dict[str, Any]:
    code, name = facts.district
    told: dict[str, Any] = {
        "name": f"{name} {facts.dong}".strip(),
        "countryCode": "KR",
        "geoCode": code,
        "description": GEO_CODES,
    }
    if facts.position is not None:
        told["latitude"], told["longitude"] = facts.position
    return told


def _transactions(facts: Facts, signs: Mapping[str, int], funder: str, group: str) -> list[dict[str, Any]]:
    """The postings of these kinds; what comes back goes from the group to the funder."""
    told = []
    for each in facts.transactions:
        sign = signs.get(each.kind)
        if sign is None:
            continue
        told.append(
            {
                "id": f"{PREFIX}-{facts.number}-{each.number}",
                "transactionDate": each.on.isoformat(),
                "currency": CURRENCY,
                "value": sign * each.won,
                "description": each.kind,
                "provider": group if each.kind == "return" else funder,
                "recipient": funder if each.kind == "return" else group,
                "dateModified": each.posted_at.isoformat(),
            }
        )
    return told
