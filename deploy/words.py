"""The sentences of refusals for the command line, where no request chooses a language."""

from importlib import import_module
from pathlib import Path

from shared.identity.accounts import SENTENCES as IDENTITY
from shared.refusal import Refusal
from shared.settings import SERVICES
from shared.web.errors import SENTENCES as SHARED
from shared.web.i18n import read_catalogues

ROOT = Path(__file__).parent.parent


def english(refusal: Refusal) -> str:
    """What was refused and what to do, with one line per field."""
    catalogue = read_catalogues(
        [ROOT / "shared/web/translations/en.po", ROOT / "shared/identity/translations/en.po"]
        + [ROOT / "services" / name / "translations/en.po" for name in SERVICES]
    )
    kept = {**SHARED, **IDENTITY}
    for name in SERVICES:
        kept |= import_module(f"services.{name}.refusals").SENTENCES

    def say(code: str) -> str:
        if code not in kept:
            return code
        text = catalogue.gettext(str(kept[code]))
        return text % refusal.params if refusal.params else text

    fields = [f"{name}: {' '.join(say(code) for code in codes)}" for name, codes in refusal.fields.items()]
    return "\n".join([say(refusal.code), *fields])
