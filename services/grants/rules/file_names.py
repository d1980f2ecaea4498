"""Names of files: what is left of one when everything that could mislead a person or a computer is taken out."""

import re
import unicodedata

NAME_BYTES = 200
"""The longest name in UTF-8: file systems take 255, and who saves a file twice gets " (1)" added."""
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Unicode categories of what nobody sees: controls, marks that turn the direction of reading, half characters."""


def parts(name: str) -> tuple[str, str]:
    """The base name without path and without what misleads, and its extension in lower case: ("2026 계획", "pdf").

    Paths of every system are cut off, Hangul that a Mac took apart is put together again, and what Windows takes for a
    device gets a mark before it. Both are empty when nothing is left.
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    base = "".join(" " if c in "\t\n\r\u2028\u2029" else c for c in base)
    base = "".join(c for c in base if unicodedata.category(c) not in _UNSEEN)
    base = " ".join(_NOT_IN_NAMES.sub("_", base).split()).strip(". ")
    if _RESERVED.match(base):
        base = f"_{base}"
    stem, dot, extension = base.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,8}", extension):
        return base, ""
    return stem.rstrip(". "), extension.lower()


def joined(stem: str, extension: str) -> str:
    """A name of at most NAME_BYTES with its extension whole; no character is cut in half."""
    ending = f".{extension}" if extension else ""
    room = NAME_BYTES - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + ending
