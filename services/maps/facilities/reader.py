"""Reading the file of the national standard data set 공공시설개방정보 (public data portal 15013117): bytes to records.

Districts publish it as cp949 or UTF-8, with or without a byte order mark. The text is decoded strictly; when that
fails but the header is readable, only the records that hold unreadable characters are refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.maps.facilities.reasons import FILE_SENTENCES

#: The columns that are read. The standard has three more (시설사진정보, 담당부서명 and the like), which may be absent.
COLUMNS: Final = (
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
    "소재지도로명주소",
    "소재지지번주소",
    "관리기관명",
    "사용안내전화번호",
    "홈페이지주소",
    "위도",
    "경도",
    "데이터기준일자",
)

#: A cell longer than this (characters) is no fact of a room; its row is refused.
CELL_LIMIT: Final = 10_000
#: A record may span this many physical lines; a quote left open ends there, so that it costs one row and not the file.
RECORD_LINES: Final = 50

_ENCODINGS: Final = ("utf-8-sig", "cp949")
_UNREADABLE: Final = "\ufffd"


class UnreadableFile(ValueError):  # noqa: N818 - said of the file, not of the program
    """The file as a whole cannot be read. ``code`` is a key of ``FILE_SENTENCES``; ``str()`` says what to do."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return str(FILE_SENTENCES[self.code]) % self.params


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the physical line it starts at, and its cells by column, as published (also unknown columns)."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that is no row of the table; ``reason`` is a key of ``SENTENCES``, ``text`` how it starts."""

    line: int
    text: str
    reason: str


def read_records(data: bytes) -> Iterator[Record | BrokenRecord]:
    """The records of the file in order, lazily; completely blank records are passed over.

    Raises ``UnreadableFile`` on the first step when the whole is not such a file.
    """
    records = _parse(_decode(data))
    header: list[str] | None = None
    for line, first_line, cells in records:
        if isinstance(cells, str):
            if header is None:
                raise UnreadableFile("not_text")
            yield BrokenRecord(line, first_line, cells)
        elif not any(cell.strip() for cell in cells):
            continue
        elif header is None:
            header = _header(cells)
        elif any(_UNREADABLE in cell for cell in cells):
            yield BrokenRecord(line, first_line, "unreadable_characters")
        elif len(cells) != len(header):
            yield BrokenRecord(line, first_line, "wrong_cell_count")
        elif any(len(cell) > CELL_LIMIT for cell in cells):
            yield BrokenRecord(line, first_line, "cell_too_long")
        else:
            yield Record(line, dict(zip(header, cells, strict=True)))
    if header is None:
        raise UnreadableFile("empty_file")


def _decode(data: bytes) -> str:
    """The text of ``data``; a file of another kind is named for what it is."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        if data.strip(b"\xef\xbb\xbf \t\r\n"):
            raise UnreadableFile("not_text")
        raise UnreadableFile("empty_file")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile("spreadsheet_file")
    if start.startswith(b"<"):
        raise UnreadableFile("web_page")
    if b"\x00" in data or start.startswith((b"%PDF", b"{", b"[")):
        raise UnreadableFile("not_text")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    header = re.split(rb"[\r\n]", data.lstrip(b"\xef\xbb\xbf\r\n"), maxsplit=1)[0]
    for encoding in _ENCODINGS:
        try:
            names = header.decode(encoding)
        except UnicodeDecodeError:
            continue
        if COLUMNS[0] in names:
            return data.decode(encoding, errors="replace")
    raise UnreadableFile("unknown_encoding")


def _parse(text: str) -> Iterator[tuple[int, str, list[str] | str]]:
    """(physical line, the first line's text, cells or why there are none) per record, by strict CSV rules.

    After a record that breaks the rules reading goes on at the next physical line.
    """
    source = io.StringIO(text.rstrip("\x1a"), newline="")
    pending: deque[str] = deque()
    line = 1
    while True:
        taken: list[str] = []

        def lines(taken: list[str] = taken) -> Iterator[str]:
            while len(taken) < RECORD_LINES:
                physical = pending.popleft() if pending else source.readline()
                if not physical:
                    return
                taken.append(physical)
                yield physical

        try:
            cells: list[str] | str = next(csv.reader(lines(), strict=True), "")
        except csv.Error as error:
            cells = "cell_too_long" if "larger than" in str(error) else "broken_quotes"
        if not taken:
            return
        if isinstance(cells, str):
            pending.extendleft(reversed(taken[1:]))
            del taken[1:]
        yield line, taken[0].strip("\r\n"), cells
        line += len(taken)


def _header(cells: list[str]) -> list[str]:
    """The column names, freed of quotes, blanks and byte order marks."""
    names = [re.sub(r"[\s\"'\ufeff\u200b]", "", cell) for cell in cells]
    missing = [column for column in COLUMNS if column not in names]
    if len(missing) == len(COLUMNS):
        raise UnreadableFile("not_this_data_set", columns=", ".join(COLUMNS[:3]))
    if missing:
        raise UnreadableFile("missing_columns", columns=", ".join(missing))
    repeated = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if repeated:
        raise UnreadableFile("repeated_columns", columns=", ".join(repeated))
    return [name if names.index(name) == index else f"{name}#{index + 1}" for index, name in enumerate(names)]
