"""Lotteries: what comes in by form or JSON, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from services.booking.lottery import Entering
from services.booking.refusals import SENTENCES
from services.booking.rules.lottery import MOST_WISHES
from services.booking.schemas.managing import ContactAnswer
from services.booking.schemas.parts import said
from services.booking.schemas.reservations import ReservationAnswer
from services.booking.schemas.units import MAX_ID, MAX_PEOPLE


class LotteriesQuery(Schema):
    """Which lotteries: of one space, or all."""

    space_id = fields.Integer(load_default=None, validate=validate.Range(1, MAX_ID))


class LotteryEntryRequest(Schema):
    """What I enter with. `wishes` are slot ids, the dearest first; `words` are mine and go into the draw as a hash."""

    class Meta:
        unknown = EXCLUDE  # the token against forgery

    wishes = fields.List(
        fields.Integer(error_messages=said("lottery_wish_unknown")),
        required=True,
        validate=validate.Length(max=200, error=SENTENCES["lottery_too_many_wishes"]),
    )
    people = fields.Integer(
        required=True,
        validate=validate.Range(-MAX_PEOPLE, MAX_PEOPLE, error=SENTENCES["people_invalid"]),
        error_messages=said("people_invalid"),
    )
    purpose = fields.String(load_default="")
    words = fields.String(load_default="")
    group_id = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, MAX_ID, error=SENTENCES["group_not_yours"]),
        error_messages=said("group_not_yours"),
    )
    group_name = fields.String(load_default=None, allow_none=True)

    @post_load
    def _entering(self, data: dict[str, Any], **kwargs: Any) -> Entering:
        return Entering(**{**data, "wishes": tuple(data["wishes"])})


def entering_of_form(form: Mapping[str, str]) -> Entering:
    """The entry that a form's fields hold: `wish.1` to `wish.5`, of which some may be left empty, and the others.

    Raises ValidationError.
    """
    chosen = [form.get(f"wish.{rank}", "") for rank in range(1, MOST_WISHES + 1)]
    wishes = [int(each) if each.isdecimal() and len(each) < 10 else 0 for each in chosen if each]
    others = {name: form[name] for name in ("people", "purpose", "words", "group_id", "group_name") if form.get(name)}
    try:
        entering: Entering = LotteryEntryRequest().load({**others, "wishes": wishes})
    except ValidationError as error:  # and at once what the rules would say next
        messages = error.normalized_messages()
        for name, missing, code in (
            ("wishes", not wishes, "lottery_wish_needed"),
            ("purpose", not others.get("purpose"), "purpose_needed"),
        ):
            if missing:
                messages[name] = [SENTENCES[code]]
        raise ValidationError(messages) from error
    return entering


class TicketAnswer(Schema):
    """How many tickets a rule adds, or takes where it is below zero."""

    rule = fields.Function(lambda pair: pair[0])
    tickets = fields.Function(lambda pair: pair[1])


class LotteryAnswer(Schema):
    """A lottery. `stage`: soon, open, closing (the draw is due), drawn, cancelled. `commitment` is the SHA-256 of the
    secret seed, `list_hash` that of all entries, published when it closes. An entry has `base` tickets and those of
    each rule that holds for it."""

    id = fields.Integer(attribute="lottery.id")
    space_id = fields.Integer(attribute="lottery.space_id")
    space_name = fields.String(attribute="lottery.space.name")
    zone = fields.String(attribute="lottery.space.zone")
    name = fields.String(attribute="lottery.name")
    about = fields.String(attribute="lottery.about")
    stage = fields.String()
    opens_at = fields.AwareDateTime(attribute="lottery.opens_at")
    closes_at = fields.AwareDateTime(attribute="lottery.closes_at")
    drawn_at = fields.AwareDateTime(attribute="lottery.drawn_at", allow_none=True)
    base = fields.Integer(attribute="lottery.base")
    tickets = fields.List(fields.Nested(TicketAnswer), attribute="lottery.tickets")
    wins = fields.Integer(attribute="lottery.wins", metadata={"description": "slots that one entry may win"})
    confirm_hours = fields.Integer(
        attribute="lottery.confirm_hours", metadata={"description": "0: a win is certain at once"}
    )
    commitment = fields.String(attribute="lottery.commitment")
    list_hash = fields.String(attribute="lottery.list_hash", allow_none=True)
    slot_count = fields.Integer()
    entries = fields.Integer(metadata={"description": "how many take part"})


class LotterySlotAnswer(Schema):
    """A time to win; `wished`: how many entries wish for it; `status`: held, won or released."""

    id = fields.Integer()
    code = fields.String(metadata={"description": "what the draw calls it"})
    unit_id = fields.Integer()
    unit_name = fields.String(attribute="unit.name")
    capacity = fields.Integer(attribute="unit.capacity", allow_none=True)
    start = fields.AwareDateTime(attribute="start_at")
    end = fields.AwareDateTime(attribute="end_at")
    status = fields.String()


class LotteryEntryAnswer(Schema):
    """My own entry. `number` is what the draw calls me; `nonce` is the SHA-256 of `words`; `rules` hold from closing
    on."""

    lottery_id = fields.Integer()
    number = fields.Integer()
    wishes = fields.List(fields.Integer())
    people = fields.Integer()
    purpose = fields.String()
    group_id = fields.Integer(allow_none=True)
    group_name = fields.String(allow_none=True)
    words = fields.String()
    nonce = fields.String()
    rules = fields.List(fields.String(), allow_none=True)
    withdrawn = fields.Boolean()


class LotteryAwardAnswer(Schema):
    """A win: offered (to be confirmed until `held_until`), confirmed, declined or missed."""

    id = fields.Integer()
    lottery_id = fields.Integer(attribute="slot.lottery_id")
    entry_number = fields.Integer(attribute="entry.number")
    slot = fields.Nested(LotterySlotAnswer)
    status = fields.String()
    reservation_id = fields.Integer()
    held_until = fields.AwareDateTime(attribute="reservation.held_until", allow_none=True)


class LotteryWishAnswer(Schema):
    """What became of one of my wishes: won; taken, by the entry `by` of rank `rank`; enough; gone. `award_status`
    where it was given to me, by the draw or because others passed."""

    slot_id = fields.Integer(attribute="slot.id")
    became = fields.String()
    rank = fields.Integer(allow_none=True)
    by = fields.Integer(allow_none=True)
    award_id = fields.Integer(attribute="award.id", dump_default=None)
    award_status = fields.String(attribute="award.status", dump_default=None)


class TicketPartAnswer(TicketAnswer):
    """Where tickets come from; the rule "base" is everybody's."""


