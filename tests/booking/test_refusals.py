"""Every refusal of booking has its sentence, in Korean and in English; the codes are read from the source."""

from __future__ import annotations

from pathlib import Path

import services.booking
from services.booking.refusals import CONSTRAINTS, SENTENCES
from shared.web.errors import SENTENCES as SHARED
from tests.refusal_codes import Source, untold

PACKAGE = Path(services.booking.__file__).parent
RAISED = Source(PACKAGE).raised()


def test_codes_of_every_form_are_read() -> None:
    assert len(RAISED) > 120
    for code in ("lottery_not_found", "award_over", "lottery_wish_needed", "lottery_words_too_long", "slot_taken"):
        assert code in RAISED


def test_every_code_has_a_sentence() -> None:
    kept = {*SENTENCES, *SHARED}
    assert {code: place for code, place in RAISED.items() if code not in kept} == {}
    assert set(CONSTRAINTS.values()) <= kept


def test_every_sentence_is_told_in_both_languages() -> None:
    assert untold(SENTENCES, PACKAGE / "translations") == {"ko": [], "en": []}
