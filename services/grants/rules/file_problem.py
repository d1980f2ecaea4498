"""What is wrong with a file, as the rules say it."""


class FileProblem(Exception):  # noqa: N818 - the word of the domain
    """A file cannot be taken: `code` is a key of `refusals.files.SENTENCES`, `params` fill its sentence."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
