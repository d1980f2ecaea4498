"""Contact and date columns: 사용안내전화번호, 홈페이지주소, 데이터기준일자."""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from services.maps.facilities.problems import Note

PHONE: Final = "사용안내전화번호"
HOMEPAGE: Final = "홈페이지주소"
DATE: Final = "데이터기준일자"

#: Area code (02, 031 … 064, 010, 070, 050x), exchange, number; or a nationwide number such as 1588-1234; or 120.
_PHONE: Final = re.compile(r"\(?(02|0[3-6]\d|01\d|070|080|050\d)\)?[-.)\s]*(\d{3,4})[-.\s]*(\d{4})")
_NATIONWIDE: Final = re.compile(r"(1[568]\d{2})[-.\s]*(\d{4})")
_SHORT: Final = re.compile(r"1\d{2}")
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
#: Endings by which an address without a scheme is known to be one.
_BARE: Final = re.compile(r"(?:www\.\S+|[a-z0-9.-]+\.(?:kr|com|net|org|seoul)(?:[/?#]\S*)?)", re.IGNORECASE)
_URL_LIMIT: Final = 500
_DATE: Final = re.compile(
    r"(\d{4})(?:([-./])(?:(\d{2})\2(\d{2})|\s?([1-9]\d?)\2\s?([1-9]\d?))\.?|(\d{2})(\d{2})|년\s?(\d{1,2})월\s?(\d{1,2})일)"
    r"(?:[ T]00:00(?::00)?(?:\.0+)?)?"
)


def read_phone(text: str) -> tuple[str | None, list[Note]]:
    """(number with hyphens, notes); None for a blank, several numbers or anything else."""
    if not text:
        return None, []
    if match := _PHONE.fullmatch(text) or _NATIONWIDE.fullmatch(text):
        return "-".join(match.groups()), []
    return (text, []) if _SHORT.fullmatch(text) else (None, [Note(PHONE, text, "phone_unreadable")])


def read_homepage(text: str) -> tuple[str | None, list[Note]]:
    """(http or https URL, notes). "www.example.kr" gets http://; another scheme, or no host name, is dropped."""
    if not text:
        return None, []
    url = f"http://{text}" if _BARE.fullmatch(text) else text
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not _HOST.fullmatch(parts.hostname or "") or re.search(r"[\s\"'<>\\`]", url):
        return None, [Note(HOMEPAGE, text, "homepage_dropped")]
    if len(url) > _URL_LIMIT:
        return None, [Note(HOMEPAGE, text, "homepage_dropped")]
    return url, []


def read_date(text: str) -> tuple[str | None, list[Note]]:
    """(ISO date, notes) of 2022-08-23, 2022.8.23., 20220823, 2022/08/23 or 2022년 8월 23일; None for anything else."""
    if not text:
        return None, [Note(DATE, text, "date_missing")]
    if match := _DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups() if part and part not in "-./")
        try:
            return date(year, month, day).isoformat(), []
        except ValueError:
            pass
    return None, [Note(DATE, text, "date_unreadable")]
