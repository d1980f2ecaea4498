"""Where keepers begin: the spaces they run, what needs them, and the way to everything else."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import conflicts, managing, ways
from services.booking.waitlist import lines
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.navigation import service_url
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """My spaces, searchable, what waits for me, and what concerns all my spaces."""
    text, page = request.args.get("text", "")[:100], request.args.get("page", 1, type=int)
    actor = current_actor()
    home = managing.home(database(), actor, now(), text, page)
    needs = [
        {"label": _("승인 대기"), "count": home.waiting, "href": service_url("booking", "/manage/approvals")},
        {"label": _("오지 않음 이의"), "count": home.appeals, "href": service_url("booking", "/manage/appeals")},
    ]
    if clashes := conflicts.count(database(), actor, now()):
        needs.append({"label": _("겹친 예약"), "count": clashes, "href": service_url("booking", "/manage/conflicts")})
    return render_template(
        "booking/manage_home.html", home=home, text=text, needs=needs, groups=ways.groups(ways.HOME, actor)
    )


def space(space_id: int) -> ResponseReturnValue:
    """A space that I run: everything that can be done there."""
    actor = current_actor()
    found = managing.overview(database(), actor, now(), space_id)
    return render_template(
        "booking/manage_space.html",
        space=found.space,
        units=found.units,
        today=found.today,
        waiting=found.waiting,
        in_line=lines.count_of(database(), now(), space_id),
        groups=ways.groups(ways.SPACE, actor, space_id=space_id),
        unit_links={unit.id: ways.links(ways.UNIT, actor, unit_id=unit.id) for unit in found.units},
    )