class LotteryExplainedAnswer(Schema):
    """Why I won or lost: my rank among all, how my tickets come about, and which entries drew a better number."""

    rank = fields.Integer(attribute="result.rank")
    total = fields.Integer()
    tickets = fields.Integer(attribute="result.tickets")
    parts = fields.List(fields.Nested(TicketPartAnswer), attribute="result.parts")
    number = fields.String(attribute="result.number")
    wishes = fields.List(fields.Nested(LotteryWishAnswer))
    before = fields.List(fields.Integer())


class LotterySlotWishedAnswer(LotterySlotAnswer):
    """A time to win with how many wish for it and, after the draw, the number of the entry that won it."""

    wished = fields.Integer()
    won_by = fields.Integer(allow_none=True)


class LotteryShownAnswer(LotteryAnswer):
    """A lottery with its times and what I have to do with it."""

    slots = fields.List(fields.Nested(LotterySlotWishedAnswer))
    mine = fields.Nested(LotteryEntryAnswer, allow_none=True)
    explained = fields.Nested(LotteryExplainedAnswer, allow_none=True)
    awards = fields.List(fields.Nested(LotteryAwardAnswer))


class LotteryReceiptAnswer(Schema):
    """The document of a draw: all that it takes to run it again with `draw.py`."""

    format = fields.String()
    commitment = fields.String()
    list = fields.Dict()
    list_hash = fields.String()
    seed = fields.String()
    results = fields.List(fields.Dict())


class LotteryReasonRequest(Schema):
    """Why it is called off: told to everybody who entered."""

    class Meta:
        unknown = EXCLUDE

    reason = fields.String(load_default="")


class LotteryWinnerAnswer(LotteryAwardAnswer):
    """A win with whose it is."""

    reservation = fields.Nested(ReservationAnswer)
    account_id = fields.Integer(attribute="entry.account_id")
    person = fields.Nested(ContactAnswer, allow_none=True)
