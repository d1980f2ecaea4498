"""Buttons that do one thing: the answer is a message on the page that one comes back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database


def acted(act: Callable[..., Any], back: str, done: str = "", **what: Any) -> ResponseReturnValue:
    """Let whoever asks do `what` now, say how it went, and go back; what nobody may even know of is answered as it
    is."""
    try:
        act(database(), current_actor(), clock.now(), **what)
    except Refusal as refusal:
        if refusal.status in (401, 403, 404) and refusal.code != "recused":
            raise
        flash(_said(refusal), "error")
    else:
        if done:
            flash(done, "success")
    return redirect(back)


def _said(refusal: Refusal) -> str:
    if refusal.code == "invalid_input" and refusal.fields:
        return " ".join(words for found in field_sentences(refusal).values() for words in found)
    return sentence(refusal.code, refusal.params)
