"""Drafts: choosing the group, writing together, attaching files, submitting."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import applications, calls, files, groups, policy
from services.grants.applying import attaching
from services.grants.applying.drafts import Conflict, Open
from services.grants.pages import application_parts
from services.grants.pages import files as file_pages
from services.grants.pages.typed_form import as_shown, changed, digest, typed_of
from services.grants.pages.uploading import received
from services.grants.pages.words import moment, told, won
from services.grants.rules.definition import Field
from services.grants.rules.file_kinds import ANY, Kind
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database

SPARE_ROWS = 2
MORE_ROWS = 5


def begin_form(call_id: int) -> ResponseReturnValue:
    """For which group, and from what it wrote before; outside the period the way back to the call with the reason."""
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        call = calls.get(session, actor, call_id)
        mine = groups.mine(session, actor)
        wrote = {group.id: applications.earlier(session, group.id) for group, _role in mine}
        there = {
            group.id: each
            for group, _role in mine
            for each in wrote[group.id]
            if each.call_id == call_id and each.phase != "withdrawn"
        }
    try:
        policy.check_period(call, now)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        flash(sentence(refusal.code), "error")
        return redirect(url_for("calls.show", call_id=call_id))
    names = {group.id: group.name for group, _role in mine}
    copies = [
        (
            each.id,
            f"{names[group_id]}: {each.title or _('제목 없는 신청서')} ({moment(each.saved_at or each.submitted_at)})",
        )
        for group_id, found in wrote.items()
        for each in found
        if each not in there.values()
    ]
    return render_template(
        "grants/apply.html",
        call=call,
        mine=[group for group, _role in mine],
        there=there,
        free=[(group_id, name) for group_id, name in names.items() if group_id not in there],
        copies=copies,
    )


def begin(call_id: int) -> ResponseReturnValue:
    """Begin the group's draft, or go to the one that is there."""
    group_id, copy_from = (request.form.get(name, type=int) for name in ("group_id", "copy_from"))
    if group_id is None:
        flash(_("어느 모임의 이름으로 신청할지 골라 주세요."), "error")
        return redirect(url_for("drafts.begin_form", call_id=call_id))
    application = applications.begin(
        database(), current_actor(), clock.now(), call_id=call_id, group_id=group_id, copy_from=copy_from
    )
    return redirect(url_for("drafts.show", application_id=application.id))


def show(application_id: int) -> ResponseReturnValue:
    """The draft, to be written on; what was filed already is on its own page."""
    try:
        return _page(application_id)
    except Refusal as refusal:
        if refusal.code != "already_submitted":
            raise
        return redirect(url_for("applications.show", application_id=application_id))


def save(application_id: int) -> ResponseReturnValue:
    """Keep what was typed, then do what the pressed button says: save, more rows, attach, remove, submit."""
    opened = _opened(application_id)
    act = request.form.get("act", "save")
    typed = typed_of(request.form, opened.questions)
    revision = request.form.get("revision", type=int)
    saved = applications.save(
        database(),
        current_actor(),
        clock.now(),
        application_id=application_id,
        revision=opened.application.revision if revision is None else revision,
        values=changed(request.form, typed),
    )
    if act == "autosave":
        return _autosaved(application_id, saved.conflicts)
    try:
        _attach(application_id, opened, act)  # first of all: a browser sends chosen files once and forgets them
        if act == "submit" and not saved.conflicts:
            return _file(application_id, opened.correcting)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        status = 409 if saved.conflicts else refusal.status
        return _page(application_id, conflicts=saved.conflicts, refusal=refusal), status
    if saved.conflicts:
        return _page(application_id, conflicts=saved.conflicts), 409
    if act == "save":
        flash(_("저장했습니다."), "success")
    more = act.removeprefix("more-") if act.startswith("more-") else None
    anchor = f"q-{more}" if more else None
    return redirect(url_for("drafts.show", application_id=application_id, _anchor=anchor, more=more))


def _file(application_id: int, correcting: bool) -> ResponseReturnValue:
    use_case = applications.correct if correcting else applications.submit
    application = use_case(database(), current_actor(), application_id=application_id, key=request.form.get("key", ""))
    if correcting:
        flash(_("고친 신청서를 냈습니다."), "success")
    else:
        flash(_("신청을 접수했습니다. 접수번호는 %(receipt)s입니다.", receipt=application.receipt), "success")
    return redirect(url_for("applications.show", application_id=application_id))


def _attach(application_id: int, opened: Open, act: str) -> None:
    """The files that came with the form, and the one to be taken away."""
    actor, now, key = current_actor(), clock.now(), request.form.get("key", "")
    for question in opened.questions:
        if question.kind == "files":
            found = received(f"files-{question.key}", kinds_of(question))
            if found:
                attaching.attach(
                    database(), actor, now, application_id=application_id, field=question.key, found=found, key=key
                )
    if removed := re.fullmatch(r"remove-(\d{1,9})", act, re.ASCII):
        attaching.remove(database(), actor, now, application_id=application_id, attachment_id=int(removed[1]))


