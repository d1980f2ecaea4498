"""Invented rows of the data set 공공시설개방정보, to be changed one cell at a time. No row is anybody's real data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

HEADER = [
    "개방시설명",
    "개방장소명",
    "개방시설유형구분",
    "휴관일",
    "평일운영시작시각",
    "평일운영종료시각",
    "주말운영시작시각",
    "주말운영종료시각",
    "유료사용여부",
    "사용기준시간",
    "사용료",
    "초과사용단위시간",
    "초과사용료",
    "수용가능인원수",
    "면적",
    "부대시설정보",
    "신청방법구분",
    "시설사진정보",
    "소재지도로명주소",
    "소재지지번주소",
    "관리기관명",
    "담당부서명",
    "사용안내전화번호",
    "홈페이지주소",
    "위도",
    "경도",
    "데이터기준일자",
]

PLAIN = dict.fromkeys(HEADER, "") | {
    "개방시설명": "2층 회의실",
    "개방장소명": "느티나무 마을회관",
    "개방시설유형구분": "회의실",
    "휴관일": "일요일+공휴일",
    "평일운영시작시각": "09:00",
    "평일운영종료시각": "21:00",
    "주말운영시작시각": "10:00",
    "주말운영종료시각": "17:00",
    "유료사용여부": "Y",
    "사용기준시간": "2",
    "사용료": "10000",
    "초과사용단위시간": "1",
    "초과사용료": "5000",
    "수용가능인원수": "30",
    "면적": "66.5",
    "부대시설정보": "책상+의자",
    "신청방법구분": "인터넷+전화",
    "소재지도로명주소": "서울특별시 은평구 느티나무로 12",
    "소재지지번주소": "서울특별시 은평구 녹번동 1-2",
    "관리기관명": "서울특별시 은평구청",
    "사용안내전화번호": "02-123-4567",
    "홈페이지주소": "https://example.kr/",
    "위도": "37.6027",
    "경도": "126.9291",
    "데이터기준일자": "2024-03-01",
}


def row(**changes: str) -> dict[str, str]:
    """The plain row with some cells changed."""
    assert changes.keys() <= PLAIN.keys(), changes
    return PLAIN | changes


def text_of(rows: Iterable[dict[str, str]], columns: Iterable[str] = HEADER) -> str:
    """The rows as the text of a CSV file."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def file_of(*rows: dict[str, str]) -> bytes:
    """The rows as a file, in cp949 as most districts publish it."""
    return text_of(rows).encode("cp949")
