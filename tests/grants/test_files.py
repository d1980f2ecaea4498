"""Attached files: kept once, read by those who may, noticed when used before, refused without losing what was typed."""

import threading
from collections.abc import Mapping

import pytest
from sqlalchemy.orm import Session

from services.grants import files
from services.grants.models import Attachment, Blob, Interest, PhotoBand, Review, Reviewer
from services.grants.readers import READERS
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.grants import file_makers as make
from tests.grants.attaching import JPEG, NOW, application_of, attach, attached, audit, content_of, count
from tests.grants.conftest import DONGJAK, SEONGBUK, resident


def test_a_file_is_kept_with_what_is_known_of_it(database: Database) -> None:
    photo = make.jpeg()
    attachment = attached(database, photo, name="../사진.JPEG")
    assert (attachment.name, attachment.content_type, attachment.size) == ("사진.jpeg", "image/jpeg", len(photo))
    assert (attachment.uploaded_by, attachment.uploaded_at, attachment.removed_at) == (1, NOW, None)
    assert content_of(database, attachment.sha256) == photo
    assert audit(database) == [("file.attached", "expense:1", 1)]
    with database.read() as session:
        assert [each.id for each in files.of_subject(session, "expense", 1)] == [attachment.id]
        assert files.of_subject(session, "expense", 1, "other") == []
        assert files.of_subject(session, "application", 1) == []


def test_the_same_content_is_kept_once_and_stands_once_in_a_field(database: Database) -> None:
    first = attached(database, make.pdf())
    again = attached(database, make.pdf(), key="key-2", name="다른 이름.pdf")
    elsewhere = attached(database, make.pdf(), subject_id=2)
    other_field = attached(database, make.pdf(), field="bill")
    assert again.id == first.id
    assert len({first.id, elsewhere.id, other_field.id}) == 3
    assert count(database, Blob) == 1
    assert len(audit(database)) == 3


def test_what_cannot_be_taken_leaves_nothing(database: Database) -> None:
    refused = [
        ("a.pdf", b"", "file_empty"),
        ("a.pdf", bytes(50 * 1024 * 1024), "file_too_large"),
        ("a.pdf", make.jpeg(), "file_type_lies"),
        ("a.docx", make.ooxml(**{"word/vbaProject.bin": b"x"}), "file_macros"),
        ("a.svg", b"<svg onload='alert(1)'/>", "file_type_unknown"),
        ("\u202e", make.pdf(), "file_name_bad"),
    ]
    for name, content, code in refused:
        with pytest.raises(Refusal) as caught:
            attached(database, content, name=name)
        assert (caught.value.status, caught.value.fields) == (422, {"evidence": [code]})
    with pytest.raises(Refusal) as caught:
        attached(database, make.pdf(), key="")
    assert caught.value.code == "key_missing"
    assert count(database, Blob) == count(database, Attachment) == 0
    assert audit(database) == []


def test_a_file_goes_with_what_it_was_attached_to(database: Database) -> None:
    def fail(session: Session) -> None:
        attach(session, make.jpeg())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.write() as session:
        fail(session)
    assert count(database, Blob) == count(database, Attachment) == count(database, PhotoBand) == 0


