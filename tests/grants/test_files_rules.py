"""Files as the rules see them: told by content, named safely, and no harm gets through."""

import io
import struct
import time
import tracemalloc
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.grants.refusals.files import SENTENCES
from services.grants.rules import archives, file_names
from services.grants.rules.file_kinds import ANY, DOCUMENTS, EVIDENCE, PHOTOS, Kind, accept
from services.grants.rules.file_problem import FileProblem
from services.grants.rules.files import FILE_BYTES, Examined, examine
from shared.export import Sheet, xlsx
from tests.grants import file_makers as make

EVERYTHING = frozenset(Kind)


def refused(name: str, content: bytes, allowed: frozenset[Kind] = EVERYTHING) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        examine(name, content, allowed)
    return caught.value


def taken(name: str, content: bytes, allowed: frozenset[Kind] = EVERYTHING) -> Examined:
    return examine(name, content, allowed)


@pytest.mark.parametrize(
    ("name", "content", "kind", "content_type"),
    [
        ("영수증.pdf", make.pdf(), Kind.PDF, "application/pdf"),
        ("사진.JPG", make.jpeg(size=(80, 60)), Kind.JPEG, "image/jpeg"),
        ("사진.png", make.saved(make.photo(size=(80, 60)), "PNG"), Kind.PNG, "image/png"),
        ("사진.webp", make.saved(make.photo(size=(80, 60)), "WEBP"), Kind.WEBP, "image/webp"),
        ("계획.hwp", make.hwp(), Kind.HWP, "application/x-hwp"),
        ("계획.hwp", make.large_hwp(), Kind.HWP, "application/x-hwp"),
        ("계획.hwpx", make.hwpx(), Kind.HWPX, "application/hwp+zip"),
        (
            "계획.docx",
            make.ooxml(),
            Kind.DOCX,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "예산.xlsx",
            make.ooxml("xl/workbook.xml"),
            Kind.XLSX,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            "발표.pptx",
            make.ooxml("ppt/presentation.xml"),
            Kind.PPTX,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        ("모음.zip", make.zipped({"a.txt": b"a"}), Kind.ZIP, "application/zip"),
        ("글.txt", "안녕하세요\r\n".encode(), Kind.TXT, "text/plain; charset=utf-8"),
        ("표.csv", "이름,금액\r\n".encode("cp949"), Kind.CSV, "text/csv; charset=euc-kr"),
        ("글.txt", "안녕".encode("utf-16"), Kind.TXT, "text/plain; charset=utf-16"),
        ("사진.heic", b"\0\0\0\x18ftypheic" + bytes(40), Kind.HEIC, "image/heic"),
    ],
)
def test_the_content_says_what_a_file_is(name: str, content: bytes, kind: Kind, content_type: str) -> None:
    found = taken(name, content)
    assert (found.kind, found.name, found.content_type, found.size) == (kind, name.lower(), content_type, len(content))
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content", "said", "is_really"),
    [
        ("receipt.pdf", make.jpeg(size=(80, 60)), "PDF", "JPEG"),
        ("photo.jpg", make.pdf(), "JPG", "PDF"),
        ("plan.hwp", make.hwpx(), "HWP", "HWPX"),
        ("plan.docx", make.ooxml("xl/workbook.xml"), "DOCX", "XLSX"),
        ("plan.docx", make.zipped({"a.txt": b"a"}), "DOCX", "ZIP"),
        ("plan.docm", make.ooxml(), "DOCM", "DOCX"),
        ("program.exe", make.pdf(), "EXE", "PDF"),
        ("page.html", b"just a line of text", "HTML", "TXT"),
        ("photo.png", make.jpeg(size=(80, 60)), "PNG", "JPEG"),
    ],
)
def test_a_name_that_lies_is_refused_with_what_the_file_is(
    name: str, content: bytes, said: str, is_really: str
) -> None:
    problem = refused(name, content)
    assert problem.code == "file_type_lies"
    assert problem.params == {"file_said": said, "file_is": is_really}


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + bytes(range(256)),
        b"\x7fELF" + bytes(60),
        b"<!DOCTYPE html><p>hello",
        b"  \n<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"some words first <script>alert(1)</script>",
        b"<?xml version='1.0'?><a/>",
        b"GIF89a" + bytes(40),
        make.ole("WordDocument", "1Table"),
        make.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
        make.zipped({"mimetype": b"application/epub+zip"}),
        b"\0\0\0\x18ftypmp42" + bytes(40),
    ],
)
def test_what_is_of_no_known_kind_is_refused_whatever_its_name(content: bytes) -> None:
    for name in ("a.pdf", "a.svg", "a.html", "a", "a.txt", "a.hwp", "a.zip"):
        problem = refused(name, content, EVIDENCE)
        assert (problem.code, problem.params) == ("file_type_unknown", {"file_takes": "PDF, JPEG, PNG, WebP"})


