"""Forms that bring files, the address that gives them back, and lists of them."""

import io
import re
import tracemalloc
from typing import Any

from flask import Flask, render_template_string, request
from werkzeug.test import TestResponse

from services.grants.pages import files as pages
from services.grants.pages.uploading import received
from services.grants.refusals import SENTENCES
from services.grants.rules.file_kinds import EVIDENCE
from shared.database import Database
from shared.identity.access import ANYONE, SIGNED_IN
from shared.refusal import Refusal
from shared.web.app import build_app
from shared.web.errors import field_sentences
from shared.web.pages import UPLOAD_BYTES, Page
from tests.grants import file_makers as make
from tests.grants.attaching import JPEG, application_of, attached, audit
from tests.grants.conftest import DONGJAK, resident


def small(house: Any) -> Flask:
    """An application with one form that takes files, as the pages of grants have them."""

    def send() -> Any:
        errors: dict[str, list[str]] = {}
        names: list[str] = []
        try:
            names = [file.name for file in received("evidence", EVIDENCE)]
        except Refusal as refusal:
            errors = field_sentences(refusal)
        page = render_template_string(
            """{% from "grants/files.html" import attached, upload_field %}{% from "maru/macros.html" import field %}
            {{ csrf() }}{{ field("title", "제목", typed) }}
            {{ upload_field("evidence", "증빙", kinds, errors=errors, multiple=true) }}
            got: {{ names | join("|") }}{{ attached([]) }}""",
            typed=request.form,
            errors=errors,
            kinds=EVIDENCE,
            names=names,
        )
        return page, 422 if errors else 200

    def plain() -> str:
        return request.form["title"]

    app = build_app(
        "services.grants",
        house.settings,
        house.databases["grants"],
        pages=(
            Page("/send", send, ANYONE, methods=("GET", "POST"), takes_files=True),
            Page("/plain", plain, ANYONE, methods=("POST",)),
            Page("/files/<int:attachment_id>", pages.show, SIGNED_IN),
        ),
        api_title="Files",
        sentences=SENTENCES,
    )
    app.jinja_env.globals.update(pages.UPLOADS)
    return app


