"""Every refusal of grants has its sentence, in Korean and in English, and every sentence is of a refusal that there is;
the codes are read from the source."""

from __future__ import annotations

from pathlib import Path

import services.grants
from services.grants.guards import GUARDS
from services.grants.refusals import SENTENCES
from shared.web.errors import SENTENCES as SHARED
from tests.refusal_codes import CODE, Source, untold

PACKAGE = Path(services.grants.__file__).parent
SOURCE = Source(PACKAGE, "refusals", "demo")


def test_every_code_has_a_sentence() -> None:
    kept, raised = {*SENTENCES, *SHARED}, SOURCE.raised()
    assert len(raised) > 100
    assert {code: place for code, place in raised.items() if code not in kept} == {}
    assert {guard.code for guard in GUARDS.values()} <= kept


def test_every_sentence_is_of_a_refusal_that_there_is() -> None:
    known = SOURCE.said()
    assert [code for code in SENTENCES if CODE.fullmatch(code) and not known.fullmatch(code)] == []


def test_every_sentence_is_told_in_both_languages() -> None:
    assert untold(SENTENCES, PACKAGE / "translations") == {"ko": [], "en": []}
