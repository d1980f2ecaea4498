"""How alike two texts are, and which of thousands are worth comparing. Pure.

Texts are compared by their shingles (every run of WIDTH letters, spaces and punctuation left out, because Korean is
spaced as one likes). A text's sketch is its SKETCH smallest shingle hashes: alike texts share most of them (bottom-k
MinHash), so that candidates come out of buckets of equal hashes and not out of comparing everyone with everyone.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from heapq import nsmallest
from itertools import combinations, pairwise
from typing import TypeVar
from zlib import crc32

WIDTH = 6
"""Letters of a shingle."""
SKETCH = 48
"""Hashes that a sketch keeps; the likeness of two sketches is off by about 0.07 at most two times in three."""
MANY = 40
"""A hash that more texts share is a common phrase: its texts are paired with their neighbours only."""
LEAST_SHARED = 6
"""Hashes of SKETCH that two texts must share to be compared."""
ALIKE = 0.5
"""From this likeness on (0 to 1) two texts are told as alike."""

Sketch = tuple[int, ...]
Key = TypeVar("Key", int, str)


def letters(text: str) -> str:
    """The text without what people vary: case, width of letters, spaces, punctuation."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def shingles(text: str) -> set[int]:
    """The hashes of all runs of WIDTH letters; of a shorter text, of the whole."""
    kept = letters(text)
    if not kept:
        return set()
    data = kept.encode("utf-32-le")  # a fixed width, so that a slice of bytes is a slice of letters
    step, width = 4, 4 * WIDTH
    return {crc32(data[at : at + width]) for at in range(0, max(len(data) - width, 0) + step, step)}


def sketch(text: str) -> Sketch:
    """The SKETCH smallest shingle hashes, in order."""
    return tuple(nsmallest(SKETCH, shingles(text)))


def likeness(one: str, other: str) -> float:
    """The part of shingles that two texts share, 0 to 1 (Jaccard)."""
    ours, theirs = shingles(one), shingles(other)
    together = len(ours | theirs)
    return len(ours & theirs) / together if together else 0.0


def estimated(one: Sketch, other: Sketch) -> float:
    """As `likeness`, from the sketches alone."""
    ours, theirs = set(one), set(other)
    smallest = nsmallest(SKETCH, ours | theirs)
    return sum(each in ours and each in theirs for each in smallest) / len(smallest) if smallest else 0.0


def alike(sketches: Mapping[Key, Sketch], least: float = ALIKE) -> dict[tuple[Key, Key], float]:
    """The pairs (smaller key first) whose estimated likeness is at least `least`."""
    buckets: defaultdict[int, list[Key]] = defaultdict(list)
    for key in sorted(sketches):
        for value in sketches[key]:
            buckets[value].append(key)
    shared: Counter[tuple[Key, Key]] = Counter()
    for keys in buckets.values():
        shared.update(paired(keys))
    found = {}
    short = any(len(each) < LEAST_SHARED for each in sketches.values())
    for (one, other), count in shared.items():
        if count >= LEAST_SHARED or (short and count >= min(len(sketches[one]), len(sketches[other]))):
            close = estimated(sketches[one], sketches[other])
            if close >= least:
                found[one, other] = close
    return found


def paired(keys: Sequence[Key]) -> Iterator[tuple[Key, Key]]:
    """All pairs of those who share something; of very many, each with the next one only."""
    return combinations(keys, 2) if len(keys) <= MANY else pairwise(keys)


def differences(one: str, other: str) -> tuple[list[tuple[bool, str]], list[tuple[bool, str]]]:
    """Both texts in pieces, each with whether it stands in both: what a page marks. Compared word by word."""
    ours, theirs = _words(one), _words(other)
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    matcher = SequenceMatcher(None, ours, theirs, autojunk=len(ours) + len(theirs) > 4_000)
    for kind, a, b, c, d in matcher.get_opcodes():
        if ours[a:b]:
            left.append((kind == "equal", "".join(ours[a:b])))
        if theirs[c:d]:
            right.append((kind == "equal", "".join(theirs[c:d])))
    return left, right


def _words(text: str) -> list[str]:
    """The words, each with the white space behind it: put together they are the text again."""
    words: list[str] = []
    word, spaced = "", False
    for letter in text:
        if spaced and not letter.isspace():
            words.append(word)
            word, spaced = "", False
        word += letter
        spaced = spaced or letter.isspace()
    return [*words, word] if word else words
