"""What the page of an application is made of: sections by subject, and the pages that its steps lead to.

Whoever builds a subject adds its line to SECTIONS, with a loader beside its own pages and a template in
templates/grants/application/. A loader gets a `Look` and gives what its template shows as `section`, or None where
there is nothing to show; it runs in the session of the page. Steps of the process that have a page or an endpoint stand
in EVENT_PAGES; the button of any other step is not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from services.grants import process
from services.grants.models import Application, Call
from services.grants.pages import (
    application_parts,
    funded_parts,
    objections,
    register_parts,
    review_parts,
    settling_parts,
)
from services.grants.pages.look import Look
from services.grants.rules.definition import Definition
from shared.identity.actor import Actor


def everyone(look: Look) -> bool:
    """The group and the staff."""
    return True


def own(look: Look) -> bool:
    """The people of the group."""
    return look.own


def staff(look: Look) -> bool:
    """Those who run the call."""
    return not look.own


@dataclass(frozen=True)
class Section:
    """A part of the page: who may see it, what it loads, which template shows it."""

    key: str
    sees: Callable[[Look], bool]
    load: Callable[[Look], Mapping[str, Any] | None]

    @property
    def template(self) -> str:
        return f"grants/application/{self.key}.html"


SECTIONS: tuple[Section, ...] = (
    Section("objection", everyone, objections.section),
    Section("requirements", staff, application_parts.requirements),
    Section("reviews", staff, review_parts.reviews),
    Section("agreement", everyone, funded_parts.agreement),
    Section("payment", everyone, funded_parts.payment),
    Section("spending", everyone, settling_parts.spending),
    Section("answers", everyone, application_parts.answers),
    Section("filings", everyone, application_parts.filings),
    Section("public", everyone, register_parts.public),
)
"""In the order in which they stand on the page."""


@dataclass(frozen=True)
class EventPage:
    """Where a step is taken: an endpoint with `application_id`; `post`: pressed, rather than a page with a form."""

    endpoint: str
    post: bool = False


EVENT_PAGES: dict[str, EventPage] = {
    "agree": EventPage("agreements.show"),
    "terminate": EventPage("termination.form"),
    "file_settlement": EventPage("settlements.form"),
    "send_back": EventPage("settlements.show"),
    "finalize": EventPage("settlements.show"),
    "close": EventPage("settlements.close", post=True),
    "archive": EventPage("settlements.archive", post=True),
    "correct": EventPage("drafts.show"),
    "submit": EventPage("drafts.show"),
    "accept": EventPage("intake.show"),
    "refuse": EventPage("intake.show"),
    "request_correction": EventPage("intake.show"),
    "advance": EventPage("stages.lead_one", post=True),
}
"""event -> where it is taken. Withdrawing has a place of its own on the page."""


def loaded(look: Look) -> list[tuple[str, str, Mapping[str, Any]]]:
    """The sections that there is something to show of: key, template, what they loaded."""
    found = []
    for section in SECTIONS:
        data = section.load(look) if section.sees(look) else None
        if data is not None:
            found.append((section.key, section.template, data))
    return found


def buttons(
    session: Session, rules: Definition, application: Application, call: Call, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """The steps that the actor may take, each with its address and what stands in its way."""
    found = []
    for step in process.steps(session, application, call, actor, now):
        page = EVENT_PAGES.get(step.transition.event)
        if page is not None:
            found.append(
                {
                    "event": step.transition.event,
                    "label": step.transition.label,
                    "href": url_for(page.endpoint, application_id=application.id),
                    "post": page.post,
                    "red": [gate.guard.label for gate in step.red],
                }
            )
    return found
