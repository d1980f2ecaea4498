"""What a file may be: told by its content, never by its name or by what the browser says of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds that Maru can tell apart and look into; the value is the word that people know the kind by."""

    PDF = "PDF"
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    HEIC = "HEIC"
    HWP = "HWP"
    HWPX = "HWPX"
    DOCX = "DOCX"
    XLSX = "XLSX"
    PPTX = "PPTX"
    ZIP = "ZIP"
    TXT = "TXT"
    CSV = "CSV"


@dataclass(frozen=True)
class Form:
    """How a kind is served and named; the first extension is the one a file without any gets."""

    content_type: str
    extensions: tuple[str, ...]


_OOXML = "application/vnd.openxmlformats-officedocument."
FORMS = {
    Kind.PDF: Form("application/pdf", ("pdf",)),
    Kind.JPEG: Form("image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
    Kind.PNG: Form("image/png", ("png",)),
    Kind.WEBP: Form("image/webp", ("webp",)),
    Kind.HEIC: Form("image/heic", ("heic", "heif")),
    Kind.HWP: Form("application/x-hwp", ("hwp",)),
    Kind.HWPX: Form("application/hwp+zip", ("hwpx",)),
    Kind.DOCX: Form(_OOXML + "wordprocessingml.document", ("docx",)),
    Kind.XLSX: Form(_OOXML + "spreadsheetml.sheet", ("xlsx",)),
    Kind.PPTX: Form(_OOXML + "presentationml.presentation", ("pptx",)),
    Kind.ZIP: Form("application/zip", ("zip",)),
    Kind.TXT: Form("text/plain", ("txt",)),
    Kind.CSV: Form("text/csv", ("csv",)),
}

PHOTOS = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})
"""What can be decoded here, so that the same photo is found again. HEIC cannot: asked for a JPEG, a phone makes one."""
DOCUMENTS = frozenset({Kind.PDF, Kind.HWP, Kind.HWPX, Kind.DOCX, Kind.XLSX, Kind.PPTX})
EVIDENCE = PHOTOS | {Kind.PDF}
"""What proves an expense: a photo of the receipt, or a PDF."""
ANY = PHOTOS | DOCUMENTS

# fmt: off
OTHER_EXTENSIONS = frozenset((
    "apk", "app", "asp", "aspx", "avi", "avif", "bat", "bin", "bmp", "cmd", "com", "cpl", "css", "dll", "dmg", "doc",
    "docm", "dot", "dotm", "eml", "exe", "gif", "gz", "hlp", "hml", "hta", "htm", "html", "hwt", "ics", "iso", "jar",
    "js", "jse", "json", "jsp", "lnk", "mht", "mhtml", "mjs", "mkv", "mov", "mp3", "mp4", "mpg", "msg", "msi", "odp",
    "ods", "odt", "php", "pl", "ppt", "pptm", "ps1", "py", "rar", "reg", "rtf", "scr", "sh", "svg", "svgz", "swf",
    "tar", "tif", "tiff", "vb", "vbe", "vbs", "wav", "webm", "wmv", "wsf", "xhtml", "xls", "xlsb", "xlsm", "xml",
    "xsl", "xslt", "7z",
))
# fmt: on
"""Names of other types that are well known: a file called so says what it is, and if it is not, it lies."""

_EXTENSIONS = {extension: kind for kind, form in FORMS.items() for extension in form.extensions}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_OLE, ZIPPED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_MARKUP = re.compile(
    r"\s*<[!?a-z]|<\s*(?:script|html|svg|body|iframe|img|a|form|object|embed|link|meta|style)[\s>/]", re.I
)


def by_first_bytes(content: bytes) -> Kind | None:
    """The kind that the content begins as: ZIP for every container of that kind and HWP for every OLE file, into which
    `archives` and `ole` look; TXT for text, of which the name says whether it is a table. None when it is none of them:
    HTML, SVG and other markup too, since a browser would run it."""
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Kind.WEBP
    if content[4:8] == b"ftyp":
        return Kind.HEIC if content[8:12] in _HEIC else None
    if content.startswith(_OLE):
        return Kind.HWP
    if content.startswith(ZIPPED):
        return Kind.ZIP
    if content[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t ").startswith(b"%PDF-"):
        return Kind.PDF
    charset = text_charset(content)
    return Kind.TXT if charset and not _MARKUP.search(content.decode(charset)) else None


def text_charset(content: bytes) -> str | None:
    """The charset of a text, as the Content-Type names it: UTF-8, Korean Windows, or UTF-16 that says so. None when it
    is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        charsets = ["utf-16"]
    elif b"\0" in content:
        return None
    else:
        charsets = ["utf-8", "cp949"]
    for charset in charsets:
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        return charset if not any(c < " " and c not in "\t\n\r\f" for c in text) else None
    return None


def by_extension(extension: str) -> Kind | None:
    """The kind that a name ends as."""
    return _EXTENSIONS.get(extension)


def content_type(kind: Kind, content: bytes) -> str:
    """The Content-Type to serve the file with."""
    form = FORMS[kind].content_type
    if kind not in (Kind.TXT, Kind.CSV):
        return form
    charset = text_charset(content)
    return f"{form}; charset={'euc-kr' if charset == 'cp949' else charset}"


def words(kinds: Iterable[Kind]) -> str:
    """Kinds as a reader knows them, in the order of the table above: "PDF, JPEG, PNG"."""
    wanted = set(kinds)
    return ", ".join(kind.value for kind in Kind if kind in wanted)


def accept(kinds: Iterable[Kind]) -> str:
    """The `accept` of an upload field. It names no HEIC, upon which a phone converts its photos to JPEG itself."""
    wanted = set(kinds)
    return ",".join(f".{extension}" for kind in Kind if kind in wanted for extension in FORMS[kind].extensions[:2])
