"""The public register of funded projects."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import projects
from services.grants.pages.reading import chosen_district, page_number, pages_of
from services.grants.pages.words import strand
from services.grants.policy import city_date
from shared.districts import BY_CODE
from shared.export import csv_lines
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """What was funded, and where."""
    district, page = chosen_district(), page_number()
    with database().read() as session:
        found, total, awarded_won = projects.listed(session, district=district, offset=(page - 1) * projects.PAGE_SIZE)
    return render_template(
        "grants/projects.html",
        projects=found,
        total=total,
        awarded_won=awarded_won,
        district=district,
        page=page,
        pages=pages_of(total, projects.PAGE_SIZE),
    )


def export() -> ResponseReturnValue:
    """The register as csv: open data."""
    district = chosen_district()
    header = (
        _("번호"),
        _("자치구"),
        _("사업명"),
        _("모임·단체"),
        _("분야"),
        _("선정 금액(원)"),
        _("결정일"),
        _("위도"),
        _("경도"),
    )
    with database().read() as session:
        rows = [
            (
                each.id,
                BY_CODE[each.district].name,
                each.title,
                each.group_name,
                strand(each.strand),
                each.awarded_won,
                city_date(each.decided_at).isoformat(),
                each.latitude,
                each.longitude,
            )
            for each in projects.all_of(session, district=district)
        ]
    name = f"maru-projects-{district}.csv" if district else "maru-projects.csv"
    return Response(
        "".join(csv_lines(header, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
