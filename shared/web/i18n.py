"""Languages: Korean is the source text, English comes from `translations/en.po` of each package, or from several files
by subject in `translations/en/`.

The catalogues are read as they are; nothing has to be compiled, so a translator's change needs a restart only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, Domain, force_locale, get_locale

LANGUAGES = ("ko", "en")
SEOUL = "Asia/Seoul"


class PoDomain(Domain):
    """A domain that reads the `en.po` files of several folders into one set of translations."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__()
        self._folders = folders

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        language = locale.language if locale else LANGUAGES[0]
        if language not in self.cache:
            self.cache[language] = read_catalogues(
                [file for folder in self._folders for file in catalogues(folder, language)]
            )
        return self.cache[language]


class PoBabel(Babel):
    """Flask-Babel with the domain above as the default one."""

    def __init__(self, app: Flask, folders: Sequence[Path]) -> None:
        self._po_domain = PoDomain(folders)
        super().__init__(app, default_locale=LANGUAGES[0], default_timezone=SEOUL, locale_selector=language_of_request)

    @property
    def domain_instance(self) -> PoDomain:
        return self._po_domain


def catalogues(folder: Path, language: str) -> list[Path]:
    """The files of a language in a folder of translations: `en.po` and `en/*.po`."""
    return [folder / f"{language}.po", *sorted((folder / language).glob("*.po"))]


def read_catalogues(files: Sequence[Path]) -> NullTranslations:
    """Merge the po files that exist; the source texts themselves where there is none (Korean)."""
    merged: Translations | None = None
    for file in files:
        if not file.exists():
            continue
        binary = BytesIO()
        with file.open("rb") as stream:
            write_mo(binary, read_po(stream, locale=file.stem if file.stem in LANGUAGES else file.parent.name))
        binary.seek(0)
        translations = Translations(fp=binary)
        merged = translations if merged is None else merged.merge(translations)
    return merged or NullTranslations()


def language_of_request() -> str:
    """The language somebody chose, else the browser's, else Korean."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0])


@contextmanager
def speaking(language: str, *folders: Path) -> Iterator[None]:
    """Outside of a request (scheduled work): texts, dates and numbers in this language, from these folders."""
    with _speaker(folders).app_context(), force_locale(language if language in LANGUAGES else LANGUAGES[0]):
        yield


@lru_cache
def _speaker(folders: tuple[Path, ...]) -> Flask:
    app = Flask(__name__, static_folder=None)
    PoBabel(app, [Path(__file__).parent / "translations", *folders])
    return app
