"""How money, moments and days are written for people; filters and globals of the templates."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import g, url_for
from flask_babel import format_date, format_datetime, format_decimal, get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from services.grants.models import Space
from services.grants.policy import SEOUL, city_date
from services.grants.programmes import labels
from services.grants.rules.definition import Choice, Definition
from services.grants.wording.programmes import told
from shared import clock
from shared.districts import DISTRICTS, name_of
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.web.pages import database


def won(amount: int | None) -> str:
    """1,000,000원."""
    return "–" if amount is None else _("%(amount)s원", amount=format_decimal(amount))


def number(value: int) -> str:
    """1,000,000."""
    return format_decimal(value)


def millions(amount: int) -> str:
    """Million won, half up to one decimal place: 63,871.8; for large figures beside the exact amount."""
    return format_decimal(Decimal((2 * amount + 100_000) // 200_000).scaleb(-1))


def points(tenths: int | None) -> str:
    """783 tenths of a point are 78.3 points."""
    return "–" if tenths is None else _("%(points)s점", points=format_decimal(Decimal(tenths).scaleb(-1)))


def percent(value: Decimal | None) -> str:
    """97.7 %, one decimal place always."""
    return "–" if value is None else f"{value:.1f}%"


def moment(value: datetime | None) -> str:
    """A moment in the city's time."""
    return "–" if value is None else format_datetime(value, _("yyyy년 M월 d일 (EEE) HH:mm"))


def deadline(value: datetime | None) -> str:
    """A moment by which something has to be done: what ends with a day is 24:00 of that day, as people write it."""
    if value is None or value.astimezone(SEOUL).time() != time.min:
        return moment(value)
    return f"{day(value.astimezone(SEOUL).date() - timedelta(days=1))} 24:00"


def day(value: date | datetime | None) -> str:
    """A day of the city's calendar."""
    return "–" if value is None else format_date(value, _("yyyy년 M월 d일 (EEE)"))


def programme(key: str) -> str:
    """A programme's name."""
    if "programme_names" not in g:
        with database().look() as session:
            g.programme_names = labels.names(session)
    found = g.programme_names.get(key)
    return told(found) if found else key


def strand(key: str) -> str:
    """A strand's name."""
    if "strand_words" not in g:
        with database().look() as session:
            g.strand_words = labels.strand_words(session)
    found = g.strand_words.get(key)
    return told(found) if found else key


def programme_rules() -> dict[str, Definition]:
    """Each programme's key -> the rules of its newest version, read once a request."""
    if "programme_rules" not in g:
        with database().look() as session:
            g.programme_rules = labels.newest_rules(session)
    found: dict[str, Definition] = g.programme_rules
    return found


def paragraphs(text: str) -> Markup:
    """Typed text with its own line breaks, everything else escaped."""
    parts = [part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in part.split("\n"))) for part in parts
    )


def district_choices() -> list[tuple[str, str]]:
    """The 25 districts for a select, in the reader's language."""
    return [(district.code, name_of(district.code, get_locale())) for district in DISTRICTS]


def programme_choices() -> list[tuple[str, str]]:
    return [(key, told(rules.label)) for key, rules in programme_rules().items()]


def strand_choices(keys: Iterable[str]) -> list[tuple[str, str]]:
    return [(key, strand(key)) for key in keys]


def space_choices(spaces: Iterable[Space], district: str | None) -> list[tuple[int, str]]:
    """Spaces for a select, each with its district where there are several."""
    locale = get_locale()
    return [(each.id, each.name if district else f"{name_of(each.district, locale)} · {each.name}") for each in spaces]


def choices(words: Mapping[Any, Any]) -> list[tuple[Any, str]]:
    """Options from a table of words."""
    return [(key, str(word)) for key, word in words.items()]


def choice_options(options: Iterable[Choice]) -> list[tuple[str, str]]:
    """A question's choices for a select."""
    return [(each.key, told(each.label)) for each in options]


def year_choices(years: Iterable[int]) -> list[tuple[int, str]]:
    return [(year, _("%(year)s년", year=year)) for year in years]


def places(current: str) -> list[dict[str, Any]]:
    """The tabs above the lists of grants, as far as the reader may open them."""
    shown = [
        ("calls.index", _("공고")),
        ("projects.index", _("선정 사업")),
        ("intermediaries.index", _("중간지원조직")),
    ]
    if current_actor().signed_in:
        shown.insert(1, ("applications.mine", _("내 신청")))
    if current_actor().has(Role.DISTRICT_STAFF, Role.CITY_STAFF):
        shown.append(("manage.show", _("운영")))
    return [{"label": label, "href": url_for(view), "current": view == current} for view, label in shown]


FILTERS: dict[str, Any] = {
    "won": won,
    "number": number,
    "millions": millions,
    "percent": percent,
    "points": points,
    "moment": moment,
    "deadline": deadline,
    "day": day,
    "programme": programme,
    "strand": strand,
    "told": told,
    "paragraphs": paragraphs,
}
GLOBALS: dict[str, Any] = {
    "choice_options": choice_options,
    "choices": choices,
    "district_choices": district_choices,
    "places": places,
    "programme_choices": programme_choices,
    "space_choices": space_choices,
    "strand_choices": strand_choices,
    "today": lambda: city_date(clock.now()),
    "year_choices": year_choices,
}
