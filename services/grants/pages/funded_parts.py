"""The parts of an application's page about its agreement and its payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.grants import agreements, award, changes, interim, ledger, payments
from services.grants.funded import Funded
from services.grants.pages.look import Look
from services.grants.pages.payment import STATE_TONES, STATE_WORDS
from services.grants.rules.tranches import UNPAID


def agreement(look: Look) -> Mapping[str, Any] | None:
    """What is agreed, or has to be signed next."""
    it = _funded(look)
    if it is None:
        return None
    newest = agreements.newest(look.session, look.application.id)
    signed = {each.party for each in agreements.signatures(look.session, newest)} if newest else set()
    return {
        "agreement": newest,
        "signed": signed,
        "open_change": changes.open_one(look.session, look.application.id),
        "may_write": not look.own and look.application.phase == "selected",
    }


def payment(look: Look) -> Mapping[str, Any] | None:
    """The tranches and what stands in the way of the next one."""
    it = _funded(look)
    rows = award.tranches_of(look.session, look.application.id) if it else []
    if it is None or not rows:
        return None
    following = next((each for each in rows if each.state in UNPAID), None)
    red = []
    if following is not None and look.application.phase == "running":
        found = payments.gates(look.session, it, following, look.now)
        red = [gate.guard.label for gate in found if not gate.green]
    return {
        "tranches": rows,
        "next": following,
        "red": red,
        "balance": ledger.of_application(look.session, look.application.id),
        "check": next(iter(interim.of_application(look.session, look.application.id)), None),
        "results": interim.RESULTS,
        "result_tones": interim.TONES,
        "words": STATE_WORDS,
        "tones": STATE_TONES,
        "may_end": not look.own and look.application.phase in ("selected", "running"),
    }


def _funded(look: Look) -> Funded | None:
    """None where there is nothing to agree on, or nothing that the group may know of."""
    it = Funded(look.application, look.call, look.rules, look.own)
    if look.application.awarded_won is None or (look.own and not it.known(look.now)):
        return None
    return it
