"""Zip containers, alone or as a document of HWPX, Word, Excel or PowerPoint: what is inside, without trusting what the
directory says of it. Everything is inflated once, in pieces and up to a limit, and nothing is kept or written.

A directory can say that a member is small while its stream is not, two members can share one stream, and a container
can hold containers: each multiplies what a person's computer would unpack.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.grants.rules.file_kinds import ZIPPED, Kind
from services.grants.rules.file_problem import FileProblem

ENTRIES = 2_000
"""The most members of a container, those of containers inside included."""
INFLATED_BYTES = 200 * 1024 * 1024
"""The most that a container may unpack to, with all that it holds."""
RATIO, RATIO_FROM_BYTES = 100, 32 * 1024 * 1024
"""A container that unpacks to more than RATIO times its size is a bomb once that is more than RATIO_FROM_BYTES: a small
sheet of equal cells is packed as well."""
DEPTH = 2
"""A document may hold a sheet which holds a picture's data; deeper nesting has no honest use."""
MEMBER_BYTES = 20 * 1024 * 1024
"""The most of a member that is looked into, a container inside a container."""
PIECE = 256 * 1024
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_DOCUMENTS = {"word/document.xml": Kind.DOCX, "xl/workbook.xml": Kind.XLSX, "ppt/presentation.xml": Kind.PPTX}
_MACRO_PARTS = ("vbaproject.bin", "vbadata.xml", "vbaprojectsignature.bin")


@dataclass
class _Budget:
    """What may still be unpacked."""

    packed: int
    entries: int = 0
    inflated: int = 0

    def enter(self, count: int) -> None:
        self.entries += count
        if self.entries > ENTRIES:
            raise FileProblem("archive_bomb")

    def take(self, size: int) -> None:
        self.inflated += size
        too_dense = self.inflated > RATIO_FROM_BYTES and self.inflated > RATIO * self.packed
        if self.inflated > INFLATED_BYTES or too_dense:
            raise FileProblem("archive_bomb")


def kind_of(content: bytes) -> Kind | None:
    """What the container is by its members: HWPX, DOCX, XLSX, PPTX or else ZIP; None when it is one of another format.

    Raises FileProblem: archive_bomb, file_macros, file_locked, file_damaged, archive_paths.
    """
    return _looked_through(content, _Budget(len(content)), 0)


def _looked_through(content: bytes, budget: _Budget, depth: int) -> Kind | None:
    if depth > DEPTH:
        raise FileProblem("archive_bomb")
    if content.count(b"PK\x01\x02") > ENTRIES:  # before a directory of a million lines is read into memory
        raise FileProblem("archive_bomb")
    members = _directory(content)
    budget.enter(len(members))
    if sum(member.file_size for member in members) > INFLATED_BYTES - budget.inflated:
        raise FileProblem("archive_bomb")
    if len({member.header_offset for member in members}) < len(members):  # several members share one stream
        raise FileProblem("archive_bomb")
    names = {member.filename.lower() for member in members}
    if any(name.rpartition("/")[2] in _MACRO_PARTS for name in names):
        raise FileProblem("file_macros")
    told: dict[str, bytes] = {}
    for member in members:
        if member.filename.startswith(("/", "\\")) or ".." in member.filename.replace("\\", "/").split("/"):
            raise FileProblem("archive_paths")
        kept = _member(content, member, budget)
        if kept.startswith(ZIPPED):
            _looked_through(kept, budget, depth + 1)
        elif member.filename in ("mimetype", "[Content_Types].xml"):
            told[member.filename] = kept
    if b"macroenabled" in told.get("[Content_Types].xml", b"").lower():
        raise FileProblem("file_macros")
    return _kind(names, told)


def _kind(names: set[str], told: dict[str, bytes]) -> Kind | None:
    if "mimetype" in told:
        return Kind.HWPX if told["mimetype"].strip() == b"application/hwp+zip" else None
    if "[Content_Types].xml" in told:
        return next((kind for part, kind in _DOCUMENTS.items() if part in names), None)
    return Kind.ZIP if names else None


def _directory(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except Exception as error:  # whatever a reader makes of a directory that somebody wrote by hand
        raise FileProblem("file_damaged") from error


def _member(content: bytes, member: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """Inflate a member to its very end, whatever the directory says of its size; gives back what is looked into: its
    content when that is a container or tells a kind, else its beginning."""
    kept = bytearray()
    whole = member.filename in ("mimetype", "[Content_Types].xml")
    size = checksum = 0
    for piece in _pieces(content, member):
        budget.take(len(piece))
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        whole = whole or (size == len(piece) and piece.startswith(ZIPPED))
        if whole:
            kept += piece
            if len(kept) > MEMBER_BYTES:
                raise FileProblem("archive_bomb")
    if size != member.file_size or checksum != member.CRC:
        raise FileProblem("file_damaged")
    return bytes(kept)


def _pieces(content: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    header = content[member.header_offset : member.header_offset + _LOCAL.size] if member.header_offset >= 0 else b""
    if len(header) < _LOCAL.size or not header.startswith(ZIPPED):
        raise FileProblem("file_damaged")
    _, _, flags, method, *_, name_length, extra_length = _LOCAL.unpack(header)
    if (flags | member.flag_bits) & 1:
        raise FileProblem("file_locked")
    if method != member.compress_type or method not in (_STORED, _DEFLATED):
        raise FileProblem("file_damaged")
    start = member.header_offset + _LOCAL.size + name_length + extra_length
    if method == _STORED:
        stored = memoryview(content)[start : start + member.compress_size]
        for at in range(0, len(stored), PIECE):
            yield bytes(stored[at : at + PIECE])
        return
    stream, rest = zlib.decompressobj(-zlib.MAX_WBITS), memoryview(content)[start:]
    at = 0
    while not stream.eof:
        waiting: bytes | memoryview = stream.unconsumed_tail
        if not waiting:
            waiting, at = rest[at : at + PIECE], at + PIECE
            if not waiting:
                raise FileProblem("file_damaged")
        try:
            piece = stream.decompress(waiting, PIECE)
        except zlib.error as error:
            raise FileProblem("file_damaged") from error
        if piece:
            yield piece
