"""Likely duplicates among a call's applications, and the audit findings on them, which look at the other calls of the
year too. Looked up in a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.grants import calls, policy, programmes
from services.grants.intake import near
from services.grants.models import ApplicantGroup, Application, Attachment, Call, GroupMember
from services.grants.rules import duplicates, likeness
from services.grants.rules.conflicts import Person, normal_address
from services.grants.rules.definition import Definition
from services.grants.rules.duplicates import Filed, Pair
from services.grants.rules.findings import effect_of
from shared.identity.actor import Actor
from shared.refusal import Refusal

_KEPT = 20_000
_sketches: dict[bytes, likeness.Sketch] = {}
"""By the text's hash: a text is sketched once, however often the page is looked at."""
_CALLS_KEPT = 16
_pairs: dict[bytes, dict[tuple[int, int], float]] = {}
"""The alike ones of a call by the hash of all its texts: they are compared once, as long as none of them changes."""


@dataclass(frozen=True)
class Found:
    """The pairs of a call with their applications."""

    call: Call
    pairs: list[Pair]
    applications: dict[int, Application]


@dataclass(frozen=True)
class Finding:
    """An audit finding on an application: what it does (block, flag), the other application and its call."""

    code: str
    effect: str
    other: int
    call: Call


def of_call(session: Session, actor: Actor, *, call_id: int, only: int | None = None, limit: int = 500) -> Found:
    """The likely duplicates of a call (of one application: `only`), what speaks most for it first; seven queries.
    Raises Refusal: not_found, other_district."""
    call = calls.get(session, actor, call_id)
    policy.check_runs(actor, call.district)
    filed = _filed(session, Application.call_id == call.id, *near.LIVE)
    texts = _alike(session, call.id)
    rules = programmes.rules_of_call(session, call)
    pairs = duplicates.pairs(filed, texts, ceiling(call, rules))
    if only is not None:
        pairs = [each for each in pairs if only in (each.one, each.other)]
    pairs = pairs[:limit]
    wanted = {number for each in pairs for number in (each.one, each.other)}
    rows = session.scalars(select(Application).where(Application.id.in_(wanted)))
    return Found(call, pairs, {each.id: each for each in rows})


def beside(session: Session, actor: Actor, *, one: int, other: int) -> tuple[Call, Application, Application, Pair]:
    """Two applications of calls that the actor runs, with the first one's call and what they share. Raises Refusal:
    not_found, other_district."""
    found = {each.id: each for each in session.scalars(select(Application).where(Application.id.in_((one, other))))}
    if one == other or len(found) < 2 or None in _numbers(found):
        raise Refusal("not_found", 404)
    first, second = (found[number] for number in sorted((one, other)))
    call, elsewhere = (calls.get(session, actor, each.call_id) for each in (first, second))
    for each in (call, elsewhere):
        policy.check_runs(actor, each.district)
    filed = _filed(session, Application.id.in_((one, other)))
    text = likeness.likeness(_text(first), _text(second))
    most = max(ceiling(each, programmes.rules_of_call(session, each)) for each in (call, elsewhere))
    return call, first, second, duplicates.compare(filed[first.id], filed[second.id], text, most)


def findings(session: Session, applications: Sequence[Application], call: Call) -> dict[int, list[Finding]]:
    """The audit findings on applications of a call, by their numbers: against the live ones of their call and of the
    other calls of its year that share people or account, or of their call the address; those that the programme
    switched off are left out. Ten queries, however many applications there are; whoever decides on them holds the
    call's lock. It needs none of the other calls': a finding stands from the submission on, whatever is decided."""
    found: dict[int, list[Finding]] = {each.id: [] for each in applications}
    rules = {each.id: programmes.rules_of_application(session, each) for each in applications}
    beside = near.near(session, applications, call)
    everyone = set().union(*beside.values()) if beside else set()
    if not everyone:
        return found
    filed = _filed(session, Application.id.in_(everyone | set(beside)))
    texts, calls_of = _texts(session, everyone), _calls(session, everyone)
    for one in applications:
        effects = {code: effect_of(code, rules[one.id].settlement.findings) for code in duplicates.CODES}
        for other in sorted(beside[one.id]):
            elsewhere = calls_of[other]
            most = ceiling(call, rules[one.id])
            if elsewhere.id != call.id:
                most = max(most, elsewhere.ceiling_won)
            text = likeness.likeness(_text(one), texts[other])
            pair = duplicates.compare(filed[one.id], filed[other], text, most)
            found[one.id] += [
                Finding(code, effects[code], other, elsewhere) for code in pair.codes if effects[code] != "off"
            ]
        found[one.id].sort(key=lambda each: (each.code, each.other))
    return found


