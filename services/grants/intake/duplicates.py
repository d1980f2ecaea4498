"""Likely duplicates among a call's applications, looked up in a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.grants import calls, policy, programmes
from services.grants.models import ApplicantGroup, Application, Attachment, Call, GroupMember
from services.grants.rules import duplicates, likeness
from services.grants.rules.conflicts import Person, normal_address
from services.grants.rules.definition import Definition
from services.grants.rules.duplicates import Filed, Pair
from services.grants.rules.findings import effect_of
from shared.identity.actor import Actor
from shared.refusal import Refusal

OUT = ("draft", "withdrawn", "rejected")
"""Phases of what competes with nobody (any more)."""
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
    """An audit finding on an application: what it does (block, flag) and the other application."""

    code: str
    effect: str
    other: int


def of_call(session: Session, actor: Actor, *, call_id: int, only: int | None = None, limit: int = 500) -> Found:
    """The likely duplicates of a call (of one application: `only`), what speaks most for it first; seven queries.
    Raises Refusal: not_found, other_district."""
    call = calls.get(session, actor, call_id)
    policy.check_runs(actor, call.district)
    filed = _filed(session, call.id)
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
    """Two applications of one call and what they share. Raises Refusal: not_found, other_district."""
    found = {each.id: each for each in session.scalars(select(Application).where(Application.id.in_((one, other))))}
    if one == other or len(found) < 2 or found[one].call_id != found[other].call_id or None in _numbers(found):
        raise Refusal("not_found", 404)
    call = calls.get(session, actor, found[one].call_id)
    policy.check_runs(actor, call.district)
    filed = _filed(session, call.id, (one, other), any_phase=True)
    text = likeness.likeness(_text(found[one]), _text(found[other]))
    rules = programmes.rules_of_call(session, call)
    first, second = sorted((one, other))
    return (
        call,
        found[first],
        found[second],
        duplicates.compare(filed[first], filed[second], text, ceiling(call, rules)),
    )


def findings(session: Session, application: Application, call: Call, rules: Definition) -> list[Finding]:
    """The audit findings on an application, against the others of its call that share people, address or account;
    those that the programme switched off are left out. Whoever decides on it holds the call's lock."""
    effects = {code: effect_of(code, rules.settlement.findings) for code in duplicates.CODES}
    if application.group_id is None or set(effects.values()) == {"off"}:
        return []
    near = _near(session, application, call)
    if not near:
        return []
    filed = _filed(session, call.id, {application.id, *near}, any_phase=True)
    texts = {
        number: f"{title}\n{plan}"
        for number, title, plan in session.execute(
            select(Application.id, Application.title, Application.plan).where(Application.id.in_(near))
        )
    }
    found = []
    for other, text in texts.items():
        if other not in filed or application.id not in filed:
            continue
        pair = duplicates.compare(
            filed[application.id], filed[other], likeness.likeness(_text(application), text), ceiling(call, rules)
        )
        found += [Finding(code, effects[code], other) for code in pair.codes if effects[code] != "off"]
    return sorted(found, key=lambda each: (each.code, each.other))


def ceiling(call: Call, rules: Definition) -> int:
    """The most that one project may ask for."""
    return min(call.ceiling_won, rules.limits.project_won or call.ceiling_won)


def _numbers(found: dict[int, Application]) -> list[int | None]:
    return [each.number for each in found.values()]


def _text(application: Application) -> str:
    return f"{application.title}\n{application.plan}"


def _near(session: Session, application: Application, call: Call) -> set[int]:
    """The competing applications of the call whose groups share a person, the address or the account."""
    mine = session.get_one(ApplicantGroup, application.group_id)
    own = session.execute(
        select(GroupMember.account_id, GroupMember.person_key).where(
            GroupMember.group_id == mine.id, GroupMember.left_at.is_(None)
        )
    ).all()
    accounts = {account for account, _ in own if account is not None}
    keys = {key for _, key in own if key}
    others = (
        Application.call_id == call.id,
        Application.id != application.id,
        Application.number.is_not(None),
        Application.phase.not_in(OUT),
    )
    shared = select(Application.id).join(GroupMember, GroupMember.group_id == Application.group_id)
    near = set(
        session.scalars(
            shared.where(
                *others,
                GroupMember.left_at.is_(None),
                or_(GroupMember.account_id.in_(accounts), GroupMember.person_key.in_(keys)),
            ).distinct()
        )
    )
    address, account = normal_address(mine.address), _digits(mine.bank_account)
    rows = session.execute(
        select(Application.id, ApplicantGroup.address, ApplicantGroup.bank_account)
        .join(ApplicantGroup, ApplicantGroup.id == Application.group_id)
        .where(*others)
    )
    for number, other_address, other_account in rows:
        if (address and normal_address(other_address) == address) or (account and _digits(other_account) == account):
            near.add(number)
    return near


def _filed(
    session: Session, call_id: int, only: Collection[int] | None = None, any_phase: bool = False
) -> dict[int, Filed]:
    wanted = [Application.call_id == call_id, Application.number.is_not(None)]
    if not any_phase:
        wanted.append(Application.phase.not_in(OUT))
    if only is not None:
        wanted.append(Application.id.in_(only))
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
            _digits(bank_account or ""),
            frozenset(files[number]),
        )
        for number, account, requested, address, bank_account in rows
    }


def _alike(session: Session, call_id: int) -> dict[tuple[int, int], float]:
    """The pairs of alike texts."""
    texts = (
        select(Application.id, Application.title, Application.plan)
        .where(Application.call_id == call_id, Application.number.is_not(None), Application.phase.not_in(OUT))
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


def _digits(text: str) -> str:
    digits = "".join(letter for letter in text if letter.isdecimal())
    return digits if len(digits) >= 6 else ""
