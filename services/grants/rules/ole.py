"""OLE files ([MS-CFB]): HWP documents are such, and so are Word and Excel files of before 2007 and encrypted ones."""

import struct
from collections.abc import Iterator

from services.grants.rules.file_kinds import Kind
from services.grants.rules.file_problem import FileProblem

_ENTRY = 128
_END = 0xFFFFFFFA
"""Sector numbers from here on mean something else than a sector."""
_NAMES = 4_000
"""The most directory entries that are read; a document has some dozens."""


def kind_of(content: bytes) -> Kind | None:
    """HWP when its streams are those of one; None for another format. Raises FileProblem: file_damaged, file_locked."""
    names = set(_names(content))
    if "EncryptedPackage" in names:
        raise FileProblem("file_locked")
    if {"FileHeader", "DocInfo"} <= names and b"HWP Document File" in content:
        return Kind.HWP
    return None


def _names(content: bytes) -> Iterator[str]:
    """The names in the directory, which is a chain of sectors through the allocation table."""
    try:
        shift, count, first, more = struct.unpack_from("<30xH12xLL16xL", content)
        size = 1 << shift
        if shift not in (9, 12) or count > len(content) // size:
            raise FileProblem("file_damaged")
        table_at = _tables(content, size, count, more)
        sector, seen = first, set[int]()
        while sector < _END and len(seen) * size < _NAMES * _ENTRY:
            if sector in seen:
                raise FileProblem("file_damaged")
            seen.add(sector)
            for at in range(size * (sector + 1), size * (sector + 2), _ENTRY):
                name, length, kind = struct.unpack_from("<64sHB", content, at)
                if kind:
                    yield name[: max(length - 2, 0)].decode("utf-16-le", "replace")
            table, place = divmod(sector, size // 4)
            (sector,) = struct.unpack_from("<L", content, size * (table_at[table] + 1) + 4 * place)
    except (struct.error, IndexError) as error:
        raise FileProblem("file_damaged") from error


def _tables(content: bytes, size: int, count: int, more: int) -> list[int]:
    """The sectors of the allocation table: 109 in the header, the others in a chain of sectors (files over 7 MB)."""
    found = list(struct.unpack_from("<109L", content, 76))
    while len(found) < count and more < _END:
        *numbers, more = struct.unpack_from(f"<{size // 4}L", content, size * (more + 1))
        found += numbers
    return found[:count]
