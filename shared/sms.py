"""Text messages, as a port: through a gateway of the city's that takes JSON over HTTP, and not at all otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import requests

from shared.delivery import TryLater, Undeliverable
from shared.settings import Settings

TIMEOUT = (5.0, 10.0)
"""Seconds to reach the gateway, and for its answer."""
_SEPARATORS = re.compile(r"[\s().-]")
_KOREAN = re.compile(r"0\d{8,10}")
_FOREIGN = re.compile(r"\+[1-9]\d{7,14}")
_NEVER = frozenset({400, 404, 410, 413, 422})  # about this message or this number, whenever it is sent


@dataclass(frozen=True)
class Sms:
    """One text to one number, which is in the form that `phone_number` gives. `key` names it for ever."""

    key: str
    to: str
    text: str


class SmsSender(Protocol):
    """Where texts are handed over."""

    def send(self, sms: Sms) -> None:
        """Raises Undeliverable, TryLater."""


def open_sms(settings: Settings) -> SmsSender | None:
    """The sender of these settings; None when the city has not told of a gateway."""
    return HttpSms(settings.sms_url) if settings.sms_url else None


def phone_number(text: str) -> str | None:
    """A phone number as it is kept, "01012345678" or "+4930123456"; None when it is none. +82 is written as 0."""
    plain = _SEPARATORS.sub("", text)
    if plain.startswith("+82"):
        plain = "0" + plain[3:].removeprefix("0")
    return plain if plain.isascii() and (_KOREAN.fullmatch(plain) or _FOREIGN.fullmatch(plain)) else None


class HttpSms:
    """POSTs `{"id", "to", "text"}`; the header Idempotency-Key lets the gateway drop what it has already sent."""

    def __init__(self, url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._url, self._timeout = url, timeout

    def send(self, sms: Sms) -> None:
        """Any 2xx is taken for sent."""
        try:
            answer = requests.post(
                self._url,
                json={"id": sms.key, "to": sms.to, "text": sms.text},
                headers={"Idempotency-Key": sms.key},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,  # what it says besides the status is not read
            )
        except requests.RequestException as error:
            raise TryLater(type(error).__name__) from None  # its words hold the address with its password
        answer.close()
        if 200 <= answer.status_code < 300:
            return
        reason = f"HTTP {answer.status_code}"
        raise Undeliverable(reason) if answer.status_code in _NEVER else TryLater(reason)
