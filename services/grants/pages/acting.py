"""Buttons and small forms that do one thing: the answer is a message on the page that one comes back to. A form that
carries text is shown again when it is refused, with what was typed still in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database


class Form(NamedTuple):
    """One of several forms of a page, as its template fills it in: `open` where it is the one that was refused."""

    name: str
    open: bool
    typed: Mapping[str, Any]
    errors: Mapping[str, list[str]]

    def id(self, name: str) -> str:
        """The id of a field: the summary of errors links to those of the refused form, and no two are alike."""
        return f"field-{name}" if self.open else f"field-{self.name}-{name}"


@dataclass(frozen=True)
class Refused:
    """Which form of a page was refused and why; by itself: none. What concerns no single field stands `beside` one."""

    name: str = ""
    beside: str = "form"
    refusal: Refusal | None = None
    sent: Mapping[str, Any] = field(default_factory=dict)

    def form(self, name: str, otherwise: Mapping[str, Any] | None = None) -> Form:
        """The form of this name: with what was typed where it was refused, else with what is `otherwise` in it."""
        here = self.refusal is not None and name == self.name
        return Form(name, here, self.sent if here else otherwise or {}, self.errors if here else {})

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong, by field."""
        if self.refusal is None:
            return {}
        return field_sentences(self.refusal) or {self.beside: [sentence(self.refusal.code, self.refusal.params)]}

    @property
    def message(self) -> str | None:
        """The sentence above the errors; the summary leaves it out where it is one of them."""
        return sentence(self.refusal.code, self.refusal.params) if self.refusal else None

    @property
    def status(self) -> int:
        return self.refusal.status if self.refusal else 200


NONE = Refused()
"""No form of the page was refused."""


class Again(NamedTuple):
    """How a refused form is shown again: its `name` on the page that `show` makes, and the field beside which stands
    what concerns no single one."""

    name: str
    beside: str
    show: Callable[[Refused], str]


def acted(
    act: Callable[..., Any], back: str, done: str = "", again: Again | None = None, **what: Any
) -> ResponseReturnValue:
    """Let whoever asks do `what` now, say how it went, and go back; a refused form with text is shown `again`. What
    nobody may even know of is answered as it is."""
    try:
        act(database(), current_actor(), clock.now(), **what)
    except Refusal as refusal:
        hidden = refusal.status in (401, 403, 404)
        if hidden and refusal.code != "recused":
            raise
        if again is not None and not hidden:
            return again.show(Refused(again.name, again.beside, refusal, request.form)), refusal.status
        flash(_said(refusal), "error")
    else:
        if done:
            flash(done, "success")
    return redirect(back)


def _said(refusal: Refusal) -> str:
    if refusal.code == "invalid_input" and refusal.fields:
        return " ".join(words for found in field_sentences(refusal).values() for words in found)
    return sentence(refusal.code, refusal.params)