def ceiling(call: Call, rules: Definition) -> int:
    """The most that one project may ask for."""
    return min(call.ceiling_won, rules.limits.project_won or call.ceiling_won)


def _numbers(found: dict[int, Application]) -> list[int | None]:
    return [each.number for each in found.values()]


def _text(application: Application) -> str:
    return f"{application.title}\n{application.plan}"


def _texts(session: Session, ids: Collection[int]) -> dict[int, str]:
    rows = session.execute(select(Application.id, Application.title, Application.plan).where(Application.id.in_(ids)))
    return {number: f"{title}\n{plan}" for number, title, plan in rows}


def _calls(session: Session, ids: Collection[int]) -> dict[int, Call]:
    """The calls of applications, by the applications' numbers."""
    rows = session.execute(
        select(Application.id, Call).join(Call, Call.id == Application.call_id).where(Application.id.in_(ids))
    )
    return {row[0]: row[1] for row in rows}


def _filed(session: Session, *wanted: ColumnElement[bool]) -> dict[int, Filed]:
    people: defaultdict[int, list[Person]] = defaultdict(list)
    leaders: defaultdict[int, list[Person]] = defaultdict(list)
    members = (
        select(Application.id, GroupMember.account_id, GroupMember.person_key, GroupMember.role)
        .join(GroupMember, GroupMember.group_id == Application.group_id)
        .where(*wanted, GroupMember.left_at.is_(None))
    )
    for number, account, key, role in session.execute(members):
        person = Person(account, key)
        people[number].append(person)
        if role == "leader":
            leaders[number].append(person)
    files: defaultdict[int, set[str]] = defaultdict(set)
    attached = (
        select(Attachment.subject_id, Attachment.sha256)
        .join(Application, Application.id == Attachment.subject_id)
        .where(Attachment.subject_kind == "application", Attachment.removed_at.is_(None), *wanted)
    )
    for number, sha256 in session.execute(attached):
        files[number].add(sha256)
    rows = session.execute(
        select(
            Application.id,
            Application.account_id,
            Application.requested_won,
            Application.group_id,
            Application.call_id,
            ApplicantGroup.address,
            ApplicantGroup.bank_account,
        )
        .outerjoin(ApplicantGroup, ApplicantGroup.id == Application.group_id)
        .where(*wanted)
    )
    return {
        number: Filed(
            number,
            requested,
            tuple(people[number]) or (Person(account),),
            tuple(leaders[number]) or (Person(account),),
            normal_address(address or ""),
            near.account_digits(bank_account or ""),
            frozenset(files[number]),
            group,
            call,
        )
        for number, account, requested, group, call, address, bank_account in rows
    }


def _alike(session: Session, call_id: int) -> dict[tuple[int, int], float]:
    """The pairs of alike texts."""
    texts = (
        select(Application.id, Application.title, Application.plan)
        .where(Application.call_id == call_id, *near.LIVE)
        .order_by(Application.id)
    )
    if len(_sketches) > _KEPT:
        _sketches.clear()
    found, whole = {}, blake2b(digest_size=16)
    for number, title, plan in session.execute(texts.execution_options(yield_per=500)):
        text = f"{title}\n{plan}"
        key = blake2b(text.encode(), digest_size=16).digest()
        if key not in _sketches:
            _sketches[key] = likeness.sketch(text)
        found[number] = _sketches[key]
        whole.update(number.to_bytes(8, "big") + key)
    pairs = _pairs.get(whole.digest())
    if pairs is None:
        if len(_pairs) >= _CALLS_KEPT:
            _pairs.clear()
        pairs = _pairs[whole.digest()] = likeness.alike(found)
    return pairs
