"""City staff import spaces and boundaries, and read what became of every row."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import defer

from services.maps.district_boundaries import import_districts
from services.maps.import_report import Report
from services.maps.imports import import_spaces
from services.maps.models import ImportRun
from services.maps.wording import IMPORT_KINDS
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database

KINDS = {"spaces": import_spaces, "districts": import_districts}
ROWS_PER_PAGE = 100
RUNS = 50


def show() -> ResponseReturnValue:
    """The form, and the imports so far."""
    return _form()


def save() -> ResponseReturnValue:
    """Import the file; its report follows. A file that can't be used is refused with the reason."""
    try:
        run = _import().run
    except Refusal as refusal:
        return _form(refusal)
    return redirect(url_for("imports.report", run_id=run.id))


def report(run_id: int) -> ResponseReturnValue:
    """What became of every row."""
    run = _run(run_id)
    told = Report(run)
    rows = told.rows()
    pages = max(1, -(-len(rows) // ROWS_PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "maps/import_report.html",
        run=run,
        counts=told.counts(),
        rows=rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=len(rows),
        page=page,
        pages=pages,
    )


def report_csv(run_id: int) -> ResponseReturnValue:
    """The findings for a spreadsheet."""
    answer = Response(Report(_run(run_id)).csv(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="import-{run_id}.csv"'
    return answer


def _import() -> Report:
    run = KINDS.get(request.form.get("kind", ""))
    file = request.files.get("file")
    fields = {}
    if run is None:
        fields["kind"] = ["kind_unknown"]
    if file is None or not file.filename:
        fields["file"] = ["file_missing"]
    if run is None or file is None or fields:
        raise Refusal("invalid_input", 422, fields=fields)
    return run(database(), current_actor(), now(), file_name=file.filename or "", data=file.read())


def _form(refusal: Refusal | None = None) -> ResponseReturnValue:
    query = select(ImportRun).options(defer(ImportRun.problems)).order_by(ImportRun.id.desc()).limit(RUNS)
    with database().read() as session:
        runs = session.scalars(query).all()
    errors = field_sentences(refusal) if refusal else {}
    message = sentence(refusal.code, refusal.params) if refusal else None
    if refusal and not errors:
        errors = {"file": [message or ""]}
    page = render_template(
        "maps/imports.html",
        runs=runs,
        typed=request.form or {"kind": "spaces"},
        kinds=list(IMPORT_KINDS.items()),
        message=message,
        errors=errors,
    )
    return page, refusal.status if refusal else 200


def _run(run_id: int) -> ImportRun:
    with database().read() as session:
        run = session.get(ImportRun, run_id)
    if run is None:
        raise Refusal("not_found", 404)
    return run
