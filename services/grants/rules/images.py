"""Photos: whole, of a size that can be decoded, and known again by what is to be seen.

The perceptual hash is the 64 lowest frequencies (two-dimensional cosine transform of the picture at 32 × 32 grey
values), each a bit that says whether it is above their median; after C. Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions" (2010). Saving a photo again, resizing or brightening it turns a few of the bits;
another photo has about half of them different. Slips of paper on one table are the exception: one pair in fifteen lies
within ALIKE_BITS. The detail hash tells those apart, the 255 lowest frequencies at 64 × 64: of 780 such pairs the
nearest differed in 38 bits, photos that were saved, resized, brightened or trimmed anew in 26 at most.
"""

import io
import math
import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul

from PIL import Image, ImageOps

from services.grants.rules.file_kinds import Kind
from services.grants.rules.file_problem import FileProblem

PIXELS = 64_000_000
"""The most pixels of a photo: phones take 12 to 50 million; decoding takes up to 4 bytes for each."""
SCANS = 64
"""The most passes of a JPEG: encoders make 10, and each pass over a large one takes a second."""
ALIKE_BITS = 7
"""Photos whose hashes differ in no more bits are taken for the same. More than 7 the bands below would not find."""
DETAIL_BITS = 32
"""Of the 255 bits of the detail hash; see above."""
BAND_BITS, BANDS = 16, 4
_SIDE = 32
_DETAIL_SIDE, _DETAIL_WAVES = 64, 16
_PLAIN = 4.0
"""A picture whose grey values deviate less (of 255) shows nothing to know it by, as an empty page."""
_FREQUENCIES = sorted(((u, v) for u in range(11) for v in range(11)), key=lambda at: (at[0] + at[1], at))[1:65]
_PLACES = [bit % BANDS * BAND_BITS + bit // BANDS for bit in range(64)]
"""Neighbouring frequencies go into different bands: the lowest alone say little more than where the sky is."""
_DETAILS = [(u, v) for v in range(_DETAIL_WAVES) for u in range(_DETAIL_WAVES)][1:]
_PLUGINS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}
_DECODING = threading.BoundedSemaphore(2)
"""How many are decoded at a time, so that a crowd of large photos does not take all memory."""


@dataclass(frozen=True)
class Looks:
    """What a photo is known by: two hashes of what is to be seen, 16 and 64 hexadecimal digits."""

    perceptual_hash: str
    detail_hash: str


def looked_at(kind: Kind, content: bytes) -> Looks | None:
    """What a photo is known by; None when it shows nothing to know it by.

    Raises FileProblem: image_bomb (before anything is decoded), file_damaged (cut off, or no picture at all).
    """
    if kind is Kind.JPEG and content.count(b"\xff\xda") > SCANS:
        raise FileProblem("image_bomb", file_pixels=PIXELS // 1_000_000)
    with _DECODING:
        try:
            with Image.open(io.BytesIO(content), formats=[_PLUGINS[kind]]) as image:
                if image.width * image.height > PIXELS:
                    raise FileProblem("image_bomb", file_pixels=PIXELS // 1_000_000)
                image.draft("L", (256, 256))  # a JPEG is decoded at an eighth of its size: a sixty-fourth of the memory
                image.load()
                return looks_of(image)
        except FileProblem:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise FileProblem("image_bomb", file_pixels=PIXELS // 1_000_000) from error
        except Exception as error:  # decoders raise whatever they stumbled over
            raise FileProblem("file_damaged") from error


def looks_of(image: Image.Image) -> Looks | None:
    """See above; the way the camera was held and transparency do not count."""
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        coloured = upright.convert("RGBA")
        upright = Image.new("RGBA", coloured.size, "white")
        upright.alpha_composite(coloured)
    grey = upright.convert("L")
    small = _shrunk(grey, _SIDE)
    if statistics.pstdev(small) < _PLAIN:
        return None
    lowest = _above_median(small, _SIDE, _FREQUENCIES)
    details = _above_median(_shrunk(grey, _DETAIL_SIDE), _DETAIL_SIDE, _DETAILS)
    return Looks(
        f"{sum(above << place for above, place in zip(lowest, _PLACES, strict=True)):016x}",
        f"{sum(above << place for place, above in enumerate(details)):064x}",
    )


def _shrunk(grey: Image.Image, side: int) -> bytes:
    return grey.resize((side, side), Image.Resampling.BOX).tobytes()


def _above_median(grey: bytes, side: int, frequencies: Sequence[tuple[int, int]]) -> list[bool]:
    """Of each frequency (waves across, waves down) whether it is stronger than the median of all of them."""
    rows = [grey[y * side : (y + 1) * side] for y in range(side)]
    waves = _cosines(side, 1 + max(max(frequency) for frequency in frequencies))
    across = [[_product(wave, row) for row in rows] for wave in waves]
    values = [_product(waves[v], across[u]) for u, v in frequencies]
    middle = statistics.median(values)
    return [value > middle for value in values]


@cache
def _cosines(side: int, waves: int) -> list[list[float]]:
    return [[math.cos(math.pi * u * (2 * x + 1) / (2 * side)) for x in range(side)] for u in range(waves)]


def _product(wave: Sequence[float], values: Sequence[float]) -> float:
    return sum(map(mul, wave, values))


def distance(one: str, other: str) -> int:
    """In how many bits two hashes of one kind differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def same_details(one: str | None, other: str | None) -> bool:
    """Whether the detail hashes of two photos with near perceptual hashes are near too; yes, where there is none."""
    return not one or not other or distance(one, other) <= DETAIL_BITS


def bands(digest: str) -> list[int]:
    """The four bands of 16 bits of a hash, each with its place: what is kept in an index."""
    bits = int(digest, 16)
    return [place << BAND_BITS | bits >> BAND_BITS * place & 0xFFFF for place in range(BANDS)]


def near_bands(digest: str) -> list[int]:
    """Every band at most one bit away, 68 in all. Two hashes that differ in at most 7 bits have one of the four bands
    in which they differ in at most one (the pigeonhole principle), so that these find every one of them."""
    return [near for band in bands(digest) for near in (band, *(band ^ 1 << bit for bit in range(BAND_BITS)))]