def test_a_known_kind_that_the_field_does_not_take_says_what_it_takes() -> None:
    problem = refused("계획.hwpx", make.hwpx(), EVIDENCE)
    assert problem.code == "file_kind_not_taken"
    assert problem.params == {"file_is": "HWPX", "file_takes": "PDF, JPEG, PNG, WebP"}
    assert refused("사진.heic", b"\0\0\0\x18ftypheic" + bytes(40), PHOTOS).code == "file_heic"
    assert accept(PHOTOS) == ".jpg,.jpeg,.png,.webp"
    assert not {Kind.ZIP, Kind.CSV, Kind.TXT, Kind.HEIC} & (ANY | DOCUMENTS)


def test_files_of_real_programs_are_taken() -> None:
    rows = [[number, "같은 말", 1_000_000] for number in range(20_000)]
    assert taken("표.xlsx", xlsx([Sheet("표", ["번호", "말", "금액"], rows)])).kind is Kind.XLSX
    assert taken("사진.pdf", make.saved(make.photo(size=(200, 150)), "PDF")).kind is Kind.PDF
    streamed = io.BytesIO()
    with zipfile.ZipFile(_Unseekable(streamed), "w", zipfile.ZIP_DEFLATED) as archive:  # sizes follow the content
        archive.writestr("폴더/", b"")
        archive.writestr("폴더/글.txt", b"words " * 1000)
    assert taken("모음.zip", streamed.getvalue()).kind is Kind.ZIP


class _Unseekable(io.RawIOBase):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__()
        self.file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self.file.write(data)


WHOLE = [
    ("a.pdf", make.pdf()),
    ("a.jpg", make.jpeg(size=(40, 30))),
    ("a.png", make.saved(make.photo(size=(40, 30)), "PNG")),
    ("a.webp", make.saved(make.photo(size=(40, 30)), "WEBP")),
    ("a.hwp", make.hwp()),
    ("a.hwpx", make.hwpx()),
    ("a.docx", make.ooxml(**{"word/embeddings/a.xlsx": make.ooxml("xl/workbook.xml")})),
    ("a.csv", "이름,금액\n".encode("cp949")),
]


@settings(max_examples=300)
@given(
    which=st.sampled_from(WHOLE),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    part=st.floats(0.1, 1),
    name=st.none() | st.text(max_size=30),
)
def test_whatever_comes_is_taken_or_refused_in_words(
    which: tuple[str, bytes], changes: list[tuple[float, int]], part: float, name: str | None
) -> None:
    content = bytearray(which[1])
    for place, byte in changes:
        content[min(int(place * len(content)), len(content) - 1)] = byte
    try:
        found = taken(which[0] if name is None else name, bytes(content[: int(part * len(content))]))
    except FileProblem as problem:
        refused, found = problem, None
    if found is None:
        assert str(SENTENCES[refused.code]) % refused.params
    else:
        assert found.name
        assert not set(found.name) & set('/\\<>:"|?*\0\u202e')
        assert len(found.name.encode()) <= file_names.NAME_BYTES


def test_empty_and_too_large() -> None:
    assert refused("a.pdf", b"").code == "file_empty"
    problem = refused("a.pdf", make.pdf() + bytes(FILE_BYTES))
    assert (problem.code, problem.params) == ("file_too_large", {"file_limit": 20})
    assert refused("a.pdf", bytes(50 * 1024 * 1024)).code == "file_too_large"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ("/etc/계획.pdf", "계획.pdf"),
        ("..\\..\\windows\\system32\\계획.PDF", "계획.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf"),
        ("a\u200bb\ufeff.pdf", "ab.pdf"),
        ("a\0b\x1b[31m.pdf", "ab[31m.pdf"),
        ("줄\n바꿈\t이름.pdf", "줄 바꿈 이름.pdf"),
        ("계획.pdf", "계획.pdf"),
        (".pdf", "pdf.pdf"),
        ("  ...계획...pdf", "계획.pdf"),
        ("con.pdf", "_con.pdf"),
        ("LPT1", "_LPT1.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("2026.03.12 회의록", "2026.03.12 회의록.pdf"),
        ("v1.2", "v1.2.pdf"),
        ("\ud800x.pdf", "x.pdf"),
        ("plan.pdf/", None),
        ("../..", None),
        ("", None),
        ("\u202e\u200b", None),
        ("...", None),
    ],
)
def test_names_are_made_harmless_and_refused_only_when_nothing_is_left(name: str, kept: str | None) -> None:
    if kept is None:
        assert refused(name, make.pdf()).code == "file_name_bad"
    else:
        assert taken(name, make.pdf()).name == kept


def test_a_long_name_keeps_its_end_and_no_half_letter() -> None:
    name = taken("가" * 500 + ".pdf", make.pdf()).name
    assert name.endswith("가.pdf")
    assert len(name.encode()) <= file_names.NAME_BYTES