def test_a_subject_holds_a_bounded_number_of_files(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PER_SUBJECT", 2)
    for number in range(2):
        attached(database, make.pdf(str(number)))
    with pytest.raises(Refusal) as caught:
        attached(database, make.pdf("3"))
    assert caught.value.fields == {"evidence": ["files_too_many"]}


def test_a_removed_file_is_gone_and_its_content_with_the_last_of_them(database: Database) -> None:
    one, two = attached(database, JPEG), attached(database, JPEG, subject_id=2)

    def remove(attachment: Attachment) -> None:
        with database.write() as session:
            files.remove(session, resident(), NOW, session.get_one(Attachment, attachment.id))

    remove(one)
    remove(one)
    assert content_of(database, one.sha256) == JPEG
    with database.read() as session:
        assert files.of_subject(session, "expense", 1) == []
        assert files.likenesses(session, two) == []
        with pytest.raises(Refusal, match="not_found"):
            files.get(session, one.id)
    remove(two)
    assert content_of(database, one.sha256) is None
    assert count(database, PhotoBand) == 0
    assert [action for action, *_ in audit(database)] == ["file.attached"] * 2 + ["file.removed"] * 2
    back = attached(database, content=JPEG)
    assert back.id not in (one.id, two.id)
    assert content_of(database, back.sha256) == JPEG


def test_two_who_attach_the_same_at_once_get_one_blob_and_one_attachment(database: Database) -> None:
    content, wait, got = make.pdf("together"), threading.Barrier(6), []

    def run(subject: int) -> None:
        wait.wait()
        got.append(attached(database, content, resident(subject), subject_id=subject % 2).id)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert len(set(got)) == 2
    assert count(database, Blob) == 1


def test_attaching_while_the_last_other_is_removed_keeps_the_content(database: Database) -> None:
    for turn in range(8):
        content = make.pdf(f"race {turn}")
        old = attached(database, content, subject_id=100 + turn)
        wait = threading.Barrier(2)

        def remove(old: Attachment = old, wait: threading.Barrier = wait) -> None:
            wait.wait()
            with database.write() as session:
                files.remove(session, resident(), NOW, session.get_one(Attachment, old.id))

        other = threading.Thread(target=remove)
        other.start()
        wait.wait()
        new = attached(database, content, subject_id=200 + turn)
        other.join()
        assert content_of(database, new.sha256) == content


def reader(session: Session, actor: Actor, attachment: Attachment) -> bool:
    """As a subject's module would: one's own side reads, staff of the district too."""
    if actor.account_id in (1, 2):
        return True
    if not actor.runs_district(attachment.district or ""):
        raise Refusal("other_district", 403)
    return False


def test_a_file_is_read_by_those_who_may_and_who_did_is_recorded(database: Database) -> None:
    attachment = attached(database, make.pdf())

    def read(actor: Actor, readers: Mapping[str, files.Reader]) -> bytes:
        return files.read(database, actor, NOW, attachment_id=attachment.id, readers=readers)[1]

    readers = {"expense": reader}
    assert read(resident(1), readers) == read(resident(2), readers) == read(DONGJAK, readers) == make.pdf()
    with pytest.raises(Refusal, match="other_district"):
        read(SEONGBUK, readers)
    with pytest.raises(Refusal, match="not_found"):
        read(DONGJAK, {"application": reader})
    assert audit(database)[1:] == [("file.viewed", "expense:1", DONGJAK.account_id)]


def test_reviewers_read_what_was_filed_and_no_receipt(database: Database) -> None:
    application_id = application_of(database)
    judge = Actor(account_id=77, name="심사위원", roles=frozenset({Role.REVIEWER}))
    with database.write() as session:
        session.add(Reviewer(account_id=77, name="심사위원", changed_at=NOW))
        session.flush()
        session.add(
            Review(
                application_id=application_id,
                stage="document_review",
                account_id=77,
                assigned_at=NOW,
                assigned_by=1,
            )
        )
    filed = attached(database, make.pdf(), subject_kind="application", subject_id=application_id)
    proof = attached(database, make.pdf("proof"), subject_kind="milestone", subject_id=application_id)

    def reads(actor: Actor, attachment: Attachment) -> str:
        try:
            files.read(database, actor, NOW, attachment_id=attachment.id, readers=READERS)
        except Refusal as refusal:
            return refusal.code
        return "read"

    assert [reads(judge, each) for each in (filed, proof)] == ["read", "other_district"]
    assert [reads(DONGJAK, each) for each in (filed, proof)] == ["read", "read"]
    assert [reads(SEONGBUK, each) for each in (filed, proof)] == ["other_district", "other_district"]
    with database.write() as session:
        session.add(Interest(account_id=77, application_id=application_id, kind="declared", at=NOW))
    assert reads(judge, filed) == "not_found"
    assert reads(judge, attached(database, make.pdf(), subject_id=999_999)) == "not_found"
