"""What an import says about the rows of its file: for the page, for the command line, and as a CSV file."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.maps.districts.sentences import FINDINGS
from services.maps.facilities import reasons
from services.maps.models import ImportRun

# A spreadsheet takes a cell that starts with one of these for a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNIT_MISSING = lazy_gettext(
    "이전 파일에 있던 공간 단위가 이 파일에는 없습니다. 그대로 두었으니, 더 쓰지 않는다면 담당자가 운영을 멈춰 주세요."
)
KEPT_AS_EDITED = lazy_gettext(
    "담당자가 여기에서 직접 고친 내용이라 파일의 값으로 바꾸지 않았습니다. 파일의 값을 쓰려면 공간 단위 화면에서 "
    "'자료를 다시 따르기'를 눌러 주세요."
)
SEVERITIES = {
    **reasons.SEVERITIES,
    "missing": lazy_gettext("파일에 없음"),
    "kept": lazy_gettext("고친 내용 유지"),
}
FACTS = {
    "name": lazy_gettext("이름"),
    "address": lazy_gettext("주소"),
    "phone": lazy_gettext("전화"),
    "homepage": lazy_gettext("홈페이지"),
    "latitude": lazy_gettext("위도"),
    "longitude": lazy_gettext("경도"),
    "capacity": lazy_gettext("정원"),
    "area_m2": lazy_gettext("면적"),
    "equipment": lazy_gettext("비품"),
    "active": lazy_gettext("예약 받기"),
}
"""What people may edit, in words: of findings about facts that were kept."""
COUNTS = {
    "rows_read": lazy_gettext("읽은 행"),
    "rows": lazy_gettext("읽은 행"),
    "imported": lazy_gettext("가져온 행"),
    "repeated": lazy_gettext("중복된 행"),
    "superseded": lazy_gettext("이전 자료인 행"),
    "refused": lazy_gettext("가져오지 않은 행"),
    "noted": lazy_gettext("확인할 행"),
    "added": lazy_gettext("새로 생김"),
    "changed": lazy_gettext("바뀜"),
    "unchanged": lazy_gettext("그대로"),
    "kept": lazy_gettext("고친 내용 유지"),
    "missing": lazy_gettext("파일에 없음"),
}


@dataclass(frozen=True)
class ReportRow:
    """One finding: `line` of the file (None: about the file as a whole), and `sentence` in the reader's language."""

    line: int | None
    severity: str
    severity_label: str
    field: str
    value: str
    sentence: str
    code: str


@dataclass(frozen=True)
class Report:
    """The report of a stored import run, in the language of the moment."""

    run: ImportRun

    def counts(self) -> list[tuple[str, int]]:
        """What there is to count, in words."""
        return [(str(label), self.run.counts[name]) for name, label in COUNTS.items() if name in self.run.counts]

    def rows(self) -> list[ReportRow]:
        """Every finding: rows that were not taken come first, each kind in the order of the file."""
        rows = [self._row(problem) for problem in self.run.problems]
        return sorted(rows, key=lambda row: row.severity != "refused")

    def lines(self) -> Iterator[str]:
        """A heading with the figures, then one line per finding, safe to print to a terminal."""
        yield f"{_printable(self.run.file_name)}: " + ", ".join(f"{label} {count:,}" for label, count in self.counts())
        for row in self.rows():
            where = _("%(line)s행", line=row.line) if row.line is not None else _("파일 전체")
            what = " ".join(part for part in (row.field, f'"{_printable(row.value)}"' if row.value else "") if part)
            yield f"{where} [{row.severity_label}] {what}: {_printable(row.sentence)}"

    def csv(self) -> bytes:
        """The findings for a spreadsheet: UTF-8 with a byte order mark, no cell acts as a formula."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        writer.writerow([_("행"), _("구분"), _("항목"), _("값"), _("이유"), _("이유 코드")])
        for row in self.rows():
            texts = (row.severity_label, row.field, row.value, row.sentence, row.code)
            writer.writerow([row.line, *(_neutral(text) for text in texts)])
        return stream.getvalue().encode("utf-8-sig")

    def _row(self, problem: dict[str, Any]) -> ReportRow:
        code = problem["reason"]
        if code == "unit_missing":
            sentence = str(UNIT_MISSING)
        elif code == "kept_as_edited":
            sentence = str(KEPT_AS_EDITED)
        elif self.run.kind == "districts":
            sentence = str(FINDINGS[code]) % {"detail": problem.get("detail", "")}
        else:
            sentence = reasons.sentence(code, problem.get("other_line"))
        severity = problem["severity"]
        return ReportRow(
            line=problem["line"],
            severity=severity,
            severity_label=str(SEVERITIES[severity]),
            field=str(FACTS.get(problem["field"], problem["field"])),
            value=problem["value"],
            sentence=sentence,
            code=code,
        )


def _neutral(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _printable(text: str) -> str:
    """`text` without characters that move the cursor or hide text in a terminal."""
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in text)