def test_a_zip_bomb_is_refused_soon_and_in_little_memory() -> None:
    bombs = [make.zip_bomb(), make.lying_bomb(), make.shared_stream_bomb(), make.nested(4)]
    bombs.append(make.zipped({str(number): b"" for number in range(archives.ENTRIES + 1)}))
    bombs.append(make.zipped({"one.zip": make.zip_bomb(150), "two.zip": make.zip_bomb(151)}))
    for bomb in bombs:
        assert len(bomb) < FILE_BYTES
        tracemalloc.start()
        started = time.monotonic()
        assert refused("모음.zip", bomb).code == "archive_bomb"
        assert time.monotonic() - started < 20
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
        tracemalloc.stop()


def test_a_bomb_in_a_document_is_refused_as_well() -> None:
    assert refused("계획.docx", make.ooxml(**{"word/media/a.xml": bytes(210 * 1024 * 1024)})).code == "archive_bomb"
    assert refused("계획.docx", make.ooxml(**{"word/embeddings/a.xlsx": make.zip_bomb()})).code == "archive_bomb"


def test_a_directory_that_lies_a_little_is_damaged() -> None:
    whole = make.zipped({"a.txt": b"a" * 5000})
    assert refused("a.zip", whole.replace(struct.pack("<L", 5000), struct.pack("<L", 10))).code == "file_damaged"


def test_an_embedded_document_is_no_bomb() -> None:
    sheet = make.ooxml("xl/workbook.xml", **{"xl/worksheets/sheet1.xml": b"<row/>" * 500_000})
    assert taken("계획.docx", make.ooxml(**{"word/embeddings/예산.xlsx": sheet})).kind is Kind.DOCX
    stored = make.zipped({"사진.zip": make.zipped({"a.jpg": make.jpeg()}, zipfile.ZIP_STORED)}, zipfile.ZIP_STORED)
    assert taken("모음.zip", stored).kind is Kind.ZIP


def test_macros_locked_files_and_paths_inside_are_refused() -> None:
    macro_type = b'<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
    for content in (
        make.ooxml(**{"word/vbaProject.bin": b"x"}),
        make.ooxml("xl/workbook.xml", **{"xl/VBAPROJECT.BIN": b"x"}),
        make.ooxml(types=macro_type),
        make.ooxml(**{"word/embeddings/a.xlsx": make.ooxml("xl/workbook.xml", **{"xl/vbaProject.bin": b"x"})}),
    ):
        for name in ("a.docx", "a.docm", "a.xlsm"):
            assert refused(name, content).code == "file_macros"
    assert refused("a.docx", make.ole("EncryptedPackage", "EncryptionInfo")).code == "file_locked"
    locked = bytearray(make.zipped({"a.txt": b"aaaa"}))
    locked[6] |= 1
    assert refused("a.zip", bytes(locked)).code == "file_locked"
    for path in ("../../etc/passwd", "/etc/passwd", "a/..\\..\\b"):
        assert refused("a.zip", make.zipped({path: b"x"})).code == "archive_paths"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("사진.jpg", make.jpeg()),
        ("사진.png", make.saved(make.photo(size=(200, 150)), "PNG")),
        ("사진.webp", make.saved(make.photo(size=(200, 150)), "WEBP")),
        ("영수증.pdf", make.pdf("x" * 5000)),
        ("계획.docx", make.ooxml(**{"word/media/a.jpg": make.jpeg(size=(200, 150))})),
        ("계획.hwpx", make.hwpx()),
    ],
)
def test_a_file_that_was_cut_off_is_damaged(name: str, content: bytes) -> None:
    assert taken(name, content)
    for part in (0.5, 0.9, 0.99):
        assert refused(name, content[: int(len(content) * part)]).code == "file_damaged", part


def test_a_broken_hwp_is_damaged_and_a_loop_in_it_ends() -> None:
    whole = make.hwp()
    assert refused("계획.hwp", whole[:600]).code == "file_damaged"
    looped = bytearray(whole)
    looped[512 + 4 : 512 + 8] = struct.pack("<L", 1)  # the directory's sector follows itself
    assert refused("계획.hwp", bytes(looped)).code == "file_damaged"
    assert refused("계획.hwp", make.ole("FileHeader", "DocInfo")).code == "file_type_unknown"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    for side in (8_001, 10_000, 50_000):  # beyond ours, beyond Pillow's warning, beyond its error
        tracemalloc.start()
        assert refused("사진.png", make.huge_png(side, side)).code == "image_bomb"
        assert tracemalloc.get_traced_memory()[1] < 5 * 1024 * 1024
        tracemalloc.stop()
    scans = make.saved(make.photo(size=(64, 48)), progressive=True)
    assert taken("사진.jpg", scans)
    at = scans.index(b"\xff\xda")
    assert refused("사진.jpg", scans[:at] + scans[at:] * 100).code == "image_bomb"