def _autosaved(application_id: int, conflicts: tuple[Conflict, ...]) -> ResponseReturnValue:
    """What the script on the page needs to go on."""
    opened = _opened(application_id)
    typed = opened.application.typed
    clash = {each.field for each in conflicts}
    return jsonify(
        revision=opened.application.revision,
        saved=moment(opened.application.saved_at),
        bases={each.key: digest(typed.get(each.key)) for each in opened.questions if each.key not in clash},
        conflicts=sorted(clash),
        missing=[line["text"] for line in _missing(opened)],
    )


def _opened(application_id: int) -> Open:
    return applications.look(database(), current_actor(), clock.now(), application_id=application_id)


def _page(application_id: int, conflicts: tuple[Conflict, ...] = (), refusal: Refusal | None = None) -> str:
    opened = _opened(application_id)
    application = opened.application
    typed = application.typed | {each.field: each.mine for each in conflicts}
    more = request.args.get("more", "")
    with database().read() as session:
        spaces = applications.spaces_to_choose(session, opened.call.district)
        rows = file_pages.rows(session, current_actor(), opened.attachments)
        past = groups.past_projects(session, opened.group.id)
        form_errors = field_sentences(refusal) if refusal else {}
    labels = _labels(opened)
    return render_template(
        "grants/draft.html",
        application=application,
        call=opened.call,
        group=opened.group,
        writers=[each.name for each in opened.members if each.account_id is not None],
        past=past,
        questions=opened.questions,
        typed={question.key: as_shown(typed.get(question.key)) for question in opened.questions},
        bases={question.key: digest(application.typed.get(question.key)) for question in opened.questions},
        rows_of={
            question.key: len(as_shown(typed.get(question.key)) or ())
            + (MORE_ROWS if question.key == more else SPARE_ROWS)
            for question in opened.questions
            if question.kind in ("budget", "members")
        },
        conflicts={each.field: as_shown(each.theirs) for each in conflicts},
        errors=form_errors,
        message=_message(refusal, conflicts),
        missing=_missing(opened),
        ready=opened.checked.ready,
        late=opened.late,
        correcting=opened.correcting,
        until=application.correct_by if opened.correcting else opened.call.closes_at,
        items=application_parts.choices_of(opened.rules),
        bounds=_bounds(opened),
        spaces=spaces,
        files=rows,
        kinds={question.key: kinds_of(question) for question in opened.questions if question.kind == "files"},
        labels=labels | {name: _label(labels, name) for name in form_errors},
        key=secrets.token_urlsafe(16),
    )


def _message(refusal: Refusal | None, conflicts: tuple[Conflict, ...]) -> str | None:
    if conflicts:
        return _("그사이 다른 사람이 같은 칸을 고쳤습니다. 두 글을 견주어 하나로 고친 뒤 다시 저장해 주세요.")
    return sentence(refusal.code, refusal.params) if refusal else None


def _missing(opened: Open) -> list[dict[str, str]]:
    """What keeps it from being submitted: a sentence each, and where it is put right."""
    found = []
    labels = _labels(opened)
    reading, params = opened.checked.reading, opened.checked.params
    for name, codes in reading.errors.items():
        for code in codes:
            label = _label(labels, name)
            found.append({"text": f"{label}: {sentence(code, params)}".lstrip(": "), "href": f"#field-{name}"})
    told_there = {code for codes in reading.errors.values() for code in codes}
    for code in opened.checked.blocking:
        if code in told_there:
            continue  # beside the question already
        found.append({"text": sentence(code, params), "href": url_for("groups.show", group_id=opened.group.id)})
    return found


def _bounds(opened: Open) -> dict[str, str]:
    """What the call and the programme ask of an answer, said before it is refused: key of the question -> words."""
    rules, found = opened.rules, {}
    most = min(opened.call.ceiling_won, rules.limits.project_won or opened.call.ceiling_won)
    found["requested_won"] = _("%(won)s까지 신청할 수 있습니다.", won=won(most))
    percent = rules.settlement.self_percent
    found["self_contribution_won"] = _("없으면 0이라고 적어 주세요.")
    if percent:
        found["self_contribution_won"] = _("신청 금액의 %(percent)s%% 이상이어야 합니다.", percent=percent)
    asked = [each.value for each in rules.requirements if each.rule == "members_at_least"]
    for question in opened.questions:
        least = max([question.least or 0, *(each for each in asked if isinstance(each, int))])
        if question.kind == "members" and least:
            found[question.key] = _("%(number)s명 이상이어야 합니다.", number=least)
    return found


def _labels(opened: Open) -> dict[str, str]:
    return {question.key: told(question.label) for question in opened.questions}


def _label(labels: Mapping[str, str], name: str) -> str:
    """What a field is called: its question, with the number of its row where it stands in one ("members-0-phone")."""
    key, _hyphen, rest = name.partition("-")
    label, row = labels.get(name) or labels.get(key, ""), rest.partition("-")[0]
    return f"{label} {int(row) + 1}" if label and row.isdecimal() else label


def kinds_of(question: Field) -> frozenset[Kind]:
    """The kinds of file that a question takes."""
    named = {kind for kind in Kind if kind.value in question.file_kinds or kind.name.lower() in question.file_kinds}
    return frozenset(named) or frozenset(ANY)


__all__ = ["begin", "begin_form", "files", "kinds_of", "save", "show"]
