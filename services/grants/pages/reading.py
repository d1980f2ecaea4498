"""Reading what was typed into a form: values, or the codes of what is no value."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import request

from services.grants.policy import SEOUL
from services.grants.won import UnclearWon, read_won
from shared.districts import BY_CODE


class Reader:
    """Reads fields of a form; `unread` collects {field: [code]} of those whose text is no value."""

    def __init__(self, form: Mapping[str, Any]) -> None:
        self._form = form
        self.unread: dict[str, list[str]] = {}

    def text(self, name: str) -> str:
        return str(self._form.get(name, "")).strip().replace("\r\n", "\n")

    def won(self, name: str) -> int | None:
        """Whole won; see `won.read_won`."""
        try:
            return read_won(self.text(name))
        except UnclearWon as error:
            return self._wrong(name, error.code)

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return self._wrong(name, "number_missing")
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else self._wrong(name, "number_unclear")

    def choice(self, name: str) -> int | None:
        """A row's id, or None where nothing is chosen."""
        return self.number(name) if self.text(name) else None

    def moment(self, name: str) -> datetime | None:
        """A local time of the city, as an aware datetime."""
        return self._date(name, r"20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d)?", _city_time)

    def day(self, name: str) -> date | None:
        return self._date(name, r"20\d\d-\d\d-\d\d", date.fromisoformat)

    def _date(self, name: str, form: str, read: Any) -> Any:
        text = self.text(name)
        if not text:
            return self._wrong(name, "date_missing")
        if not re.fullmatch(form, text, re.ASCII):
            return self._wrong(name, "date_unclear")
        try:
            return read(text)
        except ValueError:
            return self._wrong(name, "date_unclear")

    def _wrong(self, name: str, code: str) -> Any:
        self.unread[name] = [code]
        return None


def _city_time(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00").replace(tzinfo=SEOUL)


def page_number() -> int:
    """The page that the address asks for, from 1."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if re.fullmatch(r"\d{1,6}", text, re.ASCII) else 1


def chosen_district() -> str | None:
    """The district that the address asks for; None for all of them."""
    code = request.args.get("district", "")
    return code if code in BY_CODE else None


def pages_of(total: int, size: int) -> int:
    """How many pages `total` rows fill."""
    return max(1, -(-total // size))
