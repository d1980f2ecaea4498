"""Why booking says no: code -> a sentence that also says what to do next. And the database's own no, by constraint."""

from sqlalchemy.exc import IntegrityError

from services.booking.models import NO_OVERLAP, ONE_PER_KEY
from services.booking.refusals import (
    attendance,
    keeping,
    lottery,
    managing,
    messages,
    reserving,
    seasons,
    series,
    statistics,
    waitlist,
)
from shared.refusal import Refusal

SENTENCES = {
    **reserving.SENTENCES,
    **keeping.SENTENCES,
    **managing.SENTENCES,
    **waitlist.SENTENCES,
    **series.SENTENCES,
    **seasons.SENTENCES,
    **attendance.SENTENCES,
    **messages.SENTENCES,
    **statistics.SENTENCES,
    **lottery.SENTENCES,
}

CONSTRAINTS = {
    NO_OVERLAP: "slot_taken",
    "pk_occupancy": "slot_taken",
    "occupancy.atom_id, occupancy.start_at": "slot_taken",
    ONE_PER_KEY: "idempotency_key_reused",
    "reservation.account_id, reservation.idempotency_key": "idempotency_key_reused",
    "uq_series_account_id_idempotency_key": "idempotency_key_reused",
    "series.account_id, series.idempotency_key": "idempotency_key_reused",
}
"""What names a broken rule in the database's error (SQLite names the columns of a unique rule) -> our code."""


def refusal_of(error: IntegrityError) -> Refusal | None:
    """The refusal that a broken constraint means; None when it is no rule of booking's but a mistake."""
    diagnosis = getattr(error.orig, "diag", None)
    told = str(getattr(diagnosis, "constraint_name", None) or error.orig)
    return next((Refusal(code) for name, code in CONSTRAINTS.items() if name in told), None)
