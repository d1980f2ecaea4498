"""Whether a file can be taken, as a checklist: by its size, its content and only then by its name."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from services.grants.rules import archives, file_names, images, ole
from services.grants.rules.file_kinds import (
    FORMS,
    OTHER_EXTENSIONS,
    PHOTOS,
    Kind,
    by_extension,
    by_first_bytes,
    content_type,
    words,
)
from services.grants.rules.file_problem import FileProblem

FILE_BYTES = 20 * 1024 * 1024
"""The largest file."""
FILES_AT_ONCE = 10
"""The most files of one field in one send."""
_PDF_END = 4096
"""How far from its end a PDF's last line may stand; some programs write something behind it."""


@dataclass(frozen=True)
class Examined:
    """A file that was looked into and can be kept. `size` is in bytes, `sha256` hexadecimal; photos have looks."""

    kind: Kind
    name: str
    content_type: str
    size: int
    sha256: str
    looks: images.Looks | None
    content: bytes = field(repr=False)


def examine(name: str, content: bytes, allowed: Collection[Kind]) -> Examined:
    """Look at a file that somebody called `name`. Text is taken for a table where its name says so.

    Raises FileProblem: file_empty, file_too_large, file_type_unknown, file_type_lies (`file_said`, `file_is`),
    file_kind_not_taken (`file_is`, `file_takes`), file_heic, file_name_bad, file_damaged, file_locked, file_macros,
    archive_bomb, archive_paths, image_bomb.
    """
    check_size(len(content))
    stem, extension = file_names.parts(name)
    if not stem:
        raise FileProblem("file_name_bad")
    kind = _kind(content, extension, allowed)
    said = extension in OTHER_EXTENSIONS or by_extension(extension) is not None
    if said and extension not in FORMS[kind].extensions:
        raise FileProblem("file_type_lies", file_said=extension.upper(), file_is=kind.value)
    if kind not in allowed:
        if kind is Kind.HEIC:
            raise FileProblem("file_heic")
        raise FileProblem("file_kind_not_taken", file_is=kind.value, file_takes=words(allowed))
    if kind is Kind.PDF and not {b"startxref", b"%%EOF"} <= _words_at_end(content):
        raise FileProblem("file_damaged")
    full = joined_name(stem, extension, kind)
    return Examined(
        kind=kind,
        name=full,
        content_type=content_type(kind, content),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        looks=images.looked_at(kind, content) if kind in PHOTOS else None,
        content=content,
    )


def check_size(size: int) -> None:
    """Raises FileProblem: file_empty, file_too_large. To be asked before a file is read into memory."""
    if size == 0:
        raise FileProblem("file_empty")
    if size > FILE_BYTES:
        raise FileProblem("file_too_large", file_limit=FILE_BYTES // (1024 * 1024))


def joined_name(stem: str, extension: str, kind: Kind) -> str:
    """The name to keep: it ends as its kind does, so that "계획" becomes "계획.pdf" and "v1.2" "v1.2.pdf"."""
    if extension in FORMS[kind].extensions:
        return file_names.joined(stem, extension)
    return file_names.joined(f"{stem}.{extension}" if extension else stem, FORMS[kind].extensions[0])


def _kind(content: bytes, extension: str, allowed: Collection[Kind]) -> Kind:
    kind = by_first_bytes(content)
    if kind is Kind.ZIP:
        kind = archives.kind_of(content)
    elif kind is Kind.HWP:
        kind = ole.kind_of(content)
    elif kind is Kind.TXT and extension == "csv":
        kind = Kind.CSV
    if kind is None:
        raise FileProblem("file_type_unknown", file_takes=words(allowed))
    return kind


def _words_at_end(content: bytes) -> set[bytes]:
    end = content[-_PDF_END:]
    return {word for word in (b"startxref", b"%%EOF") if word in end}
