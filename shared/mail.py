"""E-mail, as a port: through the city's SMTP server where there is one, and not at all otherwise."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

from shared.clock import now
from shared.delivery import TryLater, Undeliverable
from shared.settings import Settings

TIMEOUT = 15.0
"""How long one step of the conversation with the server may take, seconds."""
ADDRESS_LENGTH = 254
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@{_LABEL}(?:\.{_LABEL})+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_STATUS = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})")


@dataclass(frozen=True)
class Attachment:
    """A file that goes along; `kind` is its media type ("text/calendar")."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    """One message to one person. `key` names it for ever: sent twice, it is the same message to whoever compares."""

    key: str
    to: str
    subject: str
    text: str
    language: str = "ko"
    attachments: tuple[Attachment, ...] = ()


class Post(Protocol):
    """An open way out."""

    def send(self, mail: Mail) -> None:
        """Hand it over. Raises Undeliverable, TryLater; after either the next mail may be sent."""


class Mailer(Protocol):
    """Where mail is handed over."""

    def open(self) -> AbstractContextManager[Post]:
        """A conversation for any number of mails. It begins with the first one."""


def open_mailer(settings: Settings) -> Mailer | None:
    """The mailer of these settings; None when the city has not told of an SMTP server."""
    return Smtp(settings.smtp, settings.mail_from) if settings.smtp else None


def is_address(text: str) -> bool:
    """Whether this is one plain e-mail address: ASCII, no display name, nothing that a header could be made of."""
    return len(text) <= ADDRESS_LENGTH and len(text.partition("@")[0]) <= 64 and bool(_ADDRESS.fullmatch(text))


def compose(mail: Mail, sender: str) -> EmailMessage:
    """The message as it goes out. Control characters never reach a header. Raises Undeliverable for a bad address."""
    if not is_address(mail.to):
        raise Undeliverable("address")
    message = EmailMessage(policy=LINES)
    local, _at, domain = sender.rpartition("@")
    message["From"] = Address("마을마루", local, domain)
    message["To"] = Address("", *mail.to.rsplit("@", 1))
    message["Subject"] = _CONTROL.sub(" ", mail.subject).strip()
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '-', mail.key)}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # no holiday notice answers it
    message["Content-Language"] = mail.language
    message.set_content(mail.text)
    for each in mail.attachments:
        main, _slash, sub = each.kind.partition("/")
        if main == "text":
            message.add_attachment(each.data.decode("utf-8"), subtype=sub, filename=each.name)
        else:
            message.add_attachment(each.data, maintype=main, subtype=sub, filename=each.name)
    return message


class Smtp:
    """`smtp://host:port` (unencrypted), `smtp+starttls://user:password@host:port` (must encrypt), `smtps://…`."""

    def __init__(self, url: str, sender: str, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(url)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or {"smtp": 25, "smtp+starttls": 587, "smtps": 465}[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._timeout = sender, timeout

    @contextmanager
    def open(self) -> Iterator[Post]:
        """One connection for as many mails as are sent; it is made anew after a failure."""
        post = _SmtpPost(self)
        try:
            yield post
        finally:
            post.close()

    def connect(self) -> smtplib.SMTP:
        """A server that has let us in. Raises OSError, SMTPException."""
        tls = ssl.create_default_context() if self._scheme != "smtp" else None
        server: smtplib.SMTP
        if self._scheme == "smtps":
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=tls)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._scheme == "smtp+starttls":
                server.starttls(context=tls)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def deliver(self, server: smtplib.SMTP, mail: Mail) -> None:
        """Hand one mail to a connected server. Raises Undeliverable, OSError, SMTPException."""
        server.send_message(compose(mail, self._sender), self._sender, [mail.to])


class _SmtpPost:
    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._server: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> None:
        try:
            if self._server is None:
                self._server = self._smtp.connect()
            self._smtp.deliver(self._server, mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            if code == 421:  # it hangs up
                self.close()
                raise TryLater(str(code)) from None
            raise _answered(code, said) from None  # its words name the person
        except smtplib.SMTPDataError as error:
            raise _answered(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPResponseException as error:  # it does not take us or our sender: the operator's to mend
            self.close()
            raise TryLater(f"{type(error).__name__} {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise TryLater(type(error).__name__) from None

    def close(self) -> None:
        """Take leave, politely if possible."""
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def _answered(code: int, said: bytes | str) -> Undeliverable | TryLater:
    """What the server's answer about one mail means."""
    status = _STATUS.match(said if isinstance(said, bytes) else said.encode())
    reason = f"{code} {status[1].decode()}" if status else str(code)
    return Undeliverable(reason) if 500 <= code < 600 else TryLater(reason, everybody=False)
