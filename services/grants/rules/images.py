"""Photos: whole, of a size that can be decoded, and known again by what is to be seen.

The perceptual hash is the 64 lowest frequencies (two-dimensional cosine transform of the picture at 32 × 32 grey
values), each a bit that says whether it is above their median; after C. Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions" (2010). Saving a photo again, resizing or brightening it turns a few of the bits;
another photo has about half of them different.
"""

import io
import math
import statistics
import threading
from collections.abc import Sequence

from PIL import Image, ImageOps

from services.grants.rules.file_kinds import Kind
from services.grants.rules.file_problem import FileProblem

PIXELS = 64_000_000
"""The most pixels of a photo: phones take 12 to 50 million; decoding takes up to 4 bytes for each."""
SCANS = 64
"""The most passes of a JPEG: encoders make 10, and each pass over a large one takes a second."""
ALIKE_BITS = 7
"""Photos whose hashes differ in no more bits are taken for the same. More than 7 the bands below would not find."""
BAND_BITS, BANDS = 16, 4
_SIDE = 32
_PLAIN = 4.0
"""A picture whose grey values deviate less (of 255) shows nothing to know it by, as an empty page."""
_FREQUENCIES = sorted(((u, v) for u in range(11) for v in range(11)), key=lambda at: (at[0] + at[1], at))[1:65]
_PLACES = [bit % BANDS * BAND_BITS + bit // BANDS for bit in range(64)]
"""Neighbouring frequencies go into different bands: the lowest alone say little more than where the sky is."""
_COSINES = [[math.cos(math.pi * u * (2 * x + 1) / (2 * _SIDE)) for x in range(_SIDE)] for u in range(11)]
_PLUGINS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}
_DECODING = threading.BoundedSemaphore(2)
"""How many are decoded at a time, so that a crowd of large photos does not take all memory."""


def looked_at(kind: Kind, content: bytes) -> str | None:
    """The perceptual hash of a photo, 16 hexadecimal digits; None when it shows nothing to know it by.

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
                return perceptual_hash(image)
        except FileProblem:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise FileProblem("image_bomb", file_pixels=PIXELS // 1_000_000) from error
        except Exception as error:  # decoders raise whatever they stumbled over
            raise FileProblem("file_damaged") from error


def perceptual_hash(image: Image.Image) -> str | None:
    """See above; the way the camera was held and transparency do not count."""
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        coloured = upright.convert("RGBA")
        upright = Image.new("RGBA", coloured.size, "white")
        upright.alpha_composite(coloured)
    grey = upright.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX).tobytes()
    if statistics.pstdev(grey) < _PLAIN:
        return None
    rows = [grey[y * _SIDE : (y + 1) * _SIDE] for y in range(_SIDE)]
    across = [[_product(wave, row) for row in rows] for wave in _COSINES]
    values = [_product(_COSINES[v], across[u]) for u, v in _FREQUENCIES]
    middle = statistics.median(values)
    return f"{sum((value > middle) << place for place, value in zip(_PLACES, values, strict=True)):016x}"


def _product(wave: Sequence[float], values: Sequence[float]) -> float:
    return sum(one * other for one, other in zip(wave, values, strict=True))


def distance(one: str, other: str) -> int:
    """In how many of the 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def bands(digest: str) -> list[int]:
    """The four bands of 16 bits of a hash, each with its place: what is kept in an index."""
    bits = int(digest, 16)
    return [place << BAND_BITS | bits >> BAND_BITS * place & 0xFFFF for place in range(BANDS)]


def near_bands(digest: str) -> list[int]:
    """Every band at most one bit away, 68 in all. Two hashes that differ in at most 7 bits have one of the four bands
    in which they differ in at most one (the pigeonhole principle), so that these find every one of them."""
    return [near for band in bands(digest) for near in (band, *(band ^ 1 << bit for bit in range(BAND_BITS)))]
