"""A refusal: the one way in which a use case says no.

Rules raise it with a code; the web layer turns the code into a sentence and the one error form
(`shared.web.errors`), so that pure rules need neither Flask nor a language.
"""

from collections.abc import Iterable, Mapping


class Refusal(Exception):  # noqa: N818 - the word of the domain
    """Said no, with a stable `code`.

    `status` is the HTTP status, `fields` maps a field's name to the codes of what is wrong with it, and `params`
    fill the sentence that the service keeps for the code in its `refusals.SENTENCES`.
    """

    def __init__(
        self, code: str, status: int = 409, fields: Mapping[str, Iterable[str]] | None = None, **params: object
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.fields = {name: list(codes) for name, codes in (fields or {}).items()}
        self.params = params
