"""The editor of a programme's version, part by part, without any script: rows are added, moved and removed by buttons
that send the form, and nothing that was typed is lost."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.grants import policy
from services.grants.pages import programme_parts as parts
from services.grants.pages import shapes
from services.grants.pages.programme_words import part_of, problem_lines
from services.grants.programmes import building, reading
from services.grants.programmes.checking import problems_of
from services.grants.programmes.reading import Shown
from services.grants.rules.definition import Words
from services.grants.wording.programmes import PARTS, told
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.pages import database


def edit(programme_id: int, number: int, part: str) -> ResponseReturnValue:
    """One part of a version, to change."""
    found = _found(programme_id, number, part)
    document = parts.shown(part, found.version.definition)
    return _form(found, part, shapes.typed_of(parts.shape_of(part, found.version.definition), document))


def save(programme_id: int, number: int, part: str) -> ResponseReturnValue:
    """Keep the part, or add, move or remove a row of what is being typed."""
    found = _found(programme_id, number, part)
    shape = parts.shape_of(part, found.version.definition)
    typed = shapes.read(shape, request.form)
    order = request.form.get("do", "save")
    seen = request.form.get("seen", "")
    if order != "save":
        moved = shapes.rearrange(shape, typed, order)
        return _form(found, part, typed, seen=seen, moved=moved)
    document = parts.shown(part, copy.deepcopy(found.version.definition))
    unread = shapes.document_of(shape, typed, document)
    try:
        if unread:
            raise Refusal("invalid_input", 422, fields=unread)
        building.change(
            database(),
            current_actor(),
            clock.now(),
            version_id=found.version.id,
            seen=seen,
            document=parts.stored(part, document),
        )
    except ValidationError as error:
        return _form(found, part, typed, refusal_of_validation(error), seen=seen)
    except Refusal as refusal:
        if refusal.status in (401, 403, 404):
            raise
        return _form(found, part, typed, refusal, seen=seen)
    flash(_("저장했습니다."), "success")
    return redirect(url_for("programme_editor.edit", programme_id=programme_id, number=number, part=part))


def _found(programme_id: int, number: int, part: str) -> Shown:
    """The version, for its owner. Raises Refusal: not_found, other_district, rules_frozen, programme_retired."""
    with database().read() as session:
        found = reading.shown(session, current_actor(), programme_id, number)
    policy.check_runs(current_actor(), found.programme.district)
    if part not in PARTS:
        raise Refusal("not_found", 404)
    building.check_changeable(found.version)
    if found.programme.retired_at is not None:
        raise Refusal("programme_retired", 409)
    return found


def _form(
    found: Shown,
    part: str,
    typed: shapes.Typed,
    refusal: Refusal | None = None,
    *,
    seen: str | None = None,
    moved: str | None = None,
) -> ResponseReturnValue:
    shape = parts.shape_of(part, found.version.definition)
    errors = _at_fields(field_sentences(refusal), shapes.names(shape, typed)) if refusal else {}
    problems = problem_lines(problems_of(found.rules), found.rules)
    counts = {key: sum(each["part"] == key and each["blocks"] for each in problems) for key in PARTS}
    page = render_template(
        "grants/programme_part.html",
        found=found,
        part=part,
        parts=PARTS,
        part_tabs=_tabs(found, part, counts),
        shape=shape,
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal else None,
        problems=[each for each in problems if each["part"] == part] if refusal is None and seen is None else [],
        seen=found.version.definition_hash if seen is None else seen,
        moved=moved,
        is_rows=lambda each: isinstance(each, shapes.Rows),
        options_with=_options_with,
        row_title=_row_title,
        touched=lambda name: any(each.startswith(f"{name}.") for each in errors),
    )
    return page, refusal.status if refusal else 200


def _tabs(found: Shown, part: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    where: dict[str, Any] = {"programme_id": found.programme.id, "number": found.version.number}
    return [
        {
            "label": label,
            "href": url_for("programme_editor.edit", part=key, **where),
            "current": key == part,
            "count": counts[key] or None,
        }
        for key, label in PARTS.items()
    ]


def _at_fields(errors: dict[str, list[str]], names: set[str]) -> dict[str, list[str]]:
    """Sentences at the fields that this part has; the others, which are other parts' or nobody's, stand above."""
    found: dict[str, list[str]] = {}
    for path, sentences in errors.items():
        own = next((each for each in _nearest(path) if each in names), None)
        if own is not None:
            found.setdefault(own, []).extend(sentences)
        else:
            where = str(PARTS[part_of(path)])
            found.setdefault("form", []).extend(f"{where}: {each}" for each in sentences)
    return found


def _nearest(path: str) -> list[str]:
    """A place's own field, and those that stand for it: a value's number, the list that an entry is in, a label."""
    outer = path.rpartition(".")[0]
    return [path, f"{path}.ko", f"{outer}.number", outer, outer.rpartition(".")[0]]


def _options_with(leaf: shapes.Leaf, value: Any) -> list[tuple[str, Any]]:
    """The options of a field. What is chosen is among them though nobody knows it (any more), and of several what is
    chosen stands first in its order, which means something: saving changes nothing unseen."""
    known = dict(leaf.options)
    several = isinstance(value, list)
    chosen = list(value) if several else [value] if value else []
    named = [(each, known.get(each) or _("%(key)s (목록에 없음)", key=each)) for each in chosen]
    if not several:
        return [*leaf.options, *(each for each in named if each[0] not in known)]
    return [*named, *(each for each in leaf.options if each[0] not in chosen)]


def _row_title(own: shapes.Rows, row: shapes.Typed) -> str:
    """What names a row, in the reader's language, choices by their words: "선정: 심의, 예비 선정 → 선정"."""
    name = next((text for path in own.title if (text := _said(own, row, path))), "")
    more = " → ".join(text for path in own.more if (text := _said(own, row, path)))
    return f"{name}: {more}" if name and more else name


def _said(own: shapes.Rows, row: shapes.Typed, path: str) -> str:
    value = row[path]
    if isinstance(value, Mapping):
        return told(Words(value["ko"], value["en"]))
    leaf = next((each for each in own.row if isinstance(each, shapes.Leaf) and each.path == path), None)
    words = dict(leaf.options) if leaf else {}
    return ", ".join(str(words.get(each, each)) for each in (value if isinstance(value, list) else [value]) if each)
