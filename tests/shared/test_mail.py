"""E-mail through a real SMTP server: what arrives, who is refused for good, and what is worth another try."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.delivery import TryLater, Undeliverable
from shared.mail import Attachment, Mail, Smtp, is_address, open_mailer
from shared.settings import Settings, SettingsError

SENDER = "maru@city.example"


class Box:
    """A mail server's inside: keeps what comes, refuses whom it is told to."""

    def __init__(self):
        self.mails, self.recipients, self.answers = [], [], {}

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.recipients.append(envelope.rcpt_tos)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.answers.get("data", "250 kept")


@pytest.fixture
def box():
    return Box()


def serve(box, **more):
    server = Controller(box, hostname="127.0.0.1", port=free_port(), **more)
    server.start()
    return server


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(box):
    made = serve(box)
    yield made
    made.stop()


def smtp(server, **more):
    return Smtp(f"smtp://127.0.0.1:{server.port}", SENDER, **more)


def mail(to="jumin@example.org", **more):
    return Mail("message-7", to, **{"subject": "예약했습니다", "text": "11월 23일에 만나요.\n.\n", **more})


def test_a_mail_arrives_as_it_was_written(box, server):
    calendar = Attachment("예약.ics", "text/calendar", "BEGIN:VCALENDAR\r\nSUMMARY:모임\r\nEND:VCALENDAR\r\n".encode())
    with smtp(server).open() as post:
        post.send(mail(attachments=(calendar,)))
        post.send(mail(to="second@example.org"))
    first, second = box.mails
    assert (first["To"], first["Subject"], first["Message-ID"]) == (
        "jumin@example.org",
        "예약했습니다",
        "<message-7@city.example>",
    )
    assert first["From"].addresses[0].addr_spec == SENDER
    body = first.get_body()
    assert body.get_content().replace("\r\n", "\n") == "11월 23일에 만나요.\n.\n"
    (attached,) = first.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("예약.ics", "text/calendar")
    assert "SUMMARY:모임" in attached.get_content()
    assert second["To"] == "second@example.org"


@pytest.mark.parametrize("evil", ["\r\nBcc: all@example.org", "\nX-A: b", "\r", "\x00", "\u2028Bcc: x@y.z", "\x85"])
def test_no_header_can_be_made_of_what_people_write(box, server, evil):
    with smtp(server).open() as post:
        post.send(mail(subject=f"모임{evil} 끝"))
        with pytest.raises(Undeliverable):
            post.send(mail(to=f"jumin@example.org{evil}"))
    (only,) = box.mails
    assert {name.lower() for name in only.keys()} <= {  # noqa: SIM118 - a mail, not a dict
        "from", "to", "subject", "date", "message-id", "auto-submitted", "content-language", "content-type",
        "content-transfer-encoding", "mime-version", "x-peer", "x-mailfrom", "x-rcptto",
    }  # fmt: skip
    assert only["Subject"].startswith("모임 ")
    assert box.recipients == [["jumin@example.org"]]


@pytest.mark.parametrize(
    "wrong",
    ["", "a", "a@b", "a b@example.org", "a@example.org,b@example.org", "<a@example.org>", "a@-b.org", "a..b@c.org",
     "가나@example.org", "a@exa_mple.org", "a@example.org\n", "x" * 65 + "@example.org", "a@" + "b." * 130 + "org"],
)  # fmt: skip
def test_what_is_no_plain_address(wrong):
    assert not is_address(wrong)


def test_a_refused_recipient_is_refused_for_good_and_the_next_one_served(box, server):
    box.answers = {
        "gone@example.org": "550 5.1.1 <gone@example.org> unknown",
        "full@example.org": "452 4.2.2 mailbox full",
    }
    with smtp(server).open() as post:
        with pytest.raises(Undeliverable, match=r"^550 5\.1\.1$"):
            post.send(mail(to="gone@example.org"))
        with pytest.raises(TryLater, match=r"^452 4\.2\.2$") as later:
            post.send(mail(to="full@example.org"))
        assert not later.value.everybody
        post.send(mail())
    assert box.recipients == [["jumin@example.org"]]