class Sender:
    """A browser that has the form open."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/send").text)
        assert found
        self.token = found[1]

    def send(self, *parts: tuple[str, bytes], title: str = "봄 소풍", **how: Any) -> TestResponse:
        data = {"csrf_token": self.token, "title": title}
        return self.client.post(
            "/send", data=data | {"evidence": [(io.BytesIO(it), name) for name, it in parts]}, **how
        )

    def send_zeros(self, path: str, size: int) -> tuple[TestResponse, "Zeros"]:
        body = Zeros(self.token, size)
        headers = {"Content-Type": "multipart/form-data; boundary=xyz"}
        return self.client.post(path, input_stream=body, content_length=body.total, headers=headers), body


def test_a_form_takes_files_and_keeps_what_was_typed_when_one_is_refused(house: Any) -> None:
    browser = Sender(small(house))
    page = browser.send(("../a.pdf", make.pdf()), ("b.jpg", JPEG))
    assert page.status_code == 200
    assert "got: a.pdf|b.jpg" in page.text
    refused = browser.send(("a.pdf", make.pdf()), ("나쁜 것.pdf", JPEG))
    assert refused.status_code == 422
    for told in (
        "봄 소풍",
        "이름은 PDF인데 내용은 JPEG 파일입니다.",
        "문제가 있는 파일: 나쁜 것.pdf",
        "다시 골라 주세요",
    ):
        assert told in refused.text
    english = browser.send(("a.pdf", JPEG), headers={"Accept-Language": "en"})
    assert "The file is called PDF, but what it holds is JPEG." in english.text
    crowd = browser.send(*((f"{each}.pdf", make.pdf()) for each in range(11)))
    assert "파일은 10개까지 붙일 수 있습니다." in crowd.text
    nothing = browser.send(("", b""))
    assert nothing.status_code == 200
    assert re.search(r'<input type="file"[^>]* accept=".pdf,.jpg,.jpeg,.png,.webp"', browser.client.get("/send").text)


def test_50_megabytes_are_refused_beside_the_field_and_more_than_the_limit_unread(house: Any) -> None:
    browser = Sender(small(house))
    tracemalloc.start()
    page, _ = browser.send_zeros("/send", 50 * 1024 * 1024)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert page.status_code == 422
    assert "파일 하나는 20MB까지 받습니다." in page.text
    assert "봄 소풍" in page.text
    assert peak < 15 * 1024 * 1024  # it waited on the disk
    page, body = browser.send_zeros("/send", UPLOAD_BYTES)
    assert page.status_code == 413
    assert "한 번에 보낼 수 있는 크기(64MB)를 넘었습니다." in page.text
    assert body.at == 0
    page, body = browser.send_zeros("/plain", 3 * 1024 * 1024)
    assert page.status_code == 413
    assert "보낸 내용이 너무 큽니다." in page.text
    assert body.at == 0


class Zeros(io.RawIOBase):
    """The body of a form with a title and one file of so many zeros, made while it is read."""

    def __init__(self, token: str, size: int) -> None:
        super().__init__()
        self.head = (
            f'--xyz\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
            '--xyz\r\nContent-Disposition: form-data; name="title"\r\n\r\n봄 소풍\r\n'
            '--xyz\r\nContent-Disposition: form-data; name="evidence"; filename="a.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        self.size = size
        self.total = len(self.head) + size + len(self.end)
        self.at = 0

    end = b"\r\n--xyz--\r\n"

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (self.total if whence == 2 else 0)
        return self.at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), 65536)
        if self.at < len(self.head):
            piece = self.head[self.at : self.at + wanted]
        elif self.at < len(self.head) + self.size:
            piece = bytes(min(wanted, len(self.head) + self.size - self.at))
        else:
            piece = self.end[self.at - len(self.head) - self.size :][:wanted]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)


def test_the_page_brings_the_file_to_be_saved_and_nothing_in_it_runs(house: Any, database: Database) -> None:
    owner = house.actor("resident")
    application_id = application_of(database, owner.account_id)
    where = {"subject_kind": "application", "subject_id": application_id, "field": "plan"}
    attachment = attached(database, make.pdf(), owner, name="사업 계획 “봄”.pdf", **where)
    address = f"/grants/files/{attachment.id}"
    mine = house.client("resident")
    answer = mine.get(address)
    assert (answer.status_code, answer.data) == (200, make.pdf())
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=")
    assert "filename*=UTF-8''%EC%82%AC%EC%97%85%20" in disposition
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert mine.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    told = mine.get(f"/grants/api/files/{attachment.id}").get_json()
    assert (told["name"], told["size"], told["sha256"]) == (attachment.name, attachment.size, attachment.sha256)
    assert mine.get(f"/grants/api/files/{attachment.id}/content").data == make.pdf()
    assert audit(database)[1:] == []
    staff = house.client("dongjak")
    assert staff.get(address).status_code == 200
    assert audit(database)[1:] == [("file.viewed", f"application:{application_id}", house.actor("dongjak").account_id)]
    assert house.client("seongbuk").get(address).status_code == 403
    assert house.client().get(address).status_code == 401
    assert house.client().get(f"/grants/api/files/{attachment.id}").status_code == 401
    assert mine.get("/grants/files/999999").status_code == 404
    assert (
        house.client("seongbuk").get(f"/grants/api/files/{attachment.id}/content").get_json()["code"]
        == "other_district"
    )


def test_the_list_of_files_tells_likenesses_and_links_them_for_the_district_only(
    house: Any, database: Database
) -> None:
    mine = attached(database, make.pdf(), subject_id=1)
    attached(database, make.pdf(), subject_id=2, group_id=2, year=2024)
    attached(database, make.pdf(), subject_id=3, group_id=3, year=2023, district="11290")
    app = small(house)
    shown = {}
    for actor in (resident(1), DONGJAK):
        with app.test_request_context(), database.read() as session:
            (row,) = pages.rows(session, actor, [mine], remove=lambda each: f"/x/{each.id}/remove")
            shown[actor] = row["warnings"]
    assert row["kind"] == "PDF"
    assert row["remove"] == f"/x/{mine.id}/remove"
    assert {each["href"] for each in shown[resident(1)]} == {None}
    assert [each["text"] for each in shown[DONGJAK]] == [each["text"] for each in shown[resident(1)]]
    assert [bool(each["href"]) for each in shown[DONGJAK]] == [False, True]
    assert pages.size_word(999) == "1 KB"
    assert pages.size_word(3_400_000) == "3.4 MB"
