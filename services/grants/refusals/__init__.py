"""Why grants says no: code -> a sentence that also says what to do next."""

from services.grants.refusals import (
    applying,
    committee,
    core,
    discovering,
    files,
    guards,
    paying,
    programmes,
    register,
    reviewing,
    selecting,
    settling,
)

SENTENCES = {
    **core.SENTENCES,
    **applying.SENTENCES,
    **guards.SENTENCES,
    **committee.SENTENCES,
    **selecting.SENTENCES,
    **files.SENTENCES,
    **reviewing.SENTENCES,
    **discovering.SENTENCES,
    **programmes.SENTENCES,
    **paying.SENTENCES,
    **settling.SENTENCES,
    **register.SENTENCES,
}
