"""The register as 360Giving data: the whole of it a part at a time, or one project."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import projects
from services.grants.models import Posting, Settlement
from services.grants.policy import city_date
from services.grants.project_search import Wanted
from services.grants.projects import Entry
from services.grants.rules import giving
from services.grants.rules.giving import Facts, Transaction
from shared.database import Database
from shared.districts import name_of

CITY = ("11", "서울특별시")
"""The city's code and name: the funder of a call that is no district's."""
PUBLISHER = "서울특별시 마을마루"
Describe = Callable[[Entry, str], str]


def document(
    database: Database, wanted: Wanted, now: datetime, *, base: str, describe: Describe, title: str, about: str
) -> Iterator[str]:
    """The file of all that is wanted, as pieces of JSON; the memory it takes does not grow with the register.

    `base` is the address of grants that everyone reaches, without a slash at its end; `describe` says in a sentence
    what a project is, given what came of it. Nothing at all where nothing is found: the standard has no empty file.
    """
    grants = (
        grant for told in projects.batches(database, wanted, now) for grant in _grants(database, told, base, describe)
    )
    first = next(grants, None)
    if first is None:
        return
    source = f"{base}/projects.360giving.json"
    head = giving.package(
        title=title, description=about, publisher=PUBLISHER, url=source, page=f"{base}/projects", issued=now
    )
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "grants": [\n' + _text(first)
    for grant in grants:
        yield ",\n" + _text(grant)
    yield "\n]}\n"


def of_project(
    session: Session, project_id: int, now: datetime, *, base: str, describe: Describe, title: str, about: str
) -> dict[str, Any]:
    """A file of one project. Raises Refusal not_found (404)."""
    entry = projects.one(session, project_id, now).entry
    url = f"{base}/projects/{project_id}.360giving.json"
    page = f"{base}/projects/{project_id}"
    head = giving.package(title=title, description=about, publisher=PUBLISHER, url=url, page=page, issued=now)
    head["identifier"] += f"-{project_id}"
    return {**head, "grants": grants_of(session, [entry], base, describe)}


def grants_of(session: Session, told: Sequence[Entry], base: str, describe: Describe) -> list[dict[str, Any]]:
    """These projects as grants: three queries."""
    ids = [each.project.application_id for each in told]
    periods = projects.periods(session, ids)
    postings: dict[int | None, list[Transaction]] = {}
    for posting in session.scalars(
        select(Posting)
        .where(Posting.application_id.in_(ids), Posting.kind.in_([*giving.COMMITMENTS, *giving.DISBURSEMENTS]))
        .order_by(Posting.posted_on, Posting.id)
    ):
        postings.setdefault(posting.application_id, []).append(
            Transaction(posting.id, posting.kind, posting.amount_won, posting.posted_on, posting.posted_at)
        )
    outcomes = {
        application_id: (outcome, at)
        for application_id, outcome, at in session.execute(
            select(Settlement.application_id, Settlement.outcome, Settlement.finalized_at).where(
                Settlement.application_id.in_(ids), Settlement.state == "finalized"
            )
        )
    }
    grants = []
    for each in told:
        number = each.project.application_id
        outcome, finalized_at = outcomes.get(number, ("", None))
        transactions = postings.get(number, [])
        moments = [each.project.decided_at, *(one.posted_at for one in transactions)]
        facts = Facts(
            number=each.project.id,
            title=each.project.title,
            description=describe(each, outcome),
            group=_group(each),
            funder=_funder(each),
            district=(each.project.district, name_of(each.project.district)),
            dong=each.dong,
            position=_position(each),
            programme=(each.programme_key, each.programme.ko, f"{base}/calls/{each.project.call_id}"),
            awarded_won=each.project.awarded_won,
            awarded_on=city_date(each.project.decided_at),
            period=periods.get(number),
            transactions=transactions,
            changed_at=max([*moments, finalized_at] if finalized_at else moments),
            url=f"{base}/projects/{each.project.id}",
            source=f"{base}/projects/{each.project.id}.360giving.json",
        )
        grants.append(giving.grant(facts))
    return grants


def _grants(database: Database, told: list[Entry], base: str, describe: Describe) -> Iterable[dict[str, Any]]:
    with database.read() as session:
        return grants_of(session, told, base, describe)


def _group(entry: Entry) -> tuple[str, str]:
    """A group keeps its number through the years; one that grants knows by a project only is named after it."""
    group_id = entry.project.group_id
    return (f"group-{group_id}" if group_id else f"project-{entry.project.id}", entry.project.group_name)


def _funder(entry: Entry) -> tuple[str, str]:
    return (entry.funder, f"{CITY[1]} {name_of(entry.funder)}") if entry.funder else CITY


def _position(entry: Entry) -> tuple[float, float] | None:
    latitude, longitude = entry.project.latitude, entry.project.longitude
    return None if latitude is None or longitude is None else (latitude, longitude)


def _text(grant: dict[str, Any]) -> str:
    return json.dumps(grant, ensure_ascii=False, allow_nan=False)
