"""Reading an attached file, and what lists of files show."""

import io
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from flask import Response, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.grants import files, policy
from services.grants.files import Likeness
from services.grants.models import Attachment
from services.grants.readers import READERS
from services.grants.rules.file_kinds import FORMS, Kind, accept, words
from services.grants.rules.files import FILE_BYTES
from shared import clock
from shared.identity.access import current_actor
from shared.identity.actor import Actor
from shared.web.pages import database

_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Should a browser show the file after all, nothing in it runs."""
_WORDS = {form.content_type: kind.value for kind, form in FORMS.items()}


def show(attachment_id: int) -> ResponseReturnValue:
    """The file itself, to be saved."""
    return served(attachment_id)


def served(attachment_id: int) -> Response:
    """The answer that brings a file: to be saved under its name, with the type that was found in it and no other."""
    attachment, content = files.read(
        database(), current_actor(), clock.now(), attachment_id=attachment_id, readers=READERS
    )
    response = send_file(
        io.BytesIO(content),
        mimetype=attachment.content_type,
        as_attachment=True,
        download_name=attachment.name,
        etag=attachment.sha256,
        conditional=True,
    )
    response.headers["Content-Type"] = attachment.content_type
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def rows(
    session: Session,
    actor: Actor,
    attachments: Iterable[Attachment],
    *,
    remove: Callable[[Attachment], str] | None = None,
    warn: bool = True,
) -> list[dict[str, Any]]:
    """What `attached` of files.html shows of each file, with a warning where it was used before (`warn`), in three
    queries in all. `remove` gives the address that takes a file away."""
    found = list(attachments)
    alike = files.likenesses_of(session, found) if warn else {}
    return [
        {
            "id": each.id,
            "field": each.field,
            "name": each.name,
            "kind": kind_word(each),
            "size": size_word(each.size),
            "href": url_for("files.show", attachment_id=each.id),
            "remove": remove(each) if remove else None,
            "warnings": warnings(actor, alike.get(each.id, ())),
        }
        for each in found
    ]


def warnings(actor: Actor, alike: Iterable[Likeness], most: int = 3) -> list[dict[str, Any]]:
    """What is said of likenesses, each thing once. The other file is linked for those who run its district; nobody else
    learns whose it is."""
    said: dict[tuple[str, str | None], dict[str, Any]] = {}
    for each in alike:
        runs = each.attachment.district is not None and policy.runs_call(actor, each.attachment.district)
        href = url_for("files.show", attachment_id=each.attachment.id) if runs else None
        said.setdefault((text := _sentence(each), href), {"text": text, "href": href})
    return list(said.values())[:most]


def _sentence(each: Likeness) -> str:
    year = each.attachment.year
    if each.other_group:
        if each.same:
            return _("다른 모임이 %(year)s년에 낸 파일과 똑같습니다.", year=year)
        return _("다른 모임이 %(year)s년에 낸 사진과 같아 보입니다.", year=year)
    if each.other_year:
        if each.same:
            return _("이 모임이 %(year)s년에 낸 파일과 똑같습니다.", year=year)
        return _("이 모임이 %(year)s년에 낸 사진과 같아 보입니다.", year=year)
    if each.same:
        return _("이 모임이 같은 해에 다른 곳에도 붙인 파일입니다.")
    return _("이 모임이 같은 해에 다른 곳에 붙인 사진과 같아 보입니다.")


def kind_word(attachment: Attachment) -> str:
    """PDF, JPEG, HWP …"""
    return _WORDS.get(attachment.content_type.partition(";")[0], "")


def size_word(size: int) -> str:
    """A size in bytes for people: "12 KB", "3.4 MB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB"


def upload_hint(kinds: Collection[Kind], more: str = "") -> str:
    """What an upload field takes."""
    limit = FILE_BYTES // (1024 * 1024)
    told = _("%(kinds)s, 하나에 %(limit)sMB까지.", kinds=words(kinds), limit=limit)
    return f"{told} {more}".strip()


UPLOADS: Mapping[str, Any] = {"upload_accept": accept, "upload_hint": upload_hint}
"""What files.html asks for."""