def test_a_mail_that_the_server_will_not_have(box, server):
    with smtp(server).open() as post:
        box.answers = {"data": "554 5.7.1 looks like spam"}
        with pytest.raises(Undeliverable, match=r"554 5\.7\.1"):
            post.send(mail())
        box.answers = {"data": "451 try again"}
        with pytest.raises(TryLater):
            post.send(mail())


def test_a_server_that_is_away_or_silent_is_tried_later(box, server):
    with Smtp(f"smtp://127.0.0.1:{free_port()}", SENDER).open() as post, pytest.raises(TryLater) as away:
        post.send(mail())
    assert away.value.everybody
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with Smtp(f"smtp://127.0.0.1:{port}", SENDER, timeout=0.2).open() as post, pytest.raises(TryLater) as late:
            post.send(mail())
    assert late.value.everybody


def test_a_connection_that_breaks_is_made_anew(box):
    server = serve(box)
    port = server.port
    with Smtp(f"smtp://127.0.0.1:{port}", SENDER).open() as post:
        post.send(mail())
        server.stop()
        with pytest.raises(TryLater):
            post.send(mail())
        again = Controller(box, hostname="127.0.0.1", port=port)
        again.start()
        try:
            post.send(mail())
        finally:
            again.stop()
    assert len(box.mails) == 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and certificate of 127.0.0.1, as one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def told(_server, _session, _envelope, _mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"maru", b"p@ss word")
    return AuthResult(success=right)


@pytest.fixture
def guarded(box, certificate):
    """Takes mail over TLS and after a sign-in only."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    made = serve(box, tls_context=context, require_starttls=True, authenticator=told, auth_required=True)
    yield made
    made.stop()


def test_starttls_and_a_password(box, guarded, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    address = f"maru:p%40ss%20word@127.0.0.1:{guarded.port}"
    with Smtp(f"smtp+starttls://{address}", SENDER).open() as post:
        post.send(mail())
    assert len(box.mails) == 1
    wrong = Smtp(f"smtp+starttls://maru:wrong@127.0.0.1:{guarded.port}", SENDER, timeout=1.0)
    with wrong.open() as post, pytest.raises(TryLater) as refused:
        post.send(mail())
    assert refused.value.everybody
    with Smtp(f"smtp://127.0.0.1:{guarded.port}", SENDER).open() as post, pytest.raises(TryLater):
        post.send(mail())
    assert len(box.mails) == 1


def test_a_server_that_cannot_encrypt_or_is_a_stranger_gets_nothing(box, server, guarded, monkeypatch):
    with Smtp(f"smtp+starttls://127.0.0.1:{server.port}", SENDER).open() as post, pytest.raises(TryLater):
        post.send(mail())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with Smtp(f"smtp+starttls://127.0.0.1:{guarded.port}", SENDER).open() as post, pytest.raises(TryLater):
        post.send(mail())
    assert box.mails == []


def test_smtps(box, certificate, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard = []

        def answer():
            raw, _ = listener.accept()
            with context.wrap_socket(raw, server_side=True) as line:
                line.sendall(b"220 ready\r\n")
                heard.append(line.recv(100))
                line.sendall(b"421 closing\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with Smtp(f"smtps://127.0.0.1:{listener.getsockname()[1]}", SENDER).open() as post, pytest.raises(TryLater):
            post.send(mail())
        thread.join()
    assert heard[0].lower().startswith(b"ehlo")


def test_nothing_is_sent_without_a_server(house):
    assert open_mailer(house.settings) is None


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"MARU_SMTP": "http://h", "MARU_MAIL_FROM": SENDER}, "smtp+starttls://"),
        ({"MARU_SMTP": "smtp://h:99999", "MARU_MAIL_FROM": SENDER}, "Port"),
        ({"MARU_SMTP": "smtp://u:p@mail.example", "MARU_MAIL_FROM": SENDER}, "unencrypted"),
        ({"MARU_SMTP": "smtp://mail.example"}, "MARU_MAIL_FROM is missing"),
        ({"MARU_SMTP": "smtp://mail.example", "MARU_MAIL_FROM": "마루 <maru@x>"}, "plain address"),
    ],
)
def test_wrong_settings_are_told(tmp_path, given, hint):
    with pytest.raises(SettingsError, match=hint.replace("+", r"\+")):
        Settings.from_environment({"MARU_DATA": str(tmp_path), **given})
