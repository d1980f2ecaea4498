"""Files as a form brings them: looked into before anything is written, and never read into memory when too large."""

from collections.abc import Collection
from os import SEEK_END

from flask import request

from services.grants import files
from services.grants.rules import file_names
from services.grants.rules.file_kinds import Kind
from services.grants.rules.file_problem import FileProblem
from services.grants.rules.files import FILES_AT_ONCE, Examined, check_size
from shared.refusal import Refusal


def received(field: str, allowed: Collection[Kind], *, most: int = FILES_AT_ONCE) -> list[Examined]:
    """The files that were chosen for a field of this request's form, each looked into; none is no problem.

    Raises Refusal invalid_input (422) for the first that cannot be taken, and says which one where there are several;
    files_too_many.
    """
    parts = [part for part in request.files.getlist(field) if part.filename]
    if len(parts) > most:
        raise Refusal("invalid_input", 422, fields={field: ["files_too_many"]}, file_most=most)
    found = []
    for part in parts:
        name = part.filename or ""
        try:
            check_size(part.stream.seek(0, SEEK_END))
            part.stream.seek(0)
            found.append(files.examined(field, name, part.stream.read(), allowed))
        except FileProblem as problem:
            raise _named(files.refusal(field, problem), field, name, len(parts)) from problem
        except Refusal as refusal:
            raise _named(refusal, field, name, len(parts)) from refusal
    return found


def required(field: str, allowed: Collection[Kind], *, most: int = FILES_AT_ONCE) -> list[Examined]:
    """As `received`, and at least one. Raises Refusal invalid_input (file_missing) as well."""
    found = received(field, allowed, most=most)
    if not found:
        raise Refusal("invalid_input", 422, fields={field: ["file_missing"]})
    return found


def _named(refusal: Refusal, field: str, name: str, among: int) -> Refusal:
    if among > 1:
        stem, extension = file_names.parts(name)
        refusal.fields[field].append("file_which")
        refusal.params["file_name"] = f"{stem}.{extension}" if extension else stem
    return refusal
