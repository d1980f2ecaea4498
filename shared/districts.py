"""The 25 autonomous districts (자치구) of Seoul: code, names, and where the district office stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class District:
    """One district. ``code`` is the Ministry of the Interior and Safety (MOIS) code: five digits, 11110 to 11740.

    ``office`` is the district office as (latitude, longitude) in WGS84 degrees, good to about 0.002 degrees (200 m).
    KOSTAT numbers the same districts differently with codes of the same shape: never match a foreign file by code.
    """

    code: str
    name: str
    english: str
    office: tuple[float, float]


DISTRICTS: Final[tuple[District, ...]] = (
    District("11110", "종로구", "Jongno-gu", (37.573, 126.979)),
    District("11140", "중구", "Jung-gu", (37.564, 126.998)),
    District("11170", "용산구", "Yongsan-gu", (37.532, 126.990)),
    District("11200", "성동구", "Seongdong-gu", (37.563, 127.037)),
    District("11215", "광진구", "Gwangjin-gu", (37.538, 127.082)),
    District("11230", "동대문구", "Dongdaemun-gu", (37.574, 127.040)),
    District("11260", "중랑구", "Jungnang-gu", (37.606, 127.093)),
    District("11290", "성북구", "Seongbuk-gu", (37.589, 127.017)),
    District("11305", "강북구", "Gangbuk-gu", (37.640, 127.026)),
    District("11320", "도봉구", "Dobong-gu", (37.669, 127.047)),
    District("11350", "노원구", "Nowon-gu", (37.654, 127.056)),
    District("11380", "은평구", "Eunpyeong-gu", (37.603, 126.929)),
    District("11410", "서대문구", "Seodaemun-gu", (37.579, 126.937)),
    District("11440", "마포구", "Mapo-gu", (37.566, 126.902)),
    District("11470", "양천구", "Yangcheon-gu", (37.517, 126.867)),
    District("11500", "강서구", "Gangseo-gu", (37.551, 126.850)),
    District("11530", "구로구", "Guro-gu", (37.495, 126.888)),
    District("11545", "금천구", "Geumcheon-gu", (37.457, 126.896)),
    District("11560", "영등포구", "Yeongdeungpo-gu", (37.526, 126.896)),
    District("11590", "동작구", "Dongjak-gu", (37.512, 126.939)),
    District("11620", "관악구", "Gwanak-gu", (37.478, 126.952)),
    District("11650", "서초구", "Seocho-gu", (37.484, 127.032)),
    District("11680", "강남구", "Gangnam-gu", (37.517, 127.047)),
    District("11710", "송파구", "Songpa-gu", (37.514, 127.106)),
    District("11740", "강동구", "Gangdong-gu", (37.530, 127.124)),
)

BY_CODE: Final[dict[str, District]] = {district.code: district for district in DISTRICTS}
BY_NAME: Final[dict[str, District]] = {district.name: district for district in DISTRICTS}


def name_of(code: str, locale: object = "ko") -> str:
    """The district's name in ``locale`` ("ko", "en", "en_US", or a Babel ``Locale``); Korean unless English is asked.

    Raises ``KeyError`` for a code that is none of the 25.
    """
    district = BY_CODE[code]
    return district.english if str(locale).startswith("en") else district.name
