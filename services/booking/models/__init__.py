"""The tables of booking, by subject; every one is known once this package is imported."""

from services.booking.models.attendance import NoShow, UnitCode
from services.booking.models.base import AUDIT, Base
from services.booking.models.calendars import CalendarFeed
from services.booking.models.closures import Closure, ClosureChoice
from services.booking.models.deliveries import Delivery
from services.booking.models.equipment import Equipment, Loan
from services.booking.models.keeping import ClosedTime, ExtraHoliday, SpecialDay, UnitRules
from services.booking.models.lotteries import Lottery, LotteryAward, LotteryEntry, LotterySlot
from services.booking.models.messages import Message
from services.booking.models.people import Group, Membership, Person, Trust
from services.booking.models.places import Atom, Space, Unit, unit_atom
from services.booking.models.reservations import (
    ENDED,
    KEY_LENGTH,
    LIVE,
    NO_OVERLAP,
    ONE_PER_KEY,
    Occupancy,
    Reservation,
    Series,
)
from services.booking.models.searches import AtomConflict, FindableUnit, UnmetSearch
from services.booking.models.seasons import Season, SeasonApplication, SeasonUnit
from services.booking.models.waitlist import Waiting

__all__ = [
    "AUDIT",
    "ENDED",
    "KEY_LENGTH",
    "LIVE",
    "NO_OVERLAP",
    "ONE_PER_KEY",
    "Atom",
    "AtomConflict",
    "Base",
    "CalendarFeed",
    "ClosedTime",
    "Closure",
    "ClosureChoice",
    "Delivery",
    "Equipment",
    "ExtraHoliday",
    "FindableUnit",
    "Group",
    "Loan",
    "Lottery",
    "LotteryAward",
    "LotteryEntry",
    "LotterySlot",
    "Membership",
    "Message",
    "NoShow",
    "Occupancy",
    "Person",
    "Reservation",
    "Season",
    "SeasonApplication",
    "SeasonUnit",
    "Series",
    "Space",
    "SpecialDay",
    "Trust",
    "Unit",
    "UnitCode",
    "UnitRules",
    "UnmetSearch",
    "Waiting",
    "unit_atom",
]
