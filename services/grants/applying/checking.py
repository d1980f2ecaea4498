"""Checking what is filed: the form's answers, the group's eligibility, the programme's limits."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.grants.applying import facts
from services.grants.models import ApplicantGroup, Application, Attachment, Call, GroupMember, Space
from services.grants.rules import eligibility, forms
from services.grants.rules.definition import Definition
from services.grants.rules.dongs import dong_name
from services.grants.rules.eligibility import Check, Person
from services.grants.rules.forms import Reading, Terms
from services.grants.rules.people import person_key
from services.grants.rules.places import KnownSpace, space_of
from shared.refusal import Refusal


@dataclass(frozen=True)
class Checked:
    """What was read and how it stands. `limits` are the codes of the ceilings that it would break."""

    reading: Reading
    requirements: Sequence[Check] = ()
    limits: Sequence[str] = ()

    @property
    def blocking(self) -> list[str]:
        """The codes, beside the fields', that keep from submitting."""
        return [*(each.kind.code for each in self.requirements if each.blocks), *self.limits]

    @property
    def ready(self) -> bool:
        return self.reading.complete and not self.blocking

    @property
    def params(self) -> dict[str, Any]:
        """What the sentences of all that is wrong name."""
        told: dict[str, Any] = {}
        for each in self.requirements:
            told |= each.params if each.blocks else {}
        return told | self.reading.params

    def refuse(self) -> None:
        """Raises Refusal invalid_input (422) with all that is wrong, under "form" what concerns no single field."""
        if self.ready:
            return
        wrong = dict(self.reading.errors)
        told = {code for codes in wrong.values() for code in codes}
        if general := [code for code in self.blocking if code not in told]:
            wrong["form"] = general
        raise Refusal("invalid_input", 422, fields=wrong, **self.params)


def terms_of(
    session: Session,
    rules: Definition,
    call: Call,
    typed: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
) -> Terms:
    """What the call adds to the form, with the chosen space as far as it may be chosen."""
    plain = Terms(call.ceiling_won, tuple(call.strands), call.district)
    space: KnownSpace | None = None
    place = next((each.key for each in rules.form.fields if each.kind == "place"), None)
    number = space_of(typed.get(place)) if place else None
    if number is not None:
        found = session.get(Space, number)
        district = forms.district_of(plain, typed)
        if found is not None and found.stage != "retired" and district in (None, found.district):
            space = KnownSpace(found.id, found.name, found.latitude, found.longitude)
    return Terms(plain.ceiling_won, plain.strands, plain.district, space, Counter(each.field for each in attachments))


def check(
    session: Session,
    rules: Definition,
    call: Call,
    group: ApplicantGroup,
    members: Sequence[GroupMember],
    typed: Mapping[str, Any],
    now: datetime,
    *,
    attachments: Sequence[Attachment] = (),
    application_id: int | None = None,
) -> Checked:
    """Read what was typed and hold it against all rules of the programme and the call, the period apart."""
    reading = forms.read(rules, terms_of(session, rules, call, typed, attachments), typed)
    there = named_people(reading.answers, members)
    asked = eligibility.needs(rules.requirements, rules.limits)
    keys = {each.person_key for each in there} | {each.person_key for each in members}
    known = facts.known(session, group.id, keys, now, asked)
    told = facts.facts(known, group, there, call, reading.answers.get("district"), now, but=application_id)
    return Checked(
        reading,
        eligibility.check(rules.requirements, told),
        eligibility.limits(rules.limits, told, reading.answers.get("requested_won")),
    )


def named_people(answers: Mapping[str, Any], members: Sequence[GroupMember]) -> tuple[Person, ...]:
    """The people whom the answers name; where the form does not ask for them, the group's."""
    named = answers.get("members")
    if not isinstance(named, list):
        return facts.people(members)
    return tuple(
        Person(each["name"], each["address"], person_key(each["name"], each["birth_year"], each["phone"]))
        for each in named
    )


def take_out(application: Application, answers: Mapping[str, Any], group: ApplicantGroup, people: int) -> None:
    """Keep the answers, and what lists, sums and maps read of them in columns of its own."""
    place = answers.get("place")
    where = place if isinstance(place, dict) else {}
    dong = answers.get("dong")
    application.answers = dict(answers)
    application.title = answers["title"][:120]
    application.strand = answers.get("strand", "")
    application.district = answers["district"]
    application.dong = dong_name(dong if isinstance(dong, str) else group.dong)[:40]
    application.plan = answers.get("plan", "")
    application.requested_won = answers["requested_won"]
    application.self_contribution_won = answers.get("self_contribution_won", 0)
    application.members = people
    application.group_name = group.name
    application.space_id = where.get("space_id")
    application.latitude, application.longitude = where.get("latitude"), where.get("longitude")


def files_of(attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    """What a filing keeps of its files."""
    return [
        {"id": each.id, "field": each.field, "name": each.name, "size": each.size, "sha256": each.sha256}
        for each in attachments
    ]


def content_hash(call_id: int, group_id: int, answers: Mapping[str, Any], attachments: Sequence[Attachment]) -> str:
    """The SHA-256 of what is filed, over its canonical JSON: the answers, and each file's field, name and hash. Of a
    chosen space its number only: what it is called may change, what was filed does not."""
    content = {
        "call": call_id,
        "group": group_id,
        "answers": {key: _own(value) for key, value in answers.items()},
        "files": sorted([each.field, each.name, each.sha256] for each in attachments),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _own(value: Any) -> Any:
    if isinstance(value, dict) and value.get("space_id") is not None:
        return {"space_id": value["space_id"], "address": value["address"]}
    return value
