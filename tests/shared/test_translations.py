"""The English pages are complete: every text that a page or a refusal can show has a translation."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import shared
from shared.web.i18n import catalogues

ROOT = Path(shared.__file__).parent.parent
PACKAGES = ("shared", "services/maps", "services/booking", "services/grants")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "_l")),
    **dict.fromkeys(("ngettext", "lazy_ngettext"), (1, 2)),
}


def used(package: str) -> set[str]:
    return {message[0] if isinstance(message, tuple) else message for message in extracted(package)}


def extracted(package: str) -> set[str | tuple[str, str]]:
    """The texts of the code; one that is counted with its plural."""
    options = {"**/templates/**.html": {"trimmed": "true", "extensions": "jinja2.ext.i18n", "silent": "false"}}
    found = extract_from_dir(str(ROOT / package), METHODS, options, keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


def translated(package: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for folder in (ROOT / package).rglob("translations"):
        for file in catalogues(folder, "en"):
            texts |= entries(file) if file.exists() else {}
    return texts


def entries(file: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    with file.open("rb") as stream:
        for entry in read_po(stream, locale="en"):
            if entry.id:
                key = entry.id[0] if isinstance(entry.id, tuple) else entry.id
                text = entry.string if isinstance(entry.string, str) else entry.string[-1]
                texts[key] = "" if entry.fuzzy else text
    return texts


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_has_an_english_translation(package):
    texts = translated("shared") | translated(package)
    messages = used(package)
    assert len(messages) > 10
    assert sorted(message for message in messages if not texts.get(message)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_text_is_counted_everywhere_or_nowhere(package):
    """With a plural in the catalogue, the same text asked for without a count would stay Korean."""
    counted = {message[0] for message in extracted(package) if isinstance(message, tuple)}
    assert sorted(counted & extracted(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_translation_is_left_over(package):
    assert sorted(set(translated(package)) - used(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_translations_keep_the_variables(package):
    import re

    variables = re.compile(r"%\((\w+)\)[sd]")
    wrong = [
        key
        for key, text in translated(package).items()
        if sorted(set(variables.findall(key))) != sorted(set(variables.findall(text)))
    ]
    assert wrong == []
